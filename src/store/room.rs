//! What the files of a data folder take up, and what its file system has left.

use std::fs;
use std::io;
use std::path::Path;

use super::open::DATABASE;

/// What the files of a data folder take up, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// The database with its log.
    pub database: u64,
    /// Held files below `public/`.
    pub assets: u64,
    /// Everything else below `public/`.
    pub documents: u64,
    /// How many files that is.
    pub document_count: u64,
    /// Bundles of issues.
    pub issues: u64,
    /// Files of which nothing is known.
    pub other: u64,
}

impl Room {
    /// Adds up the files of `folder`. What vanishes meanwhile counts nothing; links are not followed.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let mut room = Self::default();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = entry.path();
            match &*name {
                "public" => {
                    let (assets, _) = below(&path.join("assets"));
                    let (all, count) = below(&path);
                    room.assets = assets;
                    room.documents = all.saturating_sub(assets);
                    room.document_count = count;
                }
                "issues" => room.issues = below(&path).0,
                name if name.starts_with(DATABASE) => room.database += below(&path).0,
                _ => room.other += below(&path).0,
            }
        }
        Ok(room)
    }

    /// What the file system of `folder` has left for us.
    pub fn left(folder: &Path) -> io::Result<u64> {
        let found = rustix::fs::statvfs(folder)?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }
}

/// The bytes of the file, or of all files in the folder, at `path`, and how many files that is.
fn below(path: &Path) -> (u64, u64) {
    let Ok(found) = fs::symlink_metadata(path) else { return (0, 0) };
    if !found.is_dir() {
        return (found.len(), 1);
    }
    let Ok(entries) = fs::read_dir(path) else { return (0, 0) };
    let parts = entries.filter_map(Result::ok).map(|entry| below(&entry.path()));
    parts.fold((0, 0), |(bytes, count), (more, files)| (bytes + more, count + files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_counts_once_where_it_belongs() {
        let folder = tempfile::tempdir().unwrap();
        for (path, size) in [
            ("lianbo.db", 100),
            ("lianbo.db-wal", 20),
            ("lianbo.lock", 0),
            ("public/assets/a.jpg", 7),
            ("public/feeds/all.rss", 5),
            ("public/index.html", 6),
            ("issues/weekly/no1/bundle.zip", 3),
            ("old-backup.tar.zst", 1_000),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            io::Write::write_all(&mut fs::File::create(path).unwrap(), &vec![0; size]).unwrap();
        }
        std::os::unix::fs::symlink("/", folder.path().join("loop")).unwrap();
        let room = Room::of(folder.path()).unwrap();
        assert_eq!((room.database, room.assets, room.documents), (120, 7, 11));
        assert_eq!((room.document_count, room.issues), (3, 3));
        assert!((1_000..1_100).contains(&room.other), "{room:?}");
        assert!(Room::left(folder.path()).unwrap() > 0);
    }
}
