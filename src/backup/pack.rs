//! Writing an archive, member by member.

use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::path::Path;

use tar::{Builder, EntryType, Header};
use zstd::stream::write::Encoder;

use super::{BackupError, Counts, HEAD, Head, MANIFEST, Manifest, Member, Missing};

/// Compression level: what is large in it is compressed already.
const LEVEL: i32 = 6;

/// An archive being written.
pub struct Packer<W: Write> {
    tar: Builder<Encoder<'static, W>>,
    /// All of them have the time at which the database was copied.
    seconds: u64,
    manifest: Manifest,
}

impl<W: Write> Packer<W> {
    /// Begins with what the archive is.
    pub fn new(out: W, head: &Head) -> Result<Self, BackupError> {
        let mut encoder = Encoder::new(out, LEVEL).map_err(written)?;
        encoder.include_checksum(true).map_err(written)?;
        let seconds = u64::try_from(head.made.timestamp()).unwrap_or(0);
        let mut packer =
            Self { tar: Builder::new(encoder), seconds, manifest: Manifest::default() };
        packer.append(HEAD, &json(head)?)?;
        Ok(packer)
    }

    /// Adds `bytes` at `path`, one of the places of a backup.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), BackupError> {
        self.append(path, bytes)?;
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        self.member(path, bytes.len() as u64, blake3);
        Ok(())
    }

    /// Adds the file `from`, which nobody writes to, at `path`.
    pub fn add_file(&mut self, path: &str, from: &Path) -> Result<(), BackupError> {
        let fault = |error| BackupError::file(from, error);
        let file = File::open(from).map_err(fault)?;
        let size_bytes = file.metadata().map_err(fault)?.len();
        let mut reader = Hashing { reader: file, hasher: blake3::Hasher::new(), read_bytes: 0 };
        let header = self.header(path, size_bytes)?;
        self.tar.append(&header, (&mut reader).take(size_bytes)).map_err(written)?;
        if reader.read_bytes != size_bytes {
            let what = io::Error::new(io::ErrorKind::UnexpectedEof, "grew or shrank meanwhile");
            return Err(fault(what));
        }
        self.member(path, size_bytes, reader.hasher.finalize().to_hex().to_string());
        Ok(())
    }

    /// Notes that the archive lacks `path`.
    pub fn lacks(&mut self, path: &str, why: impl Into<String>) {
        self.manifest.missing.push(Missing { path: path.to_owned(), why: why.into() });
    }

    /// Ends with what the archive holds, and gives that and where it was written.
    pub fn finish(mut self, counts: Counts) -> Result<(Manifest, W), BackupError> {
        self.manifest.counts = counts;
        let text = json(&self.manifest)?;
        self.append(MANIFEST, &text)?;
        let encoder = self.tar.into_inner().map_err(written)?;
        let mut out = encoder.finish().map_err(written)?;
        out.flush().map_err(written)?;
        Ok((self.manifest, out))
    }

    fn member(&mut self, path: &str, size_bytes: u64, blake3: String) {
        self.manifest.members.push(Member { path: path.to_owned(), size_bytes, blake3 });
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let header = self.header(path, bytes.len() as u64)?;
        self.tar.append(&header, Cursor::new(bytes)).map_err(written)
    }

    fn header(&self, path: &str, size_bytes: u64) -> Result<Header, BackupError> {
        let mut header = Header::new_ustar();
        header.set_path(path).map_err(|error| BackupError::file(Path::new(path), error))?;
        header.set_entry_type(EntryType::Regular);
        header.set_size(size_bytes);
        header.set_mode(0o600);
        header.set_mtime(self.seconds);
        header.set_cksum();
        Ok(header)
    }
}

/// Hashes what is read through it.
struct Hashing {
    reader: File,
    hasher: blake3::Hasher,
    read_bytes: u64,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.read_bytes += count as u64;
        Ok(count)
    }
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, BackupError> {
    serde_json::to_vec_pretty(value).map_err(|error| written(error.into()))
}

/// The archive itself could not be written.
fn written(error: io::Error) -> BackupError {
    BackupError::file(Path::new("backup"), error)
}
