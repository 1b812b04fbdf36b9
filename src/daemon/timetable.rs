//! When feeds with a cron of their own are published: at its times, and once more for those that
//! passed while the daemon was down.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::error;

use crate::config::Publication;
use crate::pipeline::Pipeline;

/// When each feed with a cron of its own was last published, by slug.
#[derive(Debug, Default)]
pub(super) struct Timetable {
    last: BTreeMap<String, DateTime<Utc>>,
}

impl Timetable {
    /// What the ledger says of the feeds of the running configuration.
    pub(super) async fn read(pipeline: &Pipeline) -> Self {
        let mut last = BTreeMap::new();
        for publication in pipeline.config.feeds.iter().filter(|feed| feed.cron.is_some()) {
            let slug = &publication.spec.slug;
            match pipeline.store.last_fired(&job(slug)).await {
                Ok(fired) => last.extend(fired.map(|fired| (slug.clone(), fired))),
                Err(error) => error!(code = error.code().as_str(), "{error}"),
            }
        }
        Self { last }
    }

    /// Whether the feed's time has come; `None` where it was never published with anything in it,
    /// and so does not wait for a time.
    pub(super) fn is_due(&self, publication: &Publication, now: DateTime<Utc>) -> Option<bool> {
        let last = self.last.get(&publication.spec.slug)?;
        let next = publication.cron.as_ref()?.next_after(*last);
        Some(next.is_some_and(|time| time <= now))
    }

    /// How long until the next feed's time, at most `most`.
    pub(super) fn wait(&self, pipeline: &Pipeline, most: Duration) -> Duration {
        let now = (pipeline.clock)();
        let next = |publication: &Publication| {
            let last = self.last.get(&publication.spec.slug)?;
            publication.cron.as_ref()?.next_after(*last)
        };
        let times = pipeline.config.feeds.iter().filter_map(next);
        times.map(|time| (time - now).to_std().unwrap_or_default()).min().unwrap_or(most).min(most)
    }

    /// Notes that `feeds` were published now, those that have a cron of their own and any item. A
    /// publication that failed is tried again by the publisher, not by the timetable.
    pub(super) async fn published(&mut self, pipeline: &Pipeline, feeds: &[&Publication]) {
        let now = (pipeline.clock)();
        for publication in feeds.iter().filter(|feed| feed.cron.is_some()) {
            let (slug, selection) = (&publication.spec.slug, &publication.spec.selection);
            let noted = async {
                if pipeline.store.latest_arrival(selection).await?.is_none() {
                    return Ok(false);
                }
                pipeline.store.fired(&job(slug), now, now).await.map(|()| true)
            };
            match noted.await {
                Ok(true) => {
                    self.last.insert(slug.clone(), now);
                }
                Ok(false) => {}
                Err(error) => {
                    self.last.insert(slug.clone(), now);
                    error!(code = error.code().as_str(), "{error}");
                }
            }
        }
    }
}

fn job(slug: &str) -> String {
    format!("publish {slug}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn what_passed_while_the_daemon_was_down_is_due_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let feed = |id: &str, cron: &str| {
            format!("[[feed]]\nid = \"{id}\"\ntitle = \"x\"\nsites = [\"*\"]\n{cron}")
        };
        let text = feed("weekly", "cron = \"0 9 * * 1\"\n") + &feed("new", "cron = \"@daily\"\n");
        #[expect(clippy::disallowed_methods, reason = "tests lay out the files that they need")]
        std::fs::write(&file, text).unwrap();
        let config = Config::load(&file).unwrap();
        let [weekly, new] = &config.feeds[..] else { panic!("two feeds") };
        // 2 November 2026 is a Monday; nine o'clock in China.
        let monday = at("2026-11-02T01:00:00Z");
        let mut table = Timetable { last: BTreeMap::from([("weekly".to_owned(), monday)]) };
        assert_eq!(table.is_due(weekly, at("2026-11-09T00:59:59Z")), Some(false));
        let later = at("2026-11-20T00:00:00Z");
        assert_eq!(table.is_due(weekly, later), Some(true));
        table.last.insert("weekly".to_owned(), later);
        assert_eq!(table.is_due(weekly, later), Some(false));
        assert_eq!(table.is_due(new, later), None, "never published");
    }
}
