//! Building an issue: choosing its items once, under a number of its own.

use chrono::NaiveDate;
use tracing::info;

use crate::compose::issue::{Candidates, choose};
use crate::config::Digest;
use crate::model::{Act, BEIJING, Chosen, Deed, IssueId, IssueState};
use crate::store::{IssueRecord, NewIssue};

use super::acts::Person;
use super::{IssueError, Pipeline};

/// What came of building.
#[derive(Clone, Debug)]
pub enum Built {
    /// A new issue.
    New(IssueRecord),
    /// The issue of that day was there already; nothing of it changed.
    There(IssueRecord),
    /// Nothing is new: there is no issue, and no number was given.
    Nothing,
}

impl Built {
    /// The issue, where there is one.
    pub fn record(&self) -> Option<&IssueRecord> {
        match self {
            Self::New(record) | Self::There(record) => Some(record),
            Self::Nothing => None,
        }
    }
}

/// Items looked at for an issue: so many of the newest of each selection.
const LOOKED_AT: usize = 1_000;

impl Pipeline {
    /// Builds the issue of the digest `slug` that is dated `date`, today where none is given. Where
    /// there is one of that day, it stays as it is.
    pub async fn build_issue(
        &self,
        slug: &str,
        date: Option<NaiveDate>,
        person: &Person,
    ) -> Result<Built, IssueError> {
        let digest = self.config.digest(slug).ok_or_else(|| self.no_digest(slug))?;
        let date = date.unwrap_or_else(|| self.now().with_timezone(&BEIJING).date_naive());
        if let Some(there) = self.store.issue_on(slug, date).await? {
            return Ok(Built::There(self.issue(&there.issue.id).await?));
        }
        let chosen = self.choose(digest, date, None).await?;
        if chosen.is_empty() {
            info!(digest = slug, %date, "nothing new: no issue");
            return Ok(Built::Nothing);
        }
        let candidates = candidates(digest, date, &std::collections::BTreeSet::new()).period();
        let new = NewIssue {
            digest: slug.to_owned(),
            date,
            period: candidates,
            note: digest.note.clone(),
            chosen,
            pictures: std::collections::BTreeMap::new(),
            act: person.act(Deed::Built, self.now(), String::new(), String::new()),
            first: digest.first,
        };
        let (record, is_new) = self.store.open_issue(new).await?;
        let id = record.issue.id.clone();
        if !is_new {
            return Ok(Built::There(record));
        }
        self.freeze_pictures(&id).await?;
        info!(issue = %id, items = record.issue.chosen.len(), "issue built");
        Ok(Built::New(self.issue(&id).await?))
    }

    /// Gets what an issue prints and is not kept with it yet: pictures that could not be had when it
    /// was built, covers.
    pub async fn complete_issue(&self, id: &IssueId) -> Result<(), IssueError> {
        let record = self.issue(id).await?;
        if record.issue.state == IssueState::Built {
            self.freeze_pictures(id).await?;
        }
        Ok(())
    }

    /// Chooses the items of an issue anew, under the number that it has; what was added by hand stays
    /// at its end. Approvals are void.
    pub async fn choose_anew(
        &self,
        id: &IssueId,
        person: &Person,
    ) -> Result<IssueRecord, IssueError> {
        let mut record = self.issue(id).await?;
        self.still_open(&record)?;
        let digest = self.digest_of(id)?;
        let mut chosen = self.choose(digest, record.issue.date, Some(&record)).await?;
        let by_hand =
            |chosen: &&Chosen| matches!(chosen.from, crate::model::Material::Manuscript { .. });
        for mut kept in record.issue.chosen.iter().filter(by_hand).cloned().collect::<Vec<_>>() {
            if chosen.iter().any(|other| other.key == kept.key) {
                let free = crate::compose::issue::free_key(&chosen);
                self.rename_manuscript(id, &kept.key, &free).await?;
                kept.key = free;
            }
            chosen.push(kept);
        }
        record.issue.chosen = chosen;
        record.issue.version += 1;
        record.issue.state = IssueState::Built;
        let act = person.act(Deed::Edited, self.now(), "重新选稿".to_owned(), String::new());
        self.keep(&record, Some(act), true).await?;
        self.freeze_pictures(id).await?;
        self.issue(id).await
    }

    async fn rename_manuscript(
        &self,
        id: &IssueId,
        from: &str,
        to: &str,
    ) -> Result<(), IssueError> {
        let mut manuscripts = self.store.manuscripts(id).await?;
        if let Some(manuscript) = manuscripts.remove(from) {
            self.store.keep_manuscript(id, to, manuscript).await?;
        }
        Ok(())
    }

    /// What an issue of `digest` is made of; items of `anew` itself do not count as printed.
    async fn choose(
        &self,
        digest: &Digest,
        date: NaiveDate,
        anew: Option<&IssueRecord>,
    ) -> Result<Vec<Chosen>, IssueError> {
        let mut items = Vec::new();
        for selection in &digest.selections {
            self.store.gather(selection).await?;
            items.extend(self.store.newest(selection, LOOKED_AT, None).await?);
        }
        let mut printed = self.store.printed_in(&digest.spec.slug).await?;
        for chosen in anew.iter().flat_map(|record| &record.issue.chosen) {
            if let crate::model::Material::Item { id, .. } = &chosen.from {
                printed.remove(id);
            }
        }
        Ok(choose(&digest.spec, items, &candidates(digest, date, &printed)))
    }

    /// Stores a changed record.
    pub(super) async fn keep(
        &self,
        record: &IssueRecord,
        act: Option<Act>,
        voids: bool,
    ) -> Result<(), IssueError> {
        match self.store.keep_issue(record, act, voids).await? {
            true => Ok(()),
            false => Err(IssueError::changed(&record.issue.id)),
        }
    }

    /// Refuses what was sent or given up.
    pub(super) fn still_open(&self, record: &IssueRecord) -> Result<(), IssueError> {
        if record.issue.state != IssueState::Closed {
            return Ok(());
        }
        let id = &record.issue.id;
        Err(IssueError::refused(
            format!("{id} 已结束（已发送、已印发或已作废），不能再改"),
            format!("{id} is closed: nothing of it changes any more"),
        ))
    }
}

fn candidates<'a>(
    digest: &'a Digest,
    date: NaiveDate,
    printed: &'a std::collections::BTreeSet<crate::model::ItemId>,
) -> Candidates<'a> {
    let Digest { window_days, pinned, illustrated, .. } = digest;
    let (window_days, illustrated) = (*window_days, *illustrated);
    Candidates { date, window_days, printed, pinned, illustrated }
}
