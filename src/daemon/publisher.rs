//! Publishes feeds when their columns changed, or on their own cron.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::config::{Config, Publication};
use crate::model::{ColumnId, Seq};
use crate::pipeline::{Pipeline, Published};
use crate::serve::Catalogue;
use crate::store::StoreError;

use super::job::{Duty, Job};
use super::plan;
use super::timetable::Timetable;
use super::{GATHER, Watched};

/// The longest sleep between two looks at the clock, and between two trials to write.
const LOOK: Duration = Duration::from_secs(20);
/// Between two looks at what commands beside the daemon took back or let out.
const ASIDE: Duration = Duration::from_secs(1);

/// Publishes under the running configuration.
struct Publisher {
    pipeline: Pipeline,
    catalogue: Catalogue,
    watched: Watched,
    /// Told up to which change everything is published.
    fresh: watch::Sender<Seq>,
    timetable: Timetable,
    /// Slugs of feeds that have to be published again because something could not be written; item
    /// pages and the index are looked through every time.
    again: Option<BTreeSet<String>>,
    /// Up to where what was taken back or let out was tried to be published.
    tried: i64,
}

/// Runs until `end`, then publishes what is still waiting.
pub(super) async fn run(
    pipeline: Pipeline,
    catalogue: Catalogue,
    mut config: watch::Receiver<Arc<Config>>,
    mut changed: mpsc::UnboundedReceiver<ColumnId>,
    end: CancellationToken,
    watched: Watched,
    fresh: watch::Sender<Seq>,
) {
    let timetable = Timetable::new(Duty::Publish, usize::MAX);
    let mut publisher =
        Publisher { pipeline, catalogue, watched, fresh, timetable, again: None, tried: 0 };
    // What a kill left undone is made good first.
    publisher.begin().await;
    let mut look = publisher.next_look();
    loop {
        let mut columns = HashSet::new();
        tokio::select! {
            // In this order, so that the same events have the same end.
            biased;
            column = changed.recv() => match column {
                Some(column) => { columns.insert(column); }
                // The scheduler is gone, and with it the last change.
                None => break,
            },
            Ok(()) = config.changed() => {
                let config = Arc::clone(&config.borrow_and_update());
                publisher.pipeline = publisher.pipeline.with_config(config);
                publisher.begin().await;
                look = publisher.next_look();
                continue;
            }
            () = tokio::time::sleep_until(look.min(Instant::now() + ASIDE)) => {}
        }
        if !columns.is_empty() && !end.is_cancelled() {
            gather(&mut changed, &mut columns, &end).await;
        }
        while let Ok(column) = changed.try_recv() {
            columns.insert(column);
        }
        publisher.out_of_turn().await;
        if !columns.is_empty() || look <= Instant::now() {
            publisher.go_on(&columns).await;
            look = publisher.next_look();
        }
    }
}

/// Waits a moment so that a burst of changes is published together.
async fn gather(
    changed: &mut mpsc::UnboundedReceiver<ColumnId>,
    columns: &mut HashSet<ColumnId>,
    end: &CancellationToken,
) {
    let pause = tokio::time::sleep(GATHER);
    tokio::pin!(pause);
    loop {
        tokio::select! {
            biased;
            () = &mut pause => return,
            () = end.cancelled() => return,
            column = changed.recv() => match column {
                Some(column) => { columns.insert(column); }
                None => return,
            },
        }
    }
}

impl Publisher {
    fn next_look(&self) -> Instant {
        Instant::now() + self.timetable.wait((self.pipeline.clock)(), LOOK)
    }

    /// Takes back what the configuration no longer names and publishes what it does, except feeds
    /// whose own time has not come.
    async fn begin(&mut self) {
        if let Err(error) = self.pipeline.name_sites().await {
            error!(code = error.code().as_str(), "{error}");
        }
        self.sweep().await;
        let tasks = plan::publications(&self.pipeline.config);
        self.timetable.adopt(&self.pipeline, usize::MAX, tasks).await;
        let due = self.due().await;
        let wanted = |feed: &Publication| self.is_wanted(feed, &due).unwrap_or(true);
        self.publish(self.slugs(wanted)).await;
        self.out_of_turn().await;
    }

