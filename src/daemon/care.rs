//! Looks after the files of a site between its runs: a run never waits for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::model::{ColumnId, SiteId};
use crate::pipeline::{Patience, Pipeline, TakenIn};
use crate::store::StoreError;

/// Sites looked after at once.
const CARERS: usize = 4;

/// What is looked after, and who.
pub(super) struct Care {
    places: Arc<Semaphore>,
    under_way: BTreeMap<SiteId, CancellationToken>,
    /// Sites whose items changed while they were looked after.
    again: BTreeSet<SiteId>,
    tasks: JoinSet<(SiteId, Result<TakenIn, StoreError>)>,
    end: CancellationToken,
}

impl Care {
    pub(super) fn new(end: CancellationToken) -> Self {
        Self {
            places: Arc::new(Semaphore::new(CARERS)),
            under_way: BTreeMap::new(),
            again: BTreeSet::new(),
            tasks: JoinSet::new(),
            end,
        }
    }

    /// Begins with the files of `id`, unless that is under way.
    pub(super) fn begin(&mut self, pipeline: &Pipeline, id: &SiteId) {
        if self.under_way.contains_key(id) {
            self.again.insert(id.clone());
            return;
        }
        let Some(site) = pipeline.config.site(id).cloned() else { return };
        let patience = Patience { pause: CancellationToken::new(), end: self.end.clone() };
        self.under_way.insert(id.clone(), patience.pause.clone());
        let (pipeline, places, id) = (pipeline.clone(), Arc::clone(&self.places), id.clone());
        self.tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            let work = tokio::spawn(async move { pipeline.take_in(&site, &patience).await });
            // A panic ends this round alone; the next one begins with the next run.
            (id, work.await.unwrap_or_else(|_| Ok(TakenIn::default())))
        });
    }

    /// Leaves off with the files of `id`, whose run is about to begin.
    pub(super) fn pause(&self, id: &SiteId) {
        if let Some(pause) = self.under_way.get(id) {
            pause.cancel();
        }
    }

    /// The next site that was looked after, the columns that are shown otherwise by it, and whether
    /// to begin once more; `None` while none is under way.
    pub(super) async fn ended(&mut self) -> Option<Ended> {
        let (site, result) = self.tasks.join_next().await?.ok()?;
        self.under_way.remove(&site);
        let again = self.again.remove(&site);
        Some(Ended { site, columns: result.map(|done| done.columns), again })
    }
}

/// How looking after a site ended.
pub(super) struct Ended {
    pub(super) site: SiteId,
    pub(super) columns: Result<BTreeSet<ColumnId>, StoreError>,
    pub(super) again: bool,
}
