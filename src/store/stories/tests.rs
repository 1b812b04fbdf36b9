//! Stories through the operations of the store.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::super::findings::{Amend, Terms};
use super::super::tests::{draft, now};
use super::super::{Findings, Place, SqliteStore, StoreOptions, Taking};
use crate::model::{Body, Cause, Draft, ItemId, Selection, SiteId};

const TITLE: &str = "全省民营企业座谈会在宁召开";
const TEXT: [&str; 4] = [
    "11月16日上午，全省民营企业座谈会在南京召开，来自各行业的二十八位企业负责人参加会议。",
    "会上，企业家们谈到了用工成本上升、订单周期缩短、回款变慢等困难，也提出了十七条具体建议。",
    "省工商联负责人逐条作了回应，能够当场答复的当场答复，需要协同的列出清单，一周之内交办。",
    "会议要求，各级商会要把走访企业作为日常功课，真正弄清企业想什么、缺什么、盼什么。",
];

struct Ground {
    _folder: tempfile::TempDir,
    store: SqliteStore,
}

/// What `site` tells under `title`, with its number, crediting a name.
fn told(site: &str, number: u32, title: &str, text: &str, credit: &str) -> Draft {
    let url = Url::parse(&format!("http://{site}.test/{number}.html")).unwrap();
    let attribution = format!("来源：{credit}（转自{site}）");
    Draft {
        id: ItemId::from_tag_uri(format!("tag:x.test,2026:{site}/{number}")),
        site: site.parse().unwrap(),
        column: format!("{site}/news").parse().unwrap(),
        aliases: vec![url.clone()],
        url,
        credit: (!credit.is_empty()).then(|| credit.to_owned()),
        attribution,
        body: Body { text: text.to_owned(), ..Body::default() },
        hash: format!("{title}{text}"),
        ..draft(number, title)
    }
}

fn whole() -> String {
    TEXT.join("\n")
}

fn all() -> Selection {
    Selection::All
}

fn of_sites(names: &[&str]) -> Selection {
    let sites = names.iter().map(|name| name.parse().unwrap()).collect();
    Selection::Any { sites, columns: Vec::new() }
}

impl Ground {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        let site = |id: &str| id.parse::<SiteId>().unwrap();
        let names = [("甲市工商联", site("a")), ("乙市工商联", site("b"))];
        let names: BTreeMap<String, SiteId> =
            names.into_iter().map(|(name, site)| (name.to_owned(), site)).collect();
        store.name_sites(names).await.unwrap();
        Self { _folder: folder, store }
    }

    /// A run of the site that found `draft`, so many hours later.
    async fn save(&self, draft: Draft, hours: i64) -> ItemId {
        self.save_under(draft, hours, Terms::default()).await
    }

    async fn save_under(&self, draft: Draft, hours: i64, terms: Terms) -> ItemId {
        let (column, id) = (draft.column.clone(), draft.id.clone());
        let findings = Findings { drafts: vec![draft], terms, ..Findings::default() };
        self.store.save(&column, findings, now() + TimeDelta::hours(hours)).await.unwrap();
        id
    }

    /// The sites whose items stand in `selection`, and for each where else its story stands.
    async fn shown(&self, selection: &Selection) -> Vec<String> {
        let items = self.store.newest(selection, 99, None).await.unwrap();
        let told = items.iter().map(|item| {
            let also: Vec<_> = item.also_at.iter().map(|place| place.site.as_str()).collect();
            format!("{} {}", item.site, also.join(","))
        });
        let mut told: Vec<String> = told.map(|line| line.trim_end().to_owned()).collect();
        told.sort();
        told
    }

    async fn withdraw(&self, id: &ItemId) {
        let taking = Taking { why: Cause::ByHand, by: None, reason: None };
        self.store.withdraw(vec![id.clone()], taking, now()).await.unwrap();
    }
}

/// Three sites tell one story: `a` first, whom the others credit, then `b`, then `c`, with a cut lead.
async fn three() -> (Ground, [ItemId; 3]) {
    let ground = Ground::new().await;
    let a = ground.save(told("a", 1, TITLE, &whole(), "甲市工商联"), 0).await;
    let title = format!("【转载】{TITLE}");
    let b = ground.save(told("b", 2, &title, &whole(), "甲市工商联"), 5).await;
    let c = ground.save(told("c", 3, TITLE, &TEXT[1..].join("\n"), ""), 30).await;
    (ground, [a, b, c])
}