    /// Publishes what was taken back or let out, at once: feeds that wait for a time of their own
    /// too.
    async fn out_of_turn(&mut self) {
        let (columns, number) = match self.pipeline.store.unpublished().await {
            Ok(found) => found,
            Err(error) => {
                error!(code = error.code().as_str(), "{error}");
                return;
            }
        };
        // What could not be written then is tried again like everything else.
        if number == 0 || (number <= self.tried && self.again.is_some()) {
            return;
        }
        self.tried = number;
        let holds =
            |feed: &Publication| columns.iter().any(|column| feed.spec.selection.may_hold(column));
        let slugs = self.slugs(holds);
        let before = self.again.take();
        self.publish(slugs).await;
        let fine = self.again.is_none();
        // What failed before that is still to be written.
        if let Some(before) = before {
            self.again.get_or_insert_default().extend(before);
        }
        if fine && let Err(error) = self.pipeline.store.published_out_of_turn(number).await {
            error!(code = error.code().as_str(), "{error}");
        }
    }

    /// Publishes what `columns` changed, what is due, and what failed before.
    async fn go_on(&mut self, columns: &HashSet<ColumnId>) {
        let due = self.due().await;
        let again = self.again.take();
        let (retold, number) = match self.pipeline.store.retold().await {
            Ok(found) => found,
            Err(error) => {
                error!(code = error.code().as_str(), "{error}");
                Default::default()
            }
        };
        let columns = columns.iter().chain(&retold);
        let touched =
            |feed: &Publication| columns.clone().any(|column| feed.spec.selection.may_hold(column));
        let wanted = |feed: &Publication| {
            again.as_ref().is_some_and(|slugs| slugs.contains(&feed.spec.slug))
                || self.is_wanted(feed, &due).unwrap_or_else(|| touched(feed))
        };
        let slugs = self.slugs(wanted);
        if again.is_some() || !slugs.is_empty() {
            self.publish(slugs).await;
        }
        if number > 0
            && self.again.is_none()
            && let Err(error) = self.pipeline.store.published_retold(number).await
        {
            error!(code = error.code().as_str(), "{error}");
        }
    }

    /// The slugs of feeds whose own time has come.
    async fn due(&mut self) -> BTreeSet<String> {
        let started = self.timetable.due(&self.pipeline).await;
        started.into_iter().map(|started| started.job.subject).collect()
    }

    /// Whether the feed's own time has come; `None` where it has none, or was never published with
    /// anything in it and so does not wait for it.
    fn is_wanted(&self, feed: &Publication, due: &BTreeSet<String>) -> Option<bool> {
        let slug = &feed.spec.slug;
        let begun = self.timetable.has_begun(&Job::new(Duty::Publish, slug));
        begun.filter(|begun| *begun).map(|_| due.contains(slug))
    }

    /// Notes that `feeds` were published, except those that `failed`: their time has come and gone
    /// all the same, since it is the publisher that tries again.
    async fn note(&mut self, feeds: &[&Publication], failed: impl Fn(&str) -> bool) {
        for feed in feeds.iter().filter(|feed| feed.timing.is_some()) {
            let slug = &feed.spec.slug;
            let job = Job::new(Duty::Publish, slug);
            if self.timetable.is_running(&job) {
                self.timetable.ended(&self.pipeline, &job, !failed(slug)).await;
                continue;
            }
            if failed(slug) || self.timetable.has_begun(&job) != Some(false) {
                continue;
            }
            match self.pipeline.store.latest_arrival(&feed.spec.selection).await {
                Ok(Some(_)) => self.timetable.begin(&self.pipeline, &job).await,
                Ok(None) => {}
                Err(error) => error!(code = error.code().as_str(), "{error}"),
            }
        }
    }

    fn slugs(&self, wanted: impl Fn(&Publication) -> bool) -> BTreeSet<String> {
        let feeds = self.pipeline.config.feeds.iter().filter(|feed| wanted(feed));
        feeds.map(|feed| feed.spec.slug.clone()).collect()
    }

    async fn sweep(&self) {
        match self.pipeline.sweep().await {
            Ok(swept) => {
                self.catalogue.forget(swept.gone.iter());
                for fault in &swept.faults {
                    error!(code = fault.code.as_str(), "{}", fault.detail);
                }
            }
            Err(error) => {
                self.watched.store_fault("publish", &error);
                error!(code = error.code().as_str(), "{error}");
            }
        }
    }

