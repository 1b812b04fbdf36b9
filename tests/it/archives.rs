//! The whole past of a feed: archives by month that a reader walks, and that only a withdrawal
//! rewrites (RFC 5005 §4).

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use lianbo::model::{Cause, Selection};
use lianbo::pipeline::Pipeline;
use lianbo::store::{Filter, SqliteStore, Taking, Told};

use super::ground::{Ground, article_html, items, list_html, once, page, title};

type Public = BTreeMap<String, Vec<u8>>;

/// What an independent parser sees of an Atom document: ids, and the address of the archive before.
fn atom(public: &Public, path: &str) -> (Vec<String>, Option<String>) {
    let bytes = public.get(path).unwrap_or_else(|| panic!("`{path}` is not there"));
    let feed = feed_rs::parser::parse(bytes.as_slice()).unwrap();
    let links = |rel: &str| {
        let of_kind = |link: &&feed_rs::model::Link| link.rel.as_deref() == Some(rel);
        feed.links.iter().find(of_kind).map(|link| link.href.clone())
    };
    let is_archive = path.starts_with("archives/");
    assert_eq!(links("self"), Some(format!("http://feeds.test/{path}")));
    assert_eq!(links("current").is_some(), is_archive);
    assert_eq!(String::from_utf8_lossy(bytes).contains("<fh:archive"), is_archive);
    (feed.entries.iter().map(|entry| entry.id.clone()).collect(), links("prev-archive"))
}

/// Every id that a reader of `feeds/SLUG.atom` meets on the way into the past.
pub(crate) fn walked(public: &Public, slug: &str) -> BTreeSet<String> {
    let (mut seen, mut next) = (BTreeSet::new(), Some(format!("feeds/{slug}.atom")));
    let mut steps = 0;
    while let Some(path) = next.take() {
        let (ids, previous) = atom(public, &path);
        seen.extend(ids);
        next = previous.map(|url| url.strip_prefix("http://feeds.test/").unwrap().to_owned());
        steps += 1;
        assert!(steps < 50, "the archives go round in a circle");
    }
    seen
}

async fn stored(store: &SqliteStore) -> BTreeSet<String> {
    items(store).await.into_iter().map(|item| item.id.as_str().to_owned()).collect()
}

fn archives(public: &Public) -> Public {
    let of_past = public.iter().filter(|(path, _)| path.starts_with("archives/"));
    of_past.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
}

fn names(public: &Public) -> Vec<&str> {
    public.keys().filter_map(|path| path.strip_prefix("archives/")).collect()
}

/// Articles 1 to 3 came in November, 4 to 6 in December, 7 in January; a feed shows two.
async fn three_months() -> (Ground, Pipeline) {
    let ground = Ground::new();
    ground.reconfigure("[withdraw]", "[feeds]\nlimit = 2\n[withdraw]");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    for (days, list) in [(20, &[6, 5, 4][..]), (31, &[7, 6, 5])] {
        ground.later(TimeDelta::days(days));
        ground.list("/yw/", list);
        once(&pipeline).await;
    }
    (ground, pipeline)
}

#[tokio::test]
async fn a_reader_that_walks_back_meets_every_item_ever_published() {
    let (ground, pipeline) = three_months().await;
    let public = ground.public();
    let all = stored(&pipeline.store).await;
    assert_eq!(all.len(), 7);
    for slug in ["all", "xin", "xin/yw"] {
        assert!(atom(&public, &format!("feeds/{slug}.atom")).0.len() < 7);
        assert_eq!(walked(&public, slug), all, "{slug}");
    }
    assert_eq!(walked(&public, "xin/zt").len(), 1);
    let of_all: Vec<&str> =
        names(&public).into_iter().filter(|name| name.starts_with("all/")).collect();
    assert_eq!(of_all, ["all/2026-11.atom", "all/2026-12.atom"]);
    // The other formats show the way.
    let text = |path: &str| String::from_utf8(public[path].clone()).unwrap();
    let previous = "http://feeds.test/archives/all/2026-12.atom";
    assert!(text("feeds/all.rss").contains(&format!("href=\"{previous}\" rel=\"prev-archive\"")));
    assert!(text("feeds/all.json").contains(&format!("\"prev_archive\":\"{previous}\"")));
}