#[tokio::test]
async fn a_story_stands_once_in_a_feed_of_several_sites_and_everywhere_in_their_own() {
    let (ground, _) = three().await;
    assert_eq!(ground.shown(&all()).await, ["a b,c"]);
    assert_eq!(ground.shown(&of_sites(&["b", "c"])).await, ["b a,c"]);
    for (site, also) in [("a", "a b,c"), ("b", "b a,c"), ("c", "c a,b")] {
        assert_eq!(ground.shown(&of_sites(&[site])).await, [also]);
    }
    // A client with a cursor gets them all.
    let changes = ground.store.changes_after(0, 99).await.unwrap();
    assert_eq!(changes.len(), 3);
    assert!(changes.iter().all(|item| item.also_at.len() == 2 && item.revised == item.first_seen));
}

#[tokio::test]
async fn one_run_tells_it_as_several_do() {
    let ground = Ground::new().await;
    // Within the hour the credit decides, whoever was read first.
    ground.save(told("c", 3, TITLE, &whole(), ""), 0).await;
    ground.save(told("b", 2, TITLE, &whole(), "甲市工商联"), 0).await;
    ground.save(told("a", 1, TITLE, &whole(), "甲市工商联"), 0).await;
    assert_eq!(ground.shown(&all()).await, ["a c,b"]);
}

#[tokio::test]
async fn what_readers_have_keeps_its_place_and_the_report_knows_better() {
    let ground = Ground::new().await;
    let b = ground.save(told("b", 2, TITLE, &whole(), "甲市工商联"), 0).await;
    ground.save(told("a", 1, TITLE, &whole(), "甲市工商联"), 2).await;
    assert_eq!(ground.shown(&all()).await, ["b a"]);
    let day = |text: &str| text.parse().unwrap();
    let adopted = ground.store.adoptions(day("2026-11-01"), day("2026-12-01")).await.unwrap();
    let pairs: Vec<_> =
        adopted.iter().map(|one| (one.original.site.as_str(), one.reprint.site.as_str())).collect();
    assert_eq!(pairs, [("a", "b")]);
    let december = ground.store.adoptions(day("2026-12-01"), day("2027-01-01")).await.unwrap();
    assert!(december.is_empty());
    let story = ground.store.story(&b).await.unwrap();
    let told: Vec<_> = story.iter().map(|one| (one.item.site.as_str(), one.is_original)).collect();
    assert_eq!(told, [("b", false), ("a", true)]);
    assert!(story.iter().all(|one| one.likeness.is_some_and(|like| like.is_same_story(false))));
}

#[tokio::test]
async fn a_withdrawn_item_leaves_its_place_to_the_next_and_comes_back_to_it() {
    let (ground, [a, b, c]) = three().await;
    let before = ground.store.last_seq().await.unwrap();
    ground.withdraw(&a).await;
    assert_eq!(ground.shown(&all()).await, ["b c"]);
    let changed = ground.store.changes_after(before, 99).await.unwrap();
    let ids: Vec<&ItemId> = changed.iter().map(|item| &item.id).collect();
    assert_eq!(ids, [&a, &b, &c], "all that are shown otherwise are told");
    assert!(changed[0].also_at.is_empty() && changed[0].title.is_empty());
    for (item, only) in changed.iter().zip([false, true, true]) {
        assert_eq!(ground.store.is_only_retold(item, before).await.unwrap(), only);
        // To those who have not heard of it at all it is news.
        assert!(!ground.store.is_only_retold(item, 0).await.unwrap());
    }
    let (columns, _) = ground.store.unpublished().await.unwrap();
    assert_eq!(columns.len(), 3, "and published at once");
    ground.store.restore(vec![a.clone()]).await.unwrap();
    assert_eq!(ground.shown(&all()).await, ["a b,c"]);
    let taking = Taking { why: Cause::ByHand, by: None, reason: None };
    ground.store.purge(vec![a.clone()], taking, now()).await.unwrap();
    assert_eq!(ground.shown(&all()).await, ["b c"]);
    assert!(ground.store.story(&a).await.unwrap().is_empty(), "nothing tells what it was");
}

#[tokio::test]
async fn a_revision_may_leave_a_story_and_join_one() {
    let (ground, [_, b, _]) = three().await;
    let other = "市工商联昨日走进社区慰问困难职工，送去米面油和防寒衣物，并与老党员亲切交谈，了解他们的生活情况。\
                 志愿者们还为社区居民义诊、理发、维修小家电，现场欢声笑语不断。";
    ground.save(told("b", 2, "走进社区送温暖", other, ""), 40).await;
    assert_eq!(ground.shown(&all()).await, ["a c", "b"]);
    assert!(ground.store.story(&b).await.unwrap().is_empty());
    ground.save(told("b", 2, TITLE, &whole(), "甲市工商联"), 50).await;
    assert_eq!(ground.shown(&all()).await, ["a b,c"]);
    // A correction that nobody else made leaves it where it is.
    let corrected = whole().replace("二十八位", "二十九位");
    ground.save(told("a", 1, TITLE, &corrected, "甲市工商联"), 60).await;
    assert_eq!(ground.shown(&all()).await, ["a b,c"]);
}

