//! The client of the WeChat platform against the fake of it.

mod codes;
mod drafts;
mod fake;
mod faults;
mod limits;
mod page;
mod secrets;
mod sending;
mod tokens;
mod uploads;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use lianbo::demo::{APP_ID, APP_SECRET, FakePlatform};
use lianbo::model::{AssetKind, DraftArticle, Secret};
use lianbo::net::{Client, NetSettings};
use lianbo::publish::wechat::{Account, MediaId, Platform, Time};

/// The number of the issue that tests push.
pub(super) const MARK: &str = "第3期（总第12期）";

/// A clock that moves when somebody waits, and remembers for how long they did.
#[derive(Clone)]
pub(super) struct TestClock {
    now: Arc<Mutex<DateTime<Utc>>>,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl TestClock {
    fn start() -> Self {
        let now: DateTime<Utc> = "2026-11-25T01:00:00Z".parse().unwrap();
        Self { now: Arc::new(Mutex::new(now)), waits: Arc::default() }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    pub(super) fn advance(&self, seconds: i64) {
        *self.now.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    /// How long was waited so far, in seconds.
    pub(super) fn waits(&self) -> Vec<u64> {
        self.waits.lock().unwrap().iter().map(Duration::as_secs).collect()
    }

    fn time(&self) -> Time {
        let (reads, waits) = (self.clone(), self.clone());
        Time::new(Arc::new(move || reads.now())).waiting(Arc::new(move |time| {
            waits.waits.lock().unwrap().push(time);
            waits.advance(i64::try_from(time.as_secs()).unwrap());
            Box::pin(std::future::ready(()))
        }))
    }
}

/// The fake with an account on it.
pub(super) struct Stand {
    pub(super) fake: FakePlatform,
    pub(super) clock: TestClock,
    pub(super) platform: Arc<Platform>,
    folder: tempfile::TempDir,
}

impl Stand {
    pub(super) async fn start() -> Self {
        let clock = TestClock::start();
        let reads = clock.clone();
        let fake = FakePlatform::start(Arc::new(move || reads.now())).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let account = account(&fake, folder.path());
        let platform = Arc::new(connect(account, &clock));
        Self { fake, clock, platform, folder }
    }

    pub(super) fn account(&self) -> Account {
        self.platform.account().clone()
    }

    /// Another process with the same account: it has nothing but the file.
    pub(super) fn restart(&self) -> Platform {
        connect(self.account(), &self.clock)
    }

    pub(super) fn connect(&self, account: Account) -> Platform {
        connect(account, &self.clock)
    }

    /// One article with a cover that is really there.
    pub(super) async fn issue(&self) -> Vec<DraftArticle> {
        self.articles(1).await
    }

    pub(super) async fn articles(&self, count: usize) -> Vec<DraftArticle> {
        let cover = self.platform.add_cover(&jpeg(1), "cover.jpg", AssetKind::Jpeg).await.unwrap();
        (0..count).map(|index| article(index, &cover)).collect()
    }

    /// The titles of the drafts in the box, first articles only.
    pub(super) fn titles(&self) -> Vec<String> {
        self.fake.drafts().iter().map(|draft| draft.articles[0].title.clone()).collect()
    }
}

fn account(fake: &FakePlatform, folder: &std::path::Path) -> Account {
    Account {
        key: "demo".to_owned(),
        app_id: APP_ID.to_owned(),
        secret: Secret::new(APP_SECRET),
        base: fake.base(),
        allow_private: true,
        token_file: folder.join("wechat/demo.token"),
    }
}

fn connect(account: Account, clock: &TestClock) -> Platform {
    Platform::new(account, Client::new(NetSettings::default()), clock.time())
}

/// Something that is taken for a JPEG.
pub(super) fn jpeg(seed: u8) -> Bytes {
    Bytes::from(vec![0xff, 0xd8, 0xff, 0xe0, seed, 0xff, 0xd9])
}

fn article(index: usize, cover: &MediaId) -> DraftArticle {
    let title = match index {
        0 => format!("苏商一周{MARK}"),
        _ => format!("会议之{index}"),
    };
    DraftArticle {
        article_type: "news".to_owned(),
        title,
        author: "省工商联".to_owned(),
        digest: String::new(),
        content: "<section><p>市工商联召开会议，㐂😀 &amp; <b>重点</b></p></section>".to_owned(),
        content_source_url: "https://www.jsgsl.test/a?x=1&y=二".to_owned(),
        thumb_media_id: cover.as_str().to_owned(),
        need_open_comment: 0,
        only_fans_can_comment: 0,
        pic_crop_235_1: "0_0_1_1".to_owned(),
        pic_crop_1_1: "0.287222_0_0.712778_1".to_owned(),
    }
}
