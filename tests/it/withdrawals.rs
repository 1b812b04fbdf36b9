//! Items taken back: what readers find in their place, and that nothing of them stays public.

use std::path::Path;

use chrono::TimeDelta;
use lianbo::model::{Cause, ItemId, ProblemCode, Selection};
use lianbo::pipeline::{Pipeline, RunReport};
use lianbo::store::{SqliteStore, Taking};

use super::ground::{
    self, Ground, Reply, article_html, items, list_html, once, page, problems, redirect, reply,
    title, titles,
};

/// A withdrawal by a person.
fn by_hand() -> Taking {
    Taking { why: Cause::ByHand, by: Some("编辑部".to_owned()), reason: None }
}

/// The id of article `n`.
async fn id(store: &SqliteStore, n: u32) -> ItemId {
    let found = items(store).await.into_iter().find(|item| item.title == title(n));
    found.unwrap().id
}

/// The published files that hold `text`.
fn naming(root: &Path, text: &str) -> Vec<String> {
    let holds = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(text);
    let files = ground::folder(root);
    files.into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

#[tokio::test]
async fn nothing_of_a_withdrawn_text_stays_published_and_a_restored_one_is_as_it_was() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let before = ground.public();
    let root = ground.data().join("public");
    assert!(naming(&root, &title(1)).len() > 6, "{:?}", naming(&root, &title(1)));
    let one = id(&pipeline.store, 1).await;
    let taken = pipeline.store.withdraw(vec![one.clone()], by_hand(), (pipeline.clock)()).await;
    assert_eq!(taken.unwrap(), std::slice::from_ref(&one));
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    assert_eq!(naming(&root, &title(1)), [""; 0]);
    assert_eq!(naming(&root, "编辑部"), [""; 0]);
    assert_eq!(naming(&root, "本文已撤下").len(), 1);
    pipeline.store.restore(vec![one]).await.unwrap();
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    // All but the number of the change.
    let seqs = regex::Regex::new("\"seq\":\\d+").unwrap();
    let plain = |(name, bytes): (&String, &Vec<u8>)| {
        (name.clone(), seqs.replace_all(&String::from_utf8_lossy(bytes), "").into_owned())
    };
    let after: Vec<_> = ground.public().iter().map(plain).collect();
    assert_eq!(after, before.iter().map(plain).collect::<Vec<_>>());
}

/// New articles are looked at again after 1, 6, 24 and 72 hours.
async fn watched() -> (Ground, Pipeline) {
    let ground = Ground::new();
    ground.reconfigure("looks = []", "looks = [\"1h\", \"6h\", \"24h\", \"72h\"]");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    (ground, pipeline)
}

async fn after(ground: &Ground, pipeline: &Pipeline, hours: i64) -> Vec<RunReport> {
    ground.later(TimeDelta::hours(hours));
    once(pipeline).await.0
}

fn not_found() -> Reply {
    reply("404 Not Found", "", b"")
}

fn sorry() -> Reply {
    page(
        "<html><head><title>页面不存在</title></head><body><p>对不起，您访问的页面不存在或已被删除！</p></body></html>",
    )
}

fn all_titles(numbers: &[u32]) -> Vec<String> {
    numbers.iter().map(|&n| title(n)).collect()
}

#[tokio::test]
async fn an_article_that_is_gone_is_withdrawn_when_that_was_said_often_enough() {
    for gone in [not_found(), reply("410 Gone", "", b""), sorry()] {
        let (ground, pipeline) = watched().await;
        let two = id(&pipeline.store, 2).await;
        ground.list("/yw/", &[3, 1]);
        ground.site.set("/art/2.html", gone);
        for hours in [1, 12] {
            after(&ground, &pipeline, hours).await;
            assert_eq!(titles(&pipeline.store).await, all_titles(&[3, 2, 1]), "not yet");
        }
        let reports = after(&ground, &pipeline, 12).await;
        assert_eq!(reports.iter().map(|report| report.withdrawn).sum::<usize>(), 1);
        assert_eq!(titles(&pipeline.store).await, all_titles(&[3, 1]));
        assert_eq!(naming(&ground.data().join("public"), &title(2)), [""; 0]);
        let since = (pipeline.clock)() - TimeDelta::hours(1);
        let left = pipeline.store.withdrawn(&Selection::All, since).await.unwrap();
        assert_eq!((left.len(), &left[0].id, left[0].why), (1, &two, Cause::Gone));
    }
}

