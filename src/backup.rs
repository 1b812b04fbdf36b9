//! All that a service cannot make again, in one file: written while the service runs, and read back
//! with nothing believed.
//!
//! In: a copy of the database, held files and configuration files; out: a `.tar.zst` whose first
//! member says what it is and whose last one names every other with its hash. And the same way back,
//! into a folder beside the place where it is to stand. Knows nothing of what the database holds, and
//! puts nothing into its place: that is for the command to do once everything was found sound.

mod error;
mod pack;
mod place;
mod staging;
mod unpack;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use error::BackupError;
pub use pack::Packer;
use place::Place;
pub use place::{ASSETS, CONFIG, DATABASE, config_place};
pub use staging::Staging;
pub use unpack::{Unpacked, config_text, head, unpack};

/// The layout of the archive that this program writes; it reads this one and all before it.
pub const FORMAT: u32 = 1;

/// The first member.
const HEAD: &str = "backup.json";
/// The last member.
const MANIFEST: &str = "manifest.json";
/// What the first member calls the archive.
const KIND: &str = "lianbo";

/// What an archive is, before anything else of it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Always `lianbo`.
    pub backup: String,
    /// See [`FORMAT`].
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// The schema of its database.
    pub schema: u32,
    /// When the database was copied.
    pub made: DateTime<Utc>,
    /// Whether files of articles come with it.
    pub pictures: bool,
    /// Whether kept article pages come with it.
    pub pages: bool,
    /// The member that is the main configuration file, where there is one.
    #[serde(default)]
    pub main: Option<String>,
}

impl Head {
    /// The head of an archive made by this program.
    pub fn new(schema: u32, made: DateTime<Utc>, pictures: bool, pages: bool) -> Self {
        let (backup, version) = (KIND.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        Self { backup, format: FORMAT, version, schema, made, pictures, pages, main: None }
    }
}

/// What an archive holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// How much of each kind there is.
    pub counts: Counts,
    /// Every member but the first and this one, in the order of the archive.
    pub members: Vec<Member>,
    /// What should be there and is not.
    pub missing: Vec<Missing>,
}

/// How much of each kind an archive holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Items, withdrawn ones too.
    pub items: u64,
    /// Issues of digests.
    pub issues: u64,
    /// Kept pages.
    pub pages: u64,
    /// Files of articles.
    pub assets: u64,
    /// Configuration files.
    pub config: u64,
}

/// One file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Where it stands.
    pub path: String,
    /// Its size.
    pub size_bytes: u64,
    /// The blake3 hash of its bytes, in hex.
    pub blake3: String,
}

/// A file that should be in the archive and is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Which.
    pub path: String,
    /// Why, in English.
    pub why: String,
}

impl Missing {
    /// Whether it is a file of an article, which can be fetched again.
    pub fn is_asset(&self) -> bool {
        matches!(place::place(&self.path), Some(Place::Asset(_)))
    }
}

#[cfg(test)]
mod tests;