    async fn publish(&mut self, slugs: BTreeSet<String>) {
        let config = Arc::clone(&self.pipeline.config);
        let named = |feed: &&Publication| slugs.contains(&feed.spec.slug);
        let feeds: Vec<&Publication> = config.feeds.iter().filter(named).collect();
        let published = self.serve(&feeds).await;
        let failed = published.as_ref().ok().map(|published| published.failed.clone());
        let has_failed = |slug: &str| failed.as_ref().is_none_or(|failed| failed.contains(slug));
        self.note(&feeds, has_failed).await;
        let published = match published {
            Ok(published) => published,
            Err(error) => {
                self.watched.store_fault("publish", &error);
                error!(code = error.code().as_str(), "{error}");
                self.again = Some(slugs);
                return;
            }
        };
        self.watched.push.notify_one();
        self.tell_fresh().await;
        self.watched.health.worked("publish");
        self.watched.metrics.published(published.changed.len());
        if !published.changed.is_empty() {
            info!(rendered = published.rendered, changed = published.changed.len(), "published");
        }
        if let Err(error) = self.pipeline.tell("publish", &published.faults, &[]).await {
            error!(code = error.code().as_str(), "{error}");
        }
        self.again = (!published.faults.is_empty()).then_some(published.failed);
    }
}

impl Publisher {
    /// Publishes `feeds` and has them served: feeds, which readers poll, before the front page.
    async fn serve(&self, feeds: &[&Publication]) -> Result<Published, StoreError> {
        let mut published = self.pipeline.publish_feeds(feeds).await?;
        let taken_in = self.catalogue.refresh(published.changed.iter());
        let (front, ()) = tokio::join!(self.pipeline.publish_front(), taken_in);
        let front = front?;
        self.catalogue.refresh(front.changed.iter()).await;
        published.add(front);
        Ok(published)
    }

    /// Wakes those who wait for news. The number never goes back: pages that are rendered anew in
    /// another look are news to nobody.
    async fn tell_fresh(&self) {
        match self.pipeline.store.published_seq().await {
            Ok(seq) => {
                self.fresh.send_if_modified(|known| {
                    let newer = seq > *known;
                    *known = seq.max(*known);
                    newer
                });
            }
            Err(error) => error!(code = error.code().as_str(), "{error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::daemon::{machine_clock, open};
    use crate::model::ProblemCode;

    /// Looks every second of the paused clock until `done`.
    async fn until<F: Future<Output = bool>>(done: impl Fn() -> F) {
        for _ in 0..10_000 {
            if done().await {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("it never came");
    }

    #[tokio::test(start_paused = true)]
    async fn what_could_not_be_written_is_written_later_without_a_further_change() {
        let data = tempfile::tempdir().unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/config.toml");
        let config = Arc::new(Config::load_with(&file, Some(data.path())).unwrap());
        let pipeline = open(Arc::clone(&config), machine_clock()).await.unwrap();
        // A folder where the document should be renamed to makes the write fail.
        let place = data.path().join("public/opml");
        std::fs::create_dir_all(place.join("in the way")).unwrap();
        let catalogue =
            Catalogue::open(pipeline.store.clone(), pipeline.shelf.clone()).await.unwrap();
        let (columns, changed) = mpsc::unbounded_channel();
        let (_sender, config) = watch::channel(config);
        let watched =
            Watched { metrics: Arc::default(), health: Arc::default(), push: Arc::default() };
        let end = CancellationToken::new();
        let store = pipeline.store.clone();
        let publisher = tokio::spawn(run(
            pipeline,
            catalogue,
            config,
            changed,
            end,
            watched,
            watch::channel(0).0,
        ));
        let told = || async {
            let problems = store.problems().await.unwrap();
            problems.iter().any(|problem| problem.code == ProblemCode::PublishFailed)
        };
        until(told).await;
        std::fs::remove_dir_all(&place).unwrap();
        until(|| async { place.is_file() && store.problems().await.unwrap().is_empty() }).await;
        drop(columns);
        publisher.await.unwrap();
    }
}