#[tokio::test]
async fn what_says_nothing_of_an_article_withdraws_nothing() {
    let challenge = "<html><head><script src=\"/_guard/auto.js\"></script></head><body>请完成安全验证后继续访问</body></html>";
    for doubtful in [
        reply("502 Bad Gateway", "", b""),
        reply("403 Forbidden", "", b""),
        redirect("/"),
        redirect("/art/3.html"),
        redirect("http://alt.test/art/1.html"),
        page(challenge),
        page("<html><head><title>x</title></head><body></body></html>"),
    ] {
        let (ground, pipeline) = watched().await;
        ground.site.set("/", page("<html><body>首页</body></html>"));
        ground.list("/yw/", &[3, 1]);
        ground.site.set("/art/2.html", doubtful);
        let mut told = Vec::new();
        for _ in 0..9 {
            after(&ground, &pipeline, 12).await;
            told.extend(problems(&pipeline.store).await);
        }
        assert_eq!(titles(&pipeline.store).await, all_titles(&[3, 2, 1]));
        assert!(told.iter().any(|(subject, _)| subject == "xin/yw"), "the operator hears of it");
    }
}

#[tokio::test]
async fn a_site_that_is_gone_leaves_every_document_as_it_is() {
    let (ground, pipeline) = watched().await;
    let before = ground.public();
    for path in ["/yw/", "/zt/", "/art/1.html", "/art/2.html", "/art/3.html"] {
        ground.site.set(path, not_found());
    }
    for _ in 0..9 {
        after(&ground, &pipeline, 12).await;
    }
    assert!(ground.public() == before);
    assert!(!problems(&pipeline.store).await.is_empty());
}

#[tokio::test]
async fn a_redesign_that_loses_all_articles_withdraws_none_and_is_told() {
    let (ground, pipeline) = watched().await;
    let rows = [("/news/6", title(6)), ("/news/5", title(5)), ("/news/4", title(4))];
    for (path, title) in &rows {
        ground.site.set(path, page(&article_html(title)));
    }
    let rows: Vec<(&str, &str)> = rows.iter().map(|(url, title)| (*url, title.as_str())).collect();
    ground.site.set("/yw/", page(&list_html(&rows, None)));
    for n in 1..=3 {
        ground.site.set(&format!("/art/{n}.html"), not_found());
    }
    for _ in 0..9 {
        after(&ground, &pipeline, 12).await;
    }
    let left = titles(&pipeline.store).await;
    assert_eq!(left.len(), 6, "{left:?}");
    let told = problems(&pipeline.store).await;
    assert!(told.contains(&("xin/yw".to_owned(), ProblemCode::ManyGone)), "{told:?}");
}

#[tokio::test]
async fn half_a_column_at_once_is_too_much_to_be_believed() {
    let (ground, pipeline) = watched().await;
    ground.list("/yw/", &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    after(&ground, &pipeline, 1).await;
    for n in 4..=6 {
        ground.site.set(&format!("/art/{n}.html"), not_found());
    }
    ground.list("/yw/", &[9, 8, 7, 3, 2, 1]);
    for _ in 0..9 {
        after(&ground, &pipeline, 12).await;
    }
    assert_eq!(items(&pipeline.store).await.len(), 9);
}

#[tokio::test]
async fn what_has_scrolled_off_is_not_asked_for() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    ground.list("/yw/", &[6, 5, 4]);
    after(&ground, &pipeline, 1).await;
    ground.site.asked();
    for _ in 0..9 {
        after(&ground, &pipeline, 12).await;
    }
    let asked = ground.site.asked();
    assert!(asked.iter().all(|path| !path.starts_with("/art/")), "{asked:?}");
    assert_eq!(items(&pipeline.store).await.len(), 6);
}

#[tokio::test]
async fn an_old_article_that_its_list_lacks_is_asked_for_and_withdrawn_or_left() {
    for is_gone in [true, false] {
        let ground = Ground::new();
        let pipeline = ground.open().await;
        once(&pipeline).await;
        ground.list("/yw/", &[3, 1]);
        if is_gone {
            ground.site.set("/art/2.html", not_found());
        }
        ground.site.asked();
        for _ in 0..8 {
            after(&ground, &pipeline, 12).await;
        }
        let expected = if is_gone { all_titles(&[3, 1]) } else { all_titles(&[3, 2, 1]) };
        assert_eq!(titles(&pipeline.store).await, expected);
        let asked = ground.site.asked();
        let times = asked.iter().filter(|path| *path == "/art/2.html").count();
        assert!(times <= if is_gone { 5 } else { 1 }, "{asked:?}");
        assert!(asked.len() < 26, "two lists eight times, and a few articles: {asked:?}");
    }
}

