//! Articles that come in half under a `Content-Length` that says so: HTTP is satisfied, and nothing
//! of them may be taken in.

use chrono::TimeDelta;
use lianbo::model::ProblemCode;
use lianbo::pipeline::Pipeline;

use crate::ground::{Ground, Reply, article_html, items, once, page, problems, title, wire};

/// The first `share` hundredths of `html`; its server sends the rest too, which is no part of it.
fn cut(html: &str, share: usize) -> Reply {
    let length = html.len() * share / 100;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\nETag: \"now\"\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n"
    );
    wire([head.as_bytes(), html.as_bytes()].concat())
}

/// Article `n` of a site that closes nothing.
fn unclosed(n: u32) -> String {
    article_html(&title(n)).replace("</body></html>", "<div>脚 2026</div>")
}

fn truncated() -> Vec<(String, ProblemCode)> {
    vec![("xin/yw".to_owned(), ProblemCode::Truncated)]
}

/// The texts of all articles, by title.
async fn texts(pipeline: &Pipeline) -> Vec<(String, String)> {
    let mut texts: Vec<_> =
        items(&pipeline.store).await.into_iter().map(|item| (item.title, item.text)).collect();
    texts.sort();
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_article_is_not_taken_for_it() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let (public, before) = (ground.public(), items(&pipeline.store).await);
    let html = article_html(&title(4));
    ground.list("/yw/", &[4, 3, 2, 1]);
    // Cut anywhere, and never at the same place.
    for (share, hours) in [(60, 1), (85, 2), (70, 4)] {
        ground.site.set("/art/4.html", cut(&html, share));
        ground.site.asked();
        let (_, published) = once(&pipeline).await;
        assert!(ground.site.asked().contains(&"/art/4.html".to_owned()));
        assert_eq!(items(&pipeline.store).await, before, "{share}");
        assert!(published.changed.is_empty() && ground.public() == public, "{share}");
        assert_eq!(problems(&pipeline.store).await, truncated(), "{share}");
        let detail = &pipeline.store.problems().await.unwrap()[0].detail;
        assert!(detail.contains("/art/4.html: the page ends after"), "{detail}");
        ground.later(TimeDelta::hours(hours));
    }
    ground.site.set("/art/4.html", cut(&html, 100));
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
    let texts = texts(&pipeline).await;
    let (_, text) = texts.iter().find(|(found, _)| *found == title(4)).unwrap();
    assert!(text.ends_with("切实办实事。"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_first_tells_how_the_site_ends_its_pages() {
    let ground = Ground::new();
    let html = article_html(&title(2));
    ground.site.set("/art/2.html", cut(&html, 70));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, truncated());
    assert!(texts(&pipeline).await.iter().all(|(found, _)| *found != title(2)));
    ground.site.set("/art/2.html", page(&html));
    ground.later(TimeDelta::hours(1));
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
    assert_eq!(items(&pipeline.store).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_look_takes_nothing_from_an_article() {
    let ground = Ground::new();
    ground.reconfigure("looks = []", "looks = [\"1h\", \"2h\", \"4h\"]");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let (public, before) = (ground.public(), items(&pipeline.store).await);
    let html = article_html(&title(3)).replace("三十余家", "四十余家");
    ground.site.set("/art/3.html", cut(&html, 75));
    ground.later(TimeDelta::hours(1));
    ground.site.asked();
    once(&pipeline).await;
    assert!(ground.site.asked().contains(&"/art/3.html".to_owned()));
    assert_eq!(items(&pipeline.store).await, before);
    assert!(ground.public() == public);
    assert_eq!(problems(&pipeline.store).await, truncated());

    // Had half a page been kept, its tag would stand for the whole.
    ground.site.set("/art/3.html", cut(&html, 100));
    ground.later(TimeDelta::hours(2));
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
    let found = items(&pipeline.store).await.into_iter().find(|item| item.title == title(3));
    let found = found.unwrap();
    assert_eq!(found.revision, 2);
    assert!(found.text.contains("四十余家") && found.text.ends_with("切实办实事。"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_closes_nothing_is_read_as_ever() {
    let ground = Ground::new();
    for n in 1..=5 {
        ground.site.set(&format!("/art/{n}.html"), page(&unclosed(n)));
    }
    let pipeline = ground.open().await;
    for newest in 3..=5 {
        ground.list("/yw/", &(1..=newest).rev().collect::<Vec<_>>());
        once(&pipeline).await;
        assert_eq!(problems(&pipeline.store).await, []);
        assert_eq!(items(&pipeline.store).await.len(), newest as usize);
        ground.later(TimeDelta::minutes(30));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_its_site_never_closes_comes_an_hour_late() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    ground.list("/yw/", &[4, 3, 2, 1]);
    ground.site.set("/art/4.html", page(&unclosed(4).replace("脚", "今日访问 99 次")));
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, truncated());
    ground.site.set("/art/4.html", page(&unclosed(4).replace("脚", "今日访问 100 次")));
    ground.later(TimeDelta::hours(1));
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
    let texts = texts(&pipeline).await;
    assert!(texts.iter().any(|(found, text)| *found == title(4) && text.contains("切实办实事")));
    // From then on the column is known to have such pages.
    ground.list("/yw/", &[5, 4, 3, 2, 1]);
    ground.site.set("/art/5.html", page(&unclosed(5)));
    ground.later(TimeDelta::hours(1));
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
    assert_eq!(items(&pipeline.store).await.len(), 5);
}
