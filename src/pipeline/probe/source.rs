//! Where the pages of a probe or a repair come from.

use crate::fetch::{Answer, Fetcher, Manners, Request};
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

impl Source {
    /// The page that answers `request`.
    pub(in crate::pipeline) async fn get(
        &self,
        request: &Request<'_>,
        now: DateTime<Utc>,
    ) -> Result<Page, Fault> {
        match self {
            Self::Network { fetcher, manners } => match fetcher.get(request, manners, now).await {
                Ok(Answer::Page(page)) => Ok(*page),
                Ok(Answer::NotModified) => {
                    Err(Fault::new(ProblemCode::HttpStatus, "status 304, unasked"))
                }
                Err(error) => Err(Fault::from(&error)),
            },
            Self::Folder(_) if !request.form.is_empty() => {
                let detail =
                    format!("`{}` is answered to a form, which no saved page is", request.url);
                Err(Fault::new(ProblemCode::NotSaved, detail))
            }
            Self::Folder(folder) => folder.page(request.url, now),
        }
    }
}
