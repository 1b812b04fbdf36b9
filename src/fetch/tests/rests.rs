//! Hosts that want to be left alone, what an earlier process remembered of them, and a memory that
//! fails.

use chrono::NaiveDate;

use super::*;
use crate::fetch::memory::Remembered;
use crate::model::Rest;

/// Remembers one rest of any host, or fails at everything.
struct Memory(Result<Rest, ()>);

impl Memory {
    fn say<T: Send + 'static>(&self, value: T) -> Remembered<'static, T> {
        let said = self.0.map(|_| value).map_err(|()| "the disk is gone".to_owned());
        Box::pin(std::future::ready(said))
    }
}

impl HostMemory for Memory {
    fn spend<'a>(&'a self, _: &'a str, _: NaiveDate, _: u64) -> Remembered<'a, bool> {
        self.say(true)
    }

    fn rest<'a>(&'a self, _: &'a str, _: DateTime<Utc>) -> Remembered<'a, Option<Rest>> {
        self.say(self.0.ok())
    }

    fn keep_rest<'a>(&'a self, _: &'a str, _: Rest) -> Remembered<'a, ()> {
        self.say(())
    }

    fn forget_rest<'a>(&'a self, _: &'a str, _: DateTime<Utc>) -> Remembered<'a, ()> {
        self.say(())
    }
}

async fn remembering(memory: Result<Rest, ()>, reply: Vec<u8>) -> Site {
    let mut site = Site::start(move |_, _| reply.clone()).await;
    site.fetcher = site.fetcher.clone().remembering_in(Arc::new(Memory(memory)));
    site
}

#[tokio::test]
async fn where_nothing_can_be_remembered_the_process_does() {
    let limited = answer("429 Slow down", "Retry-After: 120\r\n", b"");
    let site = remembering(Err(()), limited).await;
    assert_eq!(code(site.get("/a").await), ProblemCode::RateLimited);
    assert_eq!(code(site.get("/b").await), ProblemCode::RateLimited);
    assert_eq!(site.paths(), ["/a"]);
    assert!(remembering(Err(()), ok("<p>页")).await.get("/a").await.is_ok());
}

#[tokio::test]
async fn what_was_remembered_is_told_as_it_was() {
    let until = now() + TimeDelta::hours(5);
    let challenge = Some((ProblemCode::BlockedSafeline, 468));
    let site = remembering(Ok(Rest { until, challenge, challenges: 3 }), ok("x")).await;
    let host = "site.test".to_owned();
    let product = Product::Safeline;
    let wanted = FetchError::Challenge { host, product, status: 468, until };
    assert_eq!(site.get("/a").await, Err(wanted));
    assert_eq!(site.paths(), [""; 0]);
}

#[tokio::test]
async fn a_rest_that_no_site_may_ask_for_is_not_believed() {
    let until = now() + TimeDelta::days(800);
    let rest = Rest { until, challenge: None, challenges: 0 };
    assert!(remembering(Ok(rest), ok("x")).await.get("/a").await.is_ok());
}

#[tokio::test]
async fn a_site_that_asks_for_rest_gets_it() {
    let site = Site::start(|_, _| answer("429 Slow down", "Retry-After: 120\r\n", b"")).await;
    assert_eq!(code(site.get("/a").await), ProblemCode::RateLimited);
    assert_eq!(code(site.get("/b").await), ProblemCode::RateLimited);
    assert_eq!(site.paths(), ["/a"]);
    let url = Url::parse("http://site.test/c").unwrap();
    let request = Request::to(&url);
    let later = now() + TimeDelta::seconds(121);
    let _ = site.fetcher.get(&request, &manners(), later).await;
    assert_eq!(site.paths(), ["/a", "/c"]);
}

#[tokio::test]
async fn too_many_requests_close_the_gate_for_those_who_wait_too() {
    let site = Site::start(|_, _| answer("429 Too Many", "", b"")).await;
    let (first, second) = tokio::join!(site.get("/a"), site.get("/b"));
    assert_eq!((code(first), code(second)), (ProblemCode::RateLimited, ProblemCode::RateLimited));
    assert_eq!(site.paths().len(), 1);
}

#[tokio::test]
async fn who_challenges_is_left_alone_for_longer_each_time() {
    let is_blocking = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let blocks = Arc::clone(&is_blocking);
    let site = Site::start(move |_, _| match blocks.load(Ordering::SeqCst) {
        true => answer("412 Precondition", "", b"<script>$_ts={}</script>"),
        false => ok("<p>一</p>"),
    })
    .await;
    let get = async |path: &str, hours: i64| {
        let url = Url::parse(&format!("http://site.test{path}")).unwrap();
        let now = now() + TimeDelta::hours(hours);
        site.fetcher.get(&Request::to(&url), &manners(), now).await
    };
    let until = |result: Result<Answer, FetchError>| match result.unwrap_err() {
        FetchError::Challenge { until, .. } => (until - now()).num_hours(),
        other => panic!("{other:?}"),
    };
    assert_eq!(until(get("/a", 0).await), 6);
    // Whatever is asked for meanwhile, the host hears nothing of it.
    assert_eq!(until(get("/b", 5).await), 6);
    assert_eq!(site.paths().len(), 1);
    assert_eq!(until(get("/a", 6).await), 18, "twice as long");
    assert_eq!(until(get("/a", 18).await), 42, "four times, which is a day");
    assert_eq!(until(get("/a", 42).await), 66, "never longer than a day");
    is_blocking.store(false, Ordering::SeqCst);
    assert!(get("/a", 66).await.is_ok());
    is_blocking.store(true, Ordering::SeqCst);
    assert_eq!(until(get("/a", 67).await), 73, "a page in between: from the beginning");
}
