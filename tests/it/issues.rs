//! From a week's items to a draft: through the command line, on the demo network.

mod commands;
mod pushing;
mod walking;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use lianbo::config::Config;
use lianbo::daemon;
use lianbo::demo::{Demo, FakePlatform, Pace};
use lianbo::model::IssueId;
use lianbo::pipeline::{Built, Person, Pipeline};

/// The moment at which the frozen network is looked at.
fn frozen_now() -> DateTime<Utc> {
    Demo::frozen_clock()()
}

/// The demo network as it is read once, with its records and the stand-in for the platform.
struct Ground {
    demo: Demo,
    pipeline: Pipeline,
    folder: tempfile::TempDir,
}

impl Ground {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::start(Path::new("demo"), Some(folder.path()), Pace::Frozen, frozen_now())
            .await
            .unwrap();
        let config = Arc::new(demo.config().clone());
        let pipeline = daemon::open(config, Demo::frozen_clock()).await.unwrap();
        let columns: Vec<_> =
            pipeline.config.columns().map(|(_, column)| column.id.clone()).collect();
        daemon::once(&pipeline, &columns, |_| {}).await.unwrap();
        Self { demo, pipeline, folder }
    }

    fn platform(&self) -> &FakePlatform {
        self.demo.platform()
    }

    /// The weekly issue of the day.
    async fn weekly(&self) -> IssueId {
        let built = self.pipeline.build_issue("weekly", None, &person("甲")).await.unwrap();
        match built {
            Built::New(record) | Built::There(record) => record.issue.id,
            Built::Nothing => panic!("the demo has items"),
        }
    }

    /// The same, approved by three.
    async fn approved(&self) -> IssueId {
        let id = self.weekly().await;
        self.approve(&id).await;
        id
    }

    async fn approve(&self, id: &IssueId) {
        for name in ["甲", "乙", "丙"] {
            self.pipeline.approve_issue(id, &person(name), None, "").await.unwrap();
        }
    }

    /// The same records under another configuration of digests.
    fn with(&self, change: impl FnOnce(&mut Config)) -> Pipeline {
        let mut config = Config::clone(&self.pipeline.config);
        change(&mut config);
        self.pipeline.with_config(Arc::new(config))
    }

    fn bundle(&self, digest: &str) -> PathBuf {
        let folder = self.folder.path().join("issues").join(digest);
        let mut found: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found.pop().unwrap()
    }
}

fn person(name: &str) -> Person {
    Person { name: Some(name.to_owned()), way: "cli" }
}
