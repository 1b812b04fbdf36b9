//! Keeping within bounds: what the data folder takes up, what of it goes by age or by the budget, and
//! what the operator has to know.
//!
//! Never an item, never a file in use. A kill at any moment leaves what a run would leave: each drop is
//! one transaction, and the bytes of a file go before its record, which [`Pipeline::recover`] finds.

mod plan;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use crate::model::{ProblemCode, Usage, UsageKind, UsagePart};
use crate::problem::Fault;
use crate::store::{IdleFile, OldPage, OldRevision, Room, Sizes, StoreError};

use super::{Pipeline, progress};
pub use plan::Take;
use plan::{Piece, Stock};

/// What is younger never goes, however small the budget: runs may still need it (days).
const YOUNGEST_DAYS: i64 = 7;
/// From so many hundredths of the budget on the operator is warned.
const NEAR_PERCENT: u64 = 90;
/// Under which all of this is told.
const SUBJECT: &str = "disk";

/// What the data folder takes up, and what of it would go.
#[derive(Clone, Debug)]
pub struct Survey {
    /// What it takes up.
    pub usage: Usage,
    /// Files that no item names.
    pub files: Take,
    /// Kept article pages.
    pub pages: Take,
    /// Texts of earlier revisions.
    pub revisions: Take,
    /// Traces of what is over.
    pub records: u64,
    /// What is beyond the budget even after that, in bytes.
    pub over: u64,
    candidates: Candidates,
}

/// What may go, the oldest first.
#[derive(Clone, Debug, Default)]
struct Candidates {
    files: Vec<IdleFile>,
    pages: Vec<OldPage>,
    revisions: Vec<OldRevision>,
    records_before: Option<DateTime<Utc>>,
}

/// What pruning did.
#[derive(Clone, Debug)]
pub struct Pruned {
    /// What there was, and what was to go.
    pub before: Survey,
    /// What there is now.
    pub usage: Usage,
    /// Bytes given back to the file system.
    pub given_back: u64,
    /// What could not be removed.
    pub faults: Vec<Fault>,
}

impl Pipeline {
    /// What the data folder takes up now.
    pub async fn usage(&self) -> Result<Usage, StoreError> {
        let sizes = self.store.sizes().await?;
        let folder = self.config.daemon.data.clone();
        let measured = tokio::task::spawn_blocking(move || {
            let measured = Room::of(&folder).and_then(|room| Ok((room, Room::left(&folder)?)));
            measured.map_err(|error| StoreError::File { path: folder, error })
        });
        let (room, disk_free) = measured.await.map_err(|_| StoreError::stopped())??;
        let budget = self.config.retention.disk_budget;
        Ok(Usage { parts: parts(&sizes, &room), budget, disk_free })
    }

    /// What the data folder takes up, and what pruning would take from it; changes nothing.
    pub async fn survey(&self) -> Result<Survey, StoreError> {
        let (now, rules) = (self.now(), &self.config.retention);
        let youngest = now - TimeDelta::days(YOUNGEST_DAYS);
        let candidates = Candidates {
            files: self.store.idle_files(youngest).await?,
            pages: self.store.old_pages().await?,
            revisions: self.store.old_revisions().await?,
            records_before: rules.records.before(now),
        };
        let records = match candidates.records_before {
            Some(before) => self.store.old_records(before).await?,
            None => 0,
        };
        let usage = self.usage().await?;
        let excess = usage.budget.map_or(0, |budget| usage.live().saturating_sub(budget));
        let files = candidates.files.iter().map(|file| (file.since, file.asset.size_bytes));
        let pages = candidates.pages.iter().map(|page| (page.fetched, page.bytes));
        let revisions = candidates.revisions.iter().map(|old| (old.until, old.bytes));
        let stocks = [
            stock(files, rules.pictures.before(now)),
            stock(pages, rules.pages.before(now)),
            stock(revisions, rules.revisions.before(now)),
        ];
        let ([files, pages, revisions], over) = plan::plan(&stocks, youngest, excess);
        Ok(Survey { usage, files, pages, revisions, records, over, candidates })
    }

    /// Drops what is too old or beyond the budget, gives room back, and tells how the disk stands.
    pub async fn prune(&self) -> Result<Pruned, StoreError> {
        let mut faults = self.gather_files().await?;
        self.store.note_idle_files(self.now()).await?;
        let before = self.survey().await?;
        let candidates = &before.candidates;
        for file in &candidates.files[..before.files.count] {
            // Bytes first: a record without bytes is found by the next start, bytes without a record
            // never are.
            match self.shelf.remove(&file.asset.path()).await {
                Ok(()) => self.store.forget_file(&file.asset).await?,
                Err(error) => faults.push(Fault::from(&error)),
            }
            progress::pruned("files", 1);
        }
        let pages = &candidates.pages[..before.pages.count];
        self.store.drop_pages(pages, |count| progress::pruned("pages", count)).await?;
        let revisions = &candidates.revisions[..before.revisions.count];
        self.store.drop_revisions(revisions, |n| progress::pruned("revisions", n)).await?;
        if let Some(time) = candidates.records_before {
            self.store.drop_records(time).await?;
        }
        let given_back = self.store.give_back().await?;
        progress::pruned("bytes", usize::try_from(given_back).unwrap_or(usize::MAX));
        let usage = self.usage().await?;
        self.tell_disk(&usage).await?;
        info!(
            files = before.files.count,
            pages = before.pages.count,
            revisions = before.revisions.count,
            records = before.records,
            given_back_bytes = given_back,
            used_bytes = usage.total(),
            "pruned"
        );
        Ok(Pruned { before, usage, given_back, faults })
    }

