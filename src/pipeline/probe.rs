//! Probing: an address in, a site file and what it would yield out.
//!
//! The walk fetches the front page, the pages on it that may be columns, and an article of each;
//! `discover` says which of them are lists, `probe` what the site is and what its file says. Every
//! row and field shown was read with the rules that the file names.

mod article;
mod folder;
mod notes;
mod reading;
mod source;
mod trial;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use crate::config::Family;
use crate::fetch::Request;
use crate::model::{BEIJING, Both, Lang, Page};
use crate::probe::{self, Facts, Proposal, Sisters, level, short_name, site_id};
use crate::problem::Fault;
use crate::text::{registration, web};

pub use folder::{Folder, FolderError};
pub(in crate::pipeline) use source::Missing;
pub use source::Source;
pub use trial::{Doubt, Trial};

use super::parse;
use reading::Columns;
use walk::Walk;

/// What a probe works with.
#[derive(Clone)]
pub struct Prober {
    /// Where pages come from.
    pub source: Source,
    /// The families that are known.
    pub families: Arc<BTreeMap<String, Family>>,
    /// When it is; dates without a year are read by it.
    pub now: DateTime<Utc>,
    /// Pages read of one site at most.
    pub max_pages: usize,
}

/// What a probe found.
#[derive(Clone, Debug)]
pub struct Probed {
    /// The site file.
    pub proposal: Proposal,
    /// What each of its columns yields, in the same order.
    pub trials: Vec<Trial>,
    /// Pages that were looked at and are no columns.
    pub passed: Vec<Passed>,
    /// Possible columns that were left alone, since so many pages were read.
    pub left: usize,
    /// Pages that were read.
    pub pages: usize,
}

/// A page that was looked at and is no column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// As it is linked.
    pub name: String,
    /// Where.
    pub url: Url,
    /// Why not.
    pub why: Why,
}

/// Why a page is no column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It could not be read, or no list was found on it.
    Fault(Fault),
    /// It leads to the front page, to another site or to a page that was seen.
    Elsewhere(Url),
    /// All its rows stand in other columns.
    Same,
}

impl Prober {
    /// Looks at the site of `start`, which is its front page or one of its lists; `told` hears each
    /// address before it is read.
    ///
    /// The error says why not even the first page could be read.
    pub async fn probe(
        &self,
        start: &Url,
        id: Option<&str>,
        told: &(dyn Fn(&Url) + Sync),
    ) -> Result<Probed, Fault> {
        let mut walk = Walk::new(self, told);
        let site = walk.site(start).await?;
        let columns = Columns::read(self, &mut walk, &site.home, site.lists).await;
        let notes = self.notes(start, &site.home, &columns, &site.notes);
        let proposal = proposal(&site.home, &site.facts, id, columns.family.clone(), notes);
        Ok(columns.into_probed(proposal, walk))
    }

    /// The links of the portal page `url` to other sites, as it groups them.
    pub async fn sisters(&self, url: &Url) -> Result<Vec<Sisters>, Fault> {
        let page = self.source.get(&Request::to(url), self.now).await?;
        let read = |text: &str, page: &Page| probe::sisters(text, &page.url);
        parse(page, read).await.1.map_err(|rejection| Fault::from(&rejection))
    }

    /// The comments above the site.
    fn notes(&self, start: &Url, home: &Url, columns: &Columns, more: &[Both]) -> Vec<Both> {
        let day = self.now.with_timezone(&BEIJING).format("%Y-%m-%d");
        let mut notes = vec![
            Both::new(
                format!("由 lianbo probe 于 {day} 根据 {start} 提出；请核对名称、级别与栏目。"),
                format!(
                    "Proposed by lianbo probe on {day} from {start}; check names, level and columns."
                ),
            ),
            Both::new(
                format!("家族 {}：{}。", columns.family, columns.why.text(Lang::Zh)),
                format!("Family {}: {}.", columns.family, columns.why.text(Lang::En)),
            ),
        ];
        if !web::same_site(start, home) {
            notes.push(Both::new(
                format!("注意：{start} 转到了另一个网站 {home}，请核对是否仍是原来的单位。"),
                format!("Note: {start} leads to another site, {home}; check whose it is."),
            ));
        }
        notes.extend_from_slice(more);
        notes
    }
}

/// The site as the facts describe it, its columns still missing.
fn proposal(
    home: &Url,
    facts: &Facts,
    id: Option<&str>,
    family: String,
    notes: Vec<Both>,
) -> Proposal {
    let host = home.host_str().unwrap_or_default().to_owned();
    let name = facts.name.clone().or_else(|| facts.publisher.clone()).unwrap_or(host);
    let body = facts.publisher.as_deref().unwrap_or(&name);
    let mut self_names = vec!["本网".to_owned(), "本站".to_owned()];
    if facts.publisher.as_ref().is_some_and(|publisher| *publisher != name) {
        self_names.push(name.clone());
    }
    Proposal {
        id: id.map_or_else(|| site_id(home), str::to_owned),
        short_name: short_name(&name),
        level: level(
            if body.chars().count() > name.chars().count() { body } else { &name },
            facts.region(),
        )
        .to_owned(),
        region: facts.region().map(str::to_owned),
        publisher: facts.publisher.clone(),
        icp: facts.icp.as_deref().and_then(registration::whole_icp),
        site_id_code: facts.id_code.clone(),
        name,
        home: home.clone(),
        family,
        self_names,
        enabled: false,
        notes,
        columns: Vec::new(),
    }
}
