//! A federation network in a box: the sites of the folder `demo/` on loopback, and the
//! configuration of a daemon that reads them under their own names.

mod delivery;
mod mutation;
mod network;
mod platform;
mod scene;
mod table;
mod variation;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::{Config, Faults, Overrides};
use crate::model::{ProblemCode, Secret};
use crate::pipeline::Clock;

pub use mutation::Mutation;
pub use network::{Network, Request as SeenRequest};
pub use platform::{
    APP_ID, APP_SECRET, Digests, FakeArticle, FakeDraft, FakePlatform, Fault,
    Faults as PlatformFaults, PlatformRequest, Strictness, Titles,
};
pub use variation::Variation;
pub use walk::review;

/// Whether the sites change while one watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Nothing changes.
    Frozen,
    /// A new article appears every few seconds.
    Lively,
}

/// Time between two new articles of a lively network.
const LIVELY: Duration = Duration::from_secs(3);

/// The moment at which the frozen network is looked at.
const FROZEN_AT: &str = "2026-11-20T10:00:00Z";

/// Where the stand-in for the platform is looked at.
const PLATFORM: (std::net::Ipv4Addr, u16) = (std::net::Ipv4Addr::LOCALHOST, 8702);

/// Name of the file that marks a data folder as ours to empty.
const MARK: &str = ".lianbo-demo";

/// Why the demo did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The configuration of the folder has faults.
    #[error("{0}")]
    Config(Faults),
    /// A file of the folder cannot be used.
    #[error("demo file `{file}`: {what}", file = .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Another demo works on the data folder.
    #[error("data folder `{folder}` is in use by another demo", folder = .folder.display())]
    InUse {
        /// Which.
        folder: PathBuf,
    },
    /// A site cannot be redesigned.
    #[error(
        "site `{host}`: wanted `[[column]]` in its `responses.toml`, found none or no such site"
    )]
    NoColumns {
        /// Which.
        host: String,
    },
    /// No socket, or no data folder.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl DemoError {
    /// The faults, where it is the configuration.
    pub fn faults(&self) -> Option<&Faults> {
        match self {
            Self::Config(faults) => Some(faults),
            _ => None,
        }
    }

    /// The code it is told under, where it has one.
    pub fn code(&self) -> Option<ProblemCode> {
        matches!(self, Self::InUse { .. }).then_some(ProblemCode::DataLocked)
    }
}

/// A running network with a configuration that leads to it.
pub struct Demo {
    config: Config,
    network: Network,
    platform: FakePlatform,
}

impl Demo {
    /// Starts the sites of `folder`; `data` replaces the folder's own data folder.
    pub async fn start(
        folder: &Path,
        data: Option<&Path>,
        pace: Pace,
        now: DateTime<Utc>,
    ) -> Result<Self, DemoError> {
        let file = folder.join("config.toml");
        let config = Config::load_with(&file, data).map_err(DemoError::Config)?;
        let network = Network::start(folder, (pace == Pace::Lively).then_some(LIVELY), now).await?;
        let data = match (data, pace) {
            (Some(data), _) => data.to_owned(),
            (None, Pace::Frozen) => config.daemon.data.join("once"),
            (None, Pace::Lively) => config.daemon.data.join("lively"),
        };
        if pace == Pace::Lively && config.overrides.data.is_none() {
            empty(&data)?;
        }
        let resolve = network.addresses().into_iter().collect();
        let platform = platform(pace, now).await?;
        let secret = Secret::new(APP_SECRET);
        let platform_at = Some((platform.base(), secret));
        let overrides = Overrides { data: Some(data), resolve, platform: platform_at };
        let mut config = config.under(overrides);
        if pace == Pace::Frozen {
            // One site after the other: items get the same numbers on every run.
            config.daemon.workers = 1;
        }
        Ok(Self { config, network, platform })
    }

    /// The configuration of the daemon on this network.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The stand-in for the platform.
    pub fn platform(&self) -> &FakePlatform {
        &self.platform
    }

    /// The sites.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// A clock that stands still, so that the same content gives the same bytes on every run.
    pub fn frozen_clock() -> Clock {
        let at: DateTime<Utc> = FROZEN_AT.parse().expect("a literal in RFC 3339");
        Arc::new(move || at)
    }
}

/// Starts the stand-in for the platform; one that is looked at has an address to remember, where it
/// is free.
async fn platform(pace: Pace, now: DateTime<Utc>) -> std::io::Result<FakePlatform> {
    match pace {
        Pace::Frozen => FakePlatform::start(Arc::new(move || now)).await,
        Pace::Lively => {
            let clock = crate::daemon::machine_clock();
            let known = FakePlatform::start_at(PLATFORM.into(), Arc::clone(&clock)).await;
            match known {
                Ok(platform) => Ok(platform),
                Err(_) => FakePlatform::start(clock).await,
            }
        }
    }
}

/// Empties a data folder of an earlier demo; a folder without our mark is left alone, and so is one
/// that a demo still works on.
fn empty(folder: &Path) -> Result<(), DemoError> {
    if let Ok(lock) = std::fs::File::open(folder.join("lianbo.lock"))
        && matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock))
    {
        return Err(DemoError::InUse { folder: folder.to_owned() });
    }
    if folder.join(MARK).is_file() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    std::fs::File::create(folder.join(MARK))?;
    Ok(())
}