    /// Opens or heals the problems of the disk.
    pub async fn tell_disk(&self, usage: &Usage) -> Result<(), StoreError> {
        let mut faults = Vec::new();
        if let Some(budget) = usage.budget {
            let live = usage.live();
            // In parts of a hundred, so that no budget is too large to be multiplied.
            let near = budget / 100 * NEAR_PERCENT;
            let code = match live {
                live if live > budget => Some(ProblemCode::DiskBudgetOver),
                live if live >= near => Some(ProblemCode::DiskBudgetNear),
                _ => None,
            };
            faults.extend(code.map(|code| Fault::new(code, shares(usage, live, budget))));
        }
        if usage.disk_free < self.config.retention.disk_free {
            let detail = format!(
                "{} left where `{}` is, {} are wanted",
                size(usage.disk_free),
                self.config.daemon.data.display(),
                size(self.config.retention.disk_free)
            );
            faults.push(Fault::new(ProblemCode::DiskLow, detail));
        }
        self.tell(SUBJECT, &faults, &[]).await
    }
}

fn stock(
    pieces: impl Iterator<Item = (DateTime<Utc>, u64)>,
    before: Option<DateTime<Utc>>,
) -> Stock {
    Stock { pieces: pieces.map(|(at, bytes)| Piece { at, bytes }).collect(), before }
}

fn parts(sizes: &Sizes, room: &Room) -> Vec<UsagePart> {
    let within = sizes.items.bytes
        + sizes.revisions.bytes
        + sizes.pages.bytes
        + sizes.issues.bytes
        + sizes.free_bytes;
    UsageKind::ALL
        .iter()
        .map(|&kind| {
            let (count, bytes) = match kind {
                UsageKind::Items => (Some(sizes.items.count), sizes.items.bytes),
                UsageKind::Revisions => (Some(sizes.revisions.count), sizes.revisions.bytes),
                UsageKind::Pages => (Some(sizes.pages.count), sizes.pages.bytes),
                UsageKind::Pictures => (Some(sizes.assets.count), room.assets),
                UsageKind::Issues => (None, sizes.issues.bytes + room.issues),
                UsageKind::Documents => {
                    let count = room.document_count.saturating_sub(sizes.assets.count);
                    (Some(count), room.documents)
                }
                UsageKind::Index => (None, room.database.saturating_sub(within)),
                UsageKind::Free => (None, sizes.free_bytes),
                UsageKind::Other => (None, room.other),
            };
            UsagePart { kind, count, bytes }
        })
        .collect()
}

/// How much of how much, and by what.
fn shares(usage: &Usage, live: u64, budget: u64) -> String {
    let mut parts: Vec<&UsagePart> =
        usage.parts.iter().filter(|part| part.bytes > 0 && part.kind != UsageKind::Free).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    let parts: Vec<String> =
        parts.iter().map(|part| format!("{} {}", part.kind.as_str(), size(part.bytes))).collect();
    format!("{} of {}: {}", size(live), size(budget), parts.join(", "))
}

/// A size as people read it.
fn size(bytes: u64) -> String {
    crate::text::size::shown(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Amount;

    #[test]
    fn every_byte_of_the_folder_is_told_once() {
        let amount = |bytes| Amount { count: 2, bytes };
        let sizes = Sizes {
            items: amount(100),
            revisions: amount(50),
            pages: amount(300),
            issues: amount(20),
            assets: amount(999),
            database_bytes: 700,
            free_bytes: 30,
        };
        let room = Room {
            database: 720,
            assets: 1_000,
            documents: 80,
            document_count: 9,
            issues: 7,
            other: 3,
        };
        let usage = Usage { parts: parts(&sizes, &room), budget: Some(1_000), disk_free: 0 };
        assert_eq!(usage.total(), 720 + 1_000 + 80 + 7 + 3);
        assert_eq!(usage.live(), usage.total() - 30);
        assert_eq!(usage.of(UsageKind::Index), 720 - 500);
        let told = shares(&usage, usage.live(), 1_000);
        assert!(told.contains("pictures 1000 B") || told.contains("pictures 1,000 B"), "{told}");
        assert!(told.find("pictures").unwrap() < told.find("pages").unwrap(), "{told}");
    }
}