#[tokio::test]
async fn a_row_of_a_list_joins_once_its_article_could_be_read() {
    let ground = Ground::new().await;
    ground.save(told("a", 1, TITLE, &whole(), ""), 0).await;
    let row = Draft { partial: true, ..told("b", 2, TITLE, "", "") };
    ground.save(row, 1).await;
    assert_eq!(ground.shown(&all()).await, ["a", "b"]);
    ground.save(told("b", 2, TITLE, &whole(), ""), 2).await;
    assert_eq!(ground.shown(&all()).await, ["a b"]);
    // A reading by today's rules counts, too.
    let terms = Terms { amend: Amend::Always, ..Terms::default() };
    ground.save_under(told("b", 2, TITLE, "", ""), 3, terms).await;
    assert_eq!(ground.shown(&all()).await, ["a", "b"]);
}

#[tokio::test]
async fn what_waits_for_release_is_shown_nowhere_and_takes_its_place_when_it_is_let_out() {
    let ground = Ground::new().await;
    let hold = Terms { hold: true, ..Terms::default() };
    let a = ground.save_under(told("a", 1, TITLE, &whole(), "甲市工商联"), 0, hold).await;
    ground.save(told("b", 2, TITLE, &whole(), "甲市工商联"), 1).await;
    assert_eq!(ground.shown(&all()).await, ["b"]);
    ground.store.release(vec![a], now() + TimeDelta::hours(9)).await.unwrap();
    assert_eq!(ground.shown(&all()).await, ["b a"]);
}

#[tokio::test]
async fn one_site_tells_nothing_twice_and_last_month_is_over() {
    let ground = Ground::new().await;
    ground.save(told("a", 1, TITLE, &whole(), ""), 0).await;
    ground.save(told("a", 4, TITLE, &whole(), ""), 1).await;
    assert_eq!(ground.shown(&all()).await, ["a", "a"]);
    ground.save(told("b", 2, TITLE, &whole(), ""), 2).await;
    ground.save(told("b", 5, TITLE, &whole(), ""), 3).await;
    let shown = ground.shown(&all()).await;
    assert_eq!(shown, ["a b", "a b"], "each has one at the other");
    let long_ago = (now() - TimeDelta::days(40)).with_timezone(&crate::model::BEIJING);
    let old = Draft { published: long_ago, ..told("c", 3, TITLE, &whole(), "") };
    ground.save(old, 4).await;
    assert_eq!(ground.shown(&of_sites(&["c"])).await, ["c"]);
}

#[tokio::test]
async fn a_search_for_a_name_lists_the_reprints_that_cut_it() {
    let ground = Ground::new().await;
    let text = format!("{}\n会长王某某主持会议。", whole());
    ground.save(told("a", 1, TITLE, &text, ""), 0).await;
    ground.save(told("b", 2, TITLE, &whole(), ""), 1).await;
    let mentions = ground.store.mentions("王某某").await.unwrap();
    let mut found: Vec<_> = mentions.iter().map(|m| (m.item.site.as_str(), m.places[0])).collect();
    found.sort();
    assert_eq!(found, [("a", Place::Body), ("b", Place::Reprint)]);
}

#[tokio::test]
async fn a_database_from_before_has_its_stories_found() {
    let (ground, ids) = three().await;
    ground
        .store
        .write(|transaction| {
            transaction.execute_batch(
                "DELETE FROM telling_mark; DELETE FROM telling; DELETE FROM retold;
                 INSERT INTO mark VALUES ('stories', '0');",
            )?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(ground.shown(&all()).await, ["a", "b", "c"]);
    let before = ground.store.last_seq().await.unwrap();
    // What comes meanwhile is there already.
    ground.save(told("d", 9, TITLE, &whole(), ""), 31).await;
    let later: DateTime<Utc> = now() + TimeDelta::days(1);
    let mut batches = 0;
    while ground.store.gather_stories(later).await.unwrap() {
        batches += 1;
        assert!(batches < 9);
    }
    assert_eq!(ground.shown(&all()).await, ["a b,c,d"]);
    let told = ground.store.changes_after(before, 99).await.unwrap();
    assert_eq!(told.len(), 4, "recent ones are told again");
    assert!(!ground.store.gather_stories(later).await.unwrap());
    assert_eq!(ground.store.story(&ids[2]).await.unwrap().len(), 4);
}
