//! Files that are whole or not there: written under another name and then renamed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

/// A file that is being written; dropped before its end, it leaves nothing.
pub(in crate::cli) struct PartFile {
    writer: Option<BufWriter<File>>,
    part: PathBuf,
    path: PathBuf,
}

impl PartFile {
    pub(in crate::cli) fn create(path: &Path) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let part = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let writer = Some(BufWriter::new(File::create(&part)?));
        Ok(Self { writer, part, path: path.to_owned() })
    }

    pub(in crate::cli) fn path(&self) -> &Path {
        &self.path
    }

    pub(in crate::cli) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.write_all(bytes))
    }

    /// Puts it in its place, once the disk has it.
    pub(in crate::cli) fn finish(mut self) -> io::Result<()> {
        if let Some(writer) = self.writer.take() {
            let written = writer.into_inner().map_err(io::IntoInnerError::into_error);
            let placed = written.and_then(|file| file.sync_all());
            if let Err(error) = placed.and_then(|()| fs::rename(&self.part, &self.path)) {
                let _ = fs::remove_file(&self.part);
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            // What cannot be removed is at least under a name that says what it is.
            let _ = fs::remove_file(&self.part);
        }
    }
}

pub(in crate::cli) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = PartFile::create(path)?;
    file.write(bytes)?;
    file.finish()
}

pub(in crate::cli) fn folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Puts `files` into the folder, and takes out what an earlier export left there: pictures that the
/// item no longer shows. What is not `ours` by its name stays.
pub(in crate::cli) fn beside(
    path: &Path,
    files: &[(String, &Bytes)],
    ours: &dyn Fn(&str) -> bool,
) -> io::Result<()> {
    if !files.is_empty() {
        folder(path)?;
    }
    for (name, bytes) in files {
        put(&path.join(name), bytes)?;
    }
    if !path.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if ours(&name) && !files.iter().any(|(kept, _)| *kept == name) {
            fs::remove_file(entry.path())?;
        }
    }
    if files.is_empty() {
        // Only where nothing else is in it.
        let _ = fs::remove_dir(path);
    }
    Ok(())
}
