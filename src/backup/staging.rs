//! A folder beside the place where something is to stand: made whole there, then renamed.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::BackupError;

/// Held in the folder by who works in it; the daemon's lock of its data folder has the same name, so
/// that a restored folder is locked from before it stands in its place.
const LOCK: &str = "lianbo.lock";

/// A folder that is gone when this is dropped, with all that was not put into its place.
#[derive(Debug)]
pub struct Staging {
    folder: PathBuf,
    _lock: File,
}

impl Staging {
    /// The folder `.NAME.part` beside `place`, empty; what a kill left there is removed.
    ///
    /// Only its owner may look into it: a backup holds what is not public.
    pub fn beside(place: &Path) -> Result<Self, BackupError> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let folder = place.with_file_name(format!(".{name}.part"));
        if folder.exists() {
            let _left = lock(&folder)?;
            fs::remove_dir_all(&folder).map_err(|error| BackupError::file(&folder, error))?;
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(&folder).map_err(|error| BackupError::file(&folder, error))?;
        let lock = lock(&folder)?;
        Ok(Self { folder, _lock: lock })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Renames the file `name` of it to `place`; the rest goes.
    pub fn put_file(self, name: &str, place: &Path) -> Result<(), BackupError> {
        let from = self.folder.join(name);
        File::open(&from)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&from, place))
            .map_err(|error| BackupError::file(place, error))?;
        sync_parent(place);
        Ok(())
    }

    /// Renames the folder `name` of it to `place`, where there is nothing or an empty folder. Its lock
    /// is held from before it stands there, as long as what is given back lives.
    pub fn put_folder(&self, name: &str, place: &Path) -> Result<File, BackupError> {
        let from = self.folder.join(name);
        let lock = lock(&from)?;
        // One call to have all of it on the disk, rather than one a file.
        rustix::fs::sync();
        fs::rename(&from, place).map_err(|error| BackupError::file(place, error))?;
        sync_parent(place);
        Ok(lock)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed is at least under a name that says what it is.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn lock(folder: &Path) -> Result<File, BackupError> {
    let path = folder.join(LOCK);
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(|error| BackupError::file(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupError::Busy(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(BackupError::file(&path, error)),
    }
}

/// Has the name on the disk too; a file system that cannot do that keeps it anyway by and by.
fn sync_parent(place: &Path) {
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let _ = File::open(parent).and_then(|folder| folder.sync_all());
}