#[tokio::test]
async fn only_a_withdrawal_rewrites_an_archive() {
    let (ground, pipeline) = three_months().await;
    let before = archives(&ground.public());
    // An article of November is corrected, and another one comes.
    let revised = article_html(&title(2)).replace("</p>", "，特此更正。</p>");
    assert_ne!(revised, article_html(&title(2)));
    ground.site.set("/art/2.html", page(&revised));
    let rows = [("/art/8.html", title(8)), ("/art/2.html", format!("{}（更正）", title(2)))];
    let rows: Vec<_> = rows.iter().map(|(url, title)| (*url, title.as_str())).collect();
    ground.site.set("/yw/", page(&list_html(&rows, None)));
    ground.later(TimeDelta::days(3));
    once(&pipeline).await;
    let two = items(&pipeline.store).await.into_iter().find(|item| item.revision == 2).unwrap();
    assert!(two.text.contains("特此更正"));
    let after = archives(&ground.public());
    let closed = |public: &Public| -> Public {
        let over = public.iter().filter(|(path, _)| !path.contains("2027-01"));
        over.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    };
    assert_eq!(closed(&after), closed(&before));

    let taking = Taking { why: Cause::ByHand, by: None, reason: None };
    pipeline.store.withdraw(vec![two.id.clone()], taking, (pipeline.clock)()).await.unwrap();
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    let public = ground.public();
    let holding = |public: &Public| -> Vec<String> {
        let holds = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(&title(2));
        public.iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path.clone()).collect()
    };
    assert!(!holding(&before).is_empty());
    assert_eq!(holding(&public), [""; 0], "no archive keeps it");
    let november = String::from_utf8(public["archives/all/2026-11.atom"].clone()).unwrap();
    assert!(november.contains(&format!("<at:deleted-entry ref=\"{}\"", two.id)), "{november}");
    let rewritten: Vec<_> =
        closed(&archives(&public)).into_iter().filter(|(path, b)| after[path] != *b).collect();
    assert!(rewritten.iter().all(|(path, _)| path.ends_with("/2026-11.atom")));
    for slug in ["all", "xin", "xin/yw"] {
        let feed = String::from_utf8(public[&format!("feeds/{slug}.atom")].clone()).unwrap();
        assert!(feed.contains(&format!("<at:deleted-entry ref=\"{}\"", two.id)), "{slug}");
        assert_eq!(walked(&public, slug), stored(&pipeline.store).await, "{slug}");
    }
    let json = String::from_utf8(public["feeds/all.json"].clone()).unwrap();
    assert!(json.contains(&format!("\"withdrawn\":[{{\"id\":\"{}\"", two.id)));
}

#[tokio::test]
async fn an_archive_gives_no_more_than_is_permitted_today() {
    let (ground, pipeline) = three_months().await;
    drop(pipeline);
    let telling = |public: &Public| {
        let tells =
            |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains("与会人员围绕政策落实");
        archives(public).values().filter(|bytes| tells(bytes)).count()
    };
    assert!(telling(&ground.public()) > 4);
    ground.reconfigure("family = \"generic\"", "family = \"generic\"\npublish = \"summary\"");
    let pipeline = ground.open().await;
    pipeline.sweep().await.unwrap();
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    assert_eq!(telling(&ground.public()), 0);
    assert_eq!(walked(&ground.public(), "all"), stored(&pipeline.store).await);
}

/// Title and text of all items that a program hears of which asks for the feed `slug`.
async fn told_of(pipeline: &Pipeline, slug: &str) -> BTreeMap<String, String> {
    let feed = pipeline.config.feeds.iter().find(|feed| feed.spec.slug == slug).unwrap();
    let filter = Filter { within: vec![feed.spec.selection.clone()], ..Filter::default() };
    let changes = pipeline.store.changes(filter, 0, u64::MAX >> 1, 1000).await.unwrap();
    let items = changes.told.into_iter().filter_map(|told| match told {
        Told::Item(item) => Some((item.title, item.text)),
        _ => None,
    });
    items.collect()
}

