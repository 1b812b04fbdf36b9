//! A folder of files that is there whole: the bundle of an issue, with the same in a ZIP beside.

use std::fs;
use std::io::{self, Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The ZIP within the folder.
pub const ZIP: &str = "bundle.zip";

/// Writes `files` into `folder` in place of all that was there, with a ZIP of them.
///
/// They are written beside it first and then take its place: a reader finds the earlier bundle or the
/// new one. A kill leaves at most folders beside it whose names begin with a dot; an earlier bundle
/// that a kill left there comes back before anything else happens.
pub fn write<'a>(
    folder: &Path,
    files: impl Iterator<Item = (&'a str, &'a [u8])> + Clone,
) -> io::Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    // Two processes may write the same bundle: each beside the other.
    let part = folder.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let old = folder.with_file_name(format!(".{name}.old"));
    if old.exists() {
        match folder.exists() {
            true => fs::remove_dir_all(&old)?,
            false => fs::rename(&old, folder)?,
        }
    }
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    for (path, bytes) in files.clone() {
        put(&part.join(path), bytes)?;
    }
    put(&part.join(ZIP), &zipped(files)?)?;
    if folder.exists() {
        fs::rename(folder, &old)?;
    }
    fs::rename(&part, folder)?;
    if old.exists() {
        fs::remove_dir_all(old)?;
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The same files always give the same bytes: the ZIP knows no times.
fn zipped<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        // Pictures do not get smaller.
        let method = match path.rsplit_once('.') {
            Some((_, "jpg" | "png")) => CompressionMethod::Stored,
            _ => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default());
        zip.start_file(path, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_was_there_gives_way_to_the_new_files() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("issues/weekly/no1");
        let first = [("a.txt", &b"one"[..]), ("images/x.jpg", b"picture")];
        write(&folder, first.into_iter()).unwrap();
        let second = [("a.txt", &b"two"[..])];
        write(&folder, second.into_iter()).unwrap();
        assert_eq!(fs::read(folder.join("a.txt")).unwrap(), b"two");
        assert!(!folder.join("images").exists());
        // As a kill between giving up the place and taking it leaves things.
        fs::rename(&folder, folder.with_file_name(".no1.old")).unwrap();
        write(&folder, second.into_iter()).unwrap();
        let beside = fs::read_dir(folder.parent().unwrap()).unwrap().count();
        assert_eq!(beside, 1, "nothing is left beside it");
        let zip = fs::File::open(folder.join(ZIP)).unwrap();
        let mut zip = zip::ZipArchive::new(zip).unwrap();
        let mut text = String::new();
        zip.by_name("a.txt").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), zip.len()), ("two", 1));
    }
}
