//! What can be made out of a configuration that has faults, for commands that only look on.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;

use super::reader::{Section, Sink, Source};
use super::{DEFAULTS, forms, include};

/// Where the data is and in which zone times are told, as far as a file can be read; the defaults
/// stand in for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// The data folder.
    pub data: PathBuf,
    /// The zone of the schedule.
    pub zone: Tz,
}

impl Glimpse {
    /// Reads what can be read of `file`, be it broken or absent.
    pub fn of(file: &Path) -> Self {
        let quiet = Sink::default();
        let main = include::source(file, &quiet).map(|source| source.text);
        Self::of_text(file, main.unwrap_or_default())
    }

    /// What a file with this text would say if it stood at `file`.
    pub fn of_text(file: &Path, text: String) -> Self {
        let quiet = Sink::default();
        let main = Source { name: String::new(), text };
        let defaults = Source { name: "defaults".to_owned(), text: DEFAULTS.to_owned() };
        let (beneath, table) = (defaults.parse(&quiet), main.parse(&quiet));
        let beneath = Section::root(&defaults, &beneath, &quiet);
        let top = Section::root(&main, &table, &quiet).over(&beneath);
        let data = top.section("daemon").text("data").unwrap_or_else(|| "data".to_owned());
        let zone = top.section("schedule").parsed("zone", forms::zone);
        Self {
            data: include::folder_of(file).join(data),
            zone: zone.unwrap_or(chrono_tz::Asia::Shanghai),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The data folder, relative to the file, and the zone.
    fn glimpse(text: Option<&[u8]>) -> (String, &'static str) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        if let Some(text) = text {
            #[expect(clippy::disallowed_methods, reason = "a test lays out the file it needs")]
            std::fs::write(&file, text).unwrap();
        }
        let found = Glimpse::of(&file);
        let data = found.data.strip_prefix(folder.path()).unwrap().display().to_string();
        (data, found.zone.name())
    }

    #[test]
    fn faults_do_not_hide_what_stands_beside_them() {
        let both = "[daemon]\ndata = \"here\"\n[schedule]\nzone = \"Europe/Berlin\"\n";
        let told = ("here".to_owned(), "Europe/Berlin");
        assert_eq!(glimpse(Some(both.as_bytes())), told);
        assert_eq!(glimpse(Some(format!("{both}[[site]]\nid = \"A B\"\n").as_bytes())), told);
        assert_eq!(glimpse(Some(format!("{both}[[site]\nid =\n").as_bytes())), told);
    }

    #[test]
    fn the_defaults_stand_in() {
        let defaults = ("data".to_owned(), "Asia/Shanghai");
        let wrong = b"[daemon]\ndata = 3\n[schedule]\nzone = \"Mars\"\n";
        for text in [None, Some(&b""[..]), Some(&wrong[..]), Some(&b"\xff\xfe"[..])] {
            assert_eq!(glimpse(text), defaults, "{text:?}");
        }
    }
}