#[tokio::test]
async fn a_feed_that_holds_files_what_was_let_into_it_as_it_was_let_in() {
    let (ground, pipeline) = three_months().await;
    drop(pipeline);
    ground.reconfigure("id = \"all\"", "id = \"all\"\nhold = true");
    let pipeline = ground.open().await;
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    // One that waits, and a correction of one that is in.
    let revised = article_html(&title(7)).replace("</p>", "，特此更正。</p>");
    ground.site.set("/art/7.html", page(&revised));
    let rows = [("/art/8.html", title(8)), ("/art/7.html", format!("{}（更正）", title(7)))];
    let rows: Vec<_> = rows.iter().map(|(url, title)| (*url, title.as_str())).collect();
    ground.site.set("/yw/", page(&list_html(&rows, None)));
    ground.later(TimeDelta::days(40));
    once(&pipeline).await;
    let of_all = |public: &Public| -> String {
        let own =
            archives(public).into_iter().filter(|(path, _)| path.starts_with("archives/all/"));
        own.map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()).collect()
    };
    let eight =
        items(&pipeline.store).await.into_iter().find(|item| item.title == title(8)).unwrap();
    assert!(!walked(&ground.public(), "all").contains(eight.id.as_str()));
    let public = ground.public();
    assert!(of_all(&public).contains(&title(7)) && !of_all(&public).contains("特此更正"));
    // Programs that ask for the feed hear of no more than its readers.
    let held = told_of(&pipeline, "all").await;
    assert!(!held.contains_key(&title(8)) && held[&title(7)].contains("组织座谈"), "{held:?}");
    assert!(held.values().all(|text| !text.contains("特此更正")));
    let own = told_of(&pipeline, "xin/yw").await;
    assert!(own.contains_key(&title(8)) && own.values().any(|text| text.contains("特此更正")));
    let now = (pipeline.clock)();
    pipeline.store.release_to_feed("all", vec![eight.id.clone()], now).await.unwrap();
    assert!(told_of(&pipeline, "all").await.contains_key(&title(8)));
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    assert!(walked(&ground.public(), "all").contains(eight.id.as_str()));
    ground.later(TimeDelta::days(31));
    once(&pipeline).await;
    assert!(of_all(&ground.public()).contains(&title(8)), "it is in the archive of its month");
}

#[tokio::test]
async fn a_lost_archive_is_published_again() {
    let (ground, pipeline) = three_months().await;
    let public = ground.public();
    drop(pipeline);
    std::fs::remove_file(ground.data().join("public/archives/all/2026-11.atom")).unwrap();
    std::fs::remove_dir_all(ground.data().join("public/archives/xin")).unwrap();
    let pipeline = ground.open().await;
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    assert!(ground.public() == public);
}

#[tokio::test]
async fn an_archive_whose_feed_is_gone_goes_too() {
    let (ground, pipeline) = three_months().await;
    drop(pipeline);
    ground.reconfigure("id = \"all\"", "id = \"alles\"");
    let pipeline = ground.open().await;
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    pipeline.sweep().await.unwrap();
    let public = ground.public();
    assert!(!names(&public).iter().any(|name| name.starts_with("all/")));
    assert_eq!(walked(&public, "alles"), stored(&pipeline.store).await);
}

#[tokio::test]
async fn a_column_that_lists_an_old_article_anew_has_it_in_its_history() {
    let (ground, pipeline) = three_months().await;
    ground.list("/zt/", &[3, 2]);
    ground.later(TimeDelta::days(3));
    once(&pipeline).await;
    assert_eq!(walked(&ground.public(), "xin/zt").len(), 3);
    let of_column = Selection::Any { sites: Vec::new(), columns: vec!["xin/zt".parse().unwrap()] };
    assert_eq!(pipeline.store.newest(&of_column, 9, None).await.unwrap().len(), 3);
}
