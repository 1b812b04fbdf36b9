//! Where the pages of a probe or a repair come from.

use crate::fetch::{Answer, FetchError, Fetcher, Manners, Request};
use crate::model::{Page, ProblemCode};
use crate::problem::Fault;
use chrono::{DateTime, Utc};

use super::folder::Folder;

/// The network, or pages at hand.
#[derive(Clone)]
pub enum Source {
    /// The sites themselves, visited with these manners.
    Network {
        /// Who visits.
        fetcher: Fetcher,
        /// How.
        manners: Box<Manners>,
    },
    /// A folder of saved pages.
    Folder(std::sync::Arc<Folder>),
}

/// Why a page cannot be had.
pub(in crate::pipeline) struct Missing {
    /// What is told.
    pub(in crate::pipeline) fault: Fault,
    /// The site says that no such page is there, or no saved page is one.
    pub(in crate::pipeline) is_gone: bool,
}

impl Missing {
    /// A page that may be had another time.
    pub(in crate::pipeline) fn now(fault: Fault) -> Self {
        Self { fault, is_gone: false }
    }
}

impl Source {
    /// The page that answers `request`.
    pub(in crate::pipeline) async fn get(
        &self,
        request: &Request<'_>,
        now: DateTime<Utc>,
    ) -> Result<Page, Fault> {
        self.seek(request, now).await.map_err(|missing| missing.fault)
    }

    /// Like [`Source::get`], telling what is gone from what cannot be had.
    pub(in crate::pipeline) async fn seek(
        &self,
        request: &Request<'_>,
        now: DateTime<Utc>,
    ) -> Result<Page, Missing> {
        match self {
            Self::Network { fetcher, manners } => match fetcher.get(request, manners, now).await {
                Ok(Answer::Page(page)) => Ok(*page),
                Ok(Answer::NotModified) => {
                    let fault = Fault::new(ProblemCode::HttpStatus, "status 304, unasked");
                    Err(Missing::now(fault))
                }
                Err(error) => {
                    let is_gone = matches!(error, FetchError::Status { status: 404 | 410, .. });
                    Err(Missing { fault: Fault::from(&error), is_gone })
                }
            },
            Self::Folder(_) if !request.form.is_empty() => {
                let detail =
                    format!("`{}` is answered to a form, which no saved page is", request.url);
                Err(Missing::now(Fault::new(ProblemCode::NotSaved, detail)))
            }
            Self::Folder(folder) => folder.page(request.url, now).map_err(|fault| {
                let is_gone = fault.code == ProblemCode::NotSaved;
                Missing { fault, is_gone }
            }),
        }
    }
}
