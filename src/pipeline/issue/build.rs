//! Building an issue: choosing its items once, under a number of its own.

use chrono::NaiveDate;
use tracing::info;

use crate::compose::issue::{Candidates, choose, with_manuscripts};
use crate::config::Digest;
use crate::model::{Act, BEIJING, Chosen, Deed, IssueId, IssueState, Material};
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
        let (chosen, period) = self.choose(digest, date, None).await?;
        if chosen.is_empty() {
            info!(digest = slug, %date, "nothing new: no issue");
            return Ok(Built::Nothing);
        }
        let new = NewIssue {
            digest: slug.to_owned(),
            date,
            period,
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
        let (chosen, period) = self.choose(digest, record.issue.date, Some(&record)).await?;
        record.issue.chosen = with_manuscripts(chosen, &record.issue.chosen);
        record.issue.period = period;
        record.issue.edited();
        let act = person.act(Deed::Edited, self.now(), "重新选稿".to_owned(), String::new());
        self.keep(&record, Some(act), true).await?;
        self.freeze_pictures(id).await?;
        self.issue(id).await
    }

    /// What an issue of `digest` is made of; items of `anew` itself do not count as printed.
    async fn choose(
        &self,
        digest: &Digest,
        date: NaiveDate,
        anew: Option<&IssueRecord>,
    ) -> Result<(Vec<Chosen>, (NaiveDate, NaiveDate)), IssueError> {
        let mut items = Vec::new();
        for selection in &digest.selections {
            self.store.gather(selection).await?;
            items.extend(self.store.newest(selection, LOOKED_AT, None).await?);
        }
        let slug = &digest.spec.slug;
        let mut printed = self.store.printed_in(slug).await?;
        for chosen in anew.iter().flat_map(|record| &record.issue.chosen) {
            if let Material::Item { id, .. } = &chosen.from {
                printed.remove(id);
            }
        }
        let earlier = self.store.issues(Some(slug)).await?;
        let before = earlier.iter().find(|record| record.issue.date < date);
        let from = Candidates {
            date,
            window_days: digest.window_days,
            before: before.map(|record| (record.issue.date, record.issue.built)),
            printed: &printed,
            pinned: &digest.pinned,
            illustrated: digest.illustrated,
        };
        Ok((choose(&digest.spec, items, &from), from.period()))
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
