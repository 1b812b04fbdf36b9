//! What an earlier process remembered of hosts, and a memory that fails.

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