#[tokio::test]
async fn an_article_that_comes_back_is_restored_unless_a_person_withdrew_it() {
    for by_a_person in [false, true] {
        let (ground, pipeline) = watched().await;
        let two = id(&pipeline.store, 2).await;
        ground.list("/yw/", &[3, 1]);
        let there = ground.site.get("/art/2.html");
        ground.site.set("/art/2.html", not_found());
        for hours in [1, 12, 12] {
            after(&ground, &pipeline, hours).await;
        }
        if by_a_person {
            pipeline
                .store
                .withdraw(vec![two.clone()], by_hand(), (pipeline.clock)())
                .await
                .unwrap();
        }
        ground.site.set("/art/2.html", there);
        ground.list("/yw/", &[3, 2, 1]);
        after(&ground, &pipeline, 24).await;
        let expected = if by_a_person { vec![3, 1] } else { vec![3, 2, 1] };
        assert_eq!(titles(&pipeline.store).await, all_titles(&expected));
        let held = naming(&ground.data().join("public"), &title(2));
        assert_eq!(held.is_empty(), by_a_person, "{held:?}");
    }
}

#[tokio::test]
async fn a_passing_404_is_forgotten() {
    let (ground, pipeline) = watched().await;
    let there = ground.site.get("/art/2.html");
    for answer in [not_found(), not_found(), there, not_found(), not_found()] {
        ground.site.set("/art/2.html", answer);
        after(&ground, &pipeline, 12).await;
    }
    assert_eq!(titles(&pipeline.store).await, all_titles(&[3, 2, 1]));
}

#[tokio::test]
async fn a_site_may_be_left_out() {
    let (ground, pipeline) = watched().await;
    drop(pipeline);
    ground.reconfigure("[[feed]]", "[site.withdraw]\nconfirm = false\n[[feed]]");
    let pipeline = ground.open().await;
    ground.list("/yw/", &[3, 1]);
    ground.site.set("/art/2.html", not_found());
    for _ in 0..9 {
        after(&ground, &pipeline, 12).await;
    }
    assert_eq!(titles(&pipeline.store).await, all_titles(&[3, 2, 1]));
}

#[tokio::test]
async fn a_corrected_text_is_noticed_and_an_unchanged_one_not_downloaded() {
    let (ground, pipeline) = watched().await;
    let tagged = |html: &str, tag: &str| {
        let headers = format!("Content-Type: text/html; charset=utf-8\r\nETag: \"{tag}\"\r\n");
        reply("200 OK", &headers, html.as_bytes())
    };
    let html = article_html(&title(2));
    ground.site.set("/art/2.html", tagged(&html, "one"));
    after(&ground, &pipeline, 1).await;
    let first = items(&pipeline.store).await;
    assert!(first.iter().all(|item| item.revision == 1));
    ground.site.seen();
    after(&ground, &pipeline, 5).await;
    let seen = ground.site.seen();
    let asked = seen.iter().find(|seen| seen.path == "/art/2.html").unwrap();
    assert!(asked.head.contains("if-none-match: \"one\""), "{}", asked.head);
    // Width of punctuation, white space and markup are no news; a figure is.
    let same = html.replace("，", ",").replace("<p>近日", "<p>\u{3000}<b>近</b>日");
    ground.site.set("/art/2.html", tagged(&same, "two"));
    after(&ground, &pipeline, 18).await;
    let item = pipeline.store.item(&id(&pipeline.store, 2).await).await.unwrap().unwrap();
    assert_eq!((item.revision, item.revised), (1, item.first_seen));
    assert!(item.text.contains("座谈,三十余家"), "{}", item.text);
    ground.site.set("/art/2.html", tagged(&html.replace("三十余家", "四十余家"), "three"));
    after(&ground, &pipeline, 48).await;
    let item = pipeline.store.item(&item.id).await.unwrap().unwrap();
    assert_eq!((item.revision, item.revised), (2, (pipeline.clock)()));
    ground.site.asked();
    for _ in 0..5 {
        after(&ground, &pipeline, 24).await;
    }
    let asked = ground.site.asked();
    assert!(asked.iter().all(|path| !path.starts_with("/art/")), "{asked:?}");
}
