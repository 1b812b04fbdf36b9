//! Where a proposed file is written, and whether the configuration takes it in.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::{Failure, USAGE, plain_path};
use crate::config::Config;
use crate::model::Lang;

use super::{io_failure, words};

/// The place for proposed files.
pub(super) struct Place {
    config: PathBuf,
    /// `None`: nothing is written; empty: beside the configuration.
    wanted: Option<String>,
    force: bool,
    /// Sites that are described already.
    known: Vec<String>,
}

impl Place {
    pub(super) fn new(config: &Config, wanted: Option<String>, force: bool) -> Self {
        let known = config.sites.iter().map(|site| site.id.to_string()).collect();
        Self { config: config.file.clone(), wanted, force, known }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.is_some()
    }

    /// True where all proposals go into one file.
    pub(super) fn is_one_file(&self) -> bool {
        self.wanted.as_ref().is_some_and(|name| !name.is_empty())
    }

    /// The file for the site `id`.
    fn file(&self, id: &str) -> PathBuf {
        match self.wanted.as_deref() {
            Some(name) if !name.is_empty() => PathBuf::from(name),
            _ => {
                let folder = self.config.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.unwrap_or(Path::new("."));
                folder.join("feeds/sites").join(format!("{id}.toml"))
            }
        }
    }

    /// Refuses what can be known to fail before a page is read: a named file that exists, or the
    /// chosen `id`.
    pub(super) fn check(&self, id: Option<&str>, lang: Lang) -> Result<(), Failure> {
        match id {
            _ if !self.is_wanted() => Ok(()),
            Some(id) => self.refused(id, lang),
            None if self.is_one_file() => self.taken(&self.file(""), lang),
            None => Ok(()),
        }
    }

    fn taken(&self, file: &Path, lang: Lang) -> Result<(), Failure> {
        if file.exists() && !self.force {
            let message = words::exists(lang, &plain_path(file));
            return Err(Failure { code: USAGE, message });
        }
        Ok(())
    }

    fn refused(&self, id: &str, lang: Lang) -> Result<(), Failure> {
        let file = self.file(id);
        self.taken(&file, lang)?;
        if !file.exists() && self.known.iter().any(|known| known == id) {
            return Err(Failure { code: USAGE, message: words::known_id(lang, id) });
        }
        Ok(())
    }

    /// Writes `text` for the site `id` and says where, and whether it is taken in.
    ///
    /// `complete` is false where no column was found.
    pub(super) fn write(
        &self,
        id: &str,
        text: &str,
        complete: bool,
        lang: Lang,
    ) -> Result<String, Failure> {
        self.refused(id, lang)?;
        let file = self.file(id);
        let shown = plain_path(&file);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| io_failure(&shown, &error))?;
        }
        #[expect(clippy::disallowed_methods, reason = "the operator asked for this file")]
        fs::write(&file, text).map_err(|error| io_failure(&shown, &error))?;
        Ok(self.told(id, &shown, complete, lang))
    }

    /// Where the file is, and what is left to do until the daemon reads it.
    fn told(&self, id: &str, shown: &str, complete: bool, lang: Lang) -> String {
        let loaded = if self.config.exists() { Some(Config::load(&self.config)) } else { None };
        let told = match loaded {
            Some(Ok(config)) if config.sites.iter().any(|site| site.id.as_str() == id) => {
                if !complete {
                    return words::incomplete(lang, shown);
                }
                words::written(lang, shown, id)
            }
            Some(Err(faults)) => format!("{}\n{}", words::unloaded(lang, shown), faults.text(lang)),
            _ => words::not_included(lang, shown, &plain_path(&self.config)),
        };
        if complete { told } else { format!("{}\n{told}", words::incomplete(lang, shown)) }
    }
}
