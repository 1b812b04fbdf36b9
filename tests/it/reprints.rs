//! The same story on several sites: once where their news stand together, everywhere in their own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use lianbo::model::{Cause, ItemId, Selection};
use lianbo::pipeline::Pipeline;
use lianbo::store::{Filter, Search, Taking};
use serde_json::Value;

use super::archives::walked;
use super::ground::{Ground, Told, items, list_html, once, page};
use super::running::{Running, get};

type Public = BTreeMap<String, Vec<u8>>;

const SITES: &str = r#"
[[site]]
id = "sheng"
name = "某省工商联"
home = "http://sheng.test/"
family = "generic"
self_names = ["某省总商会"]
[[site.column]]
id = "yw"
name = "要闻"
url = "/sheng/"
[[site]]
id = "shi"
name = "某市工商联"
home = "http://shi.test/"
family = "generic"
[[site.column]]
id = "dt"
name = "动态"
url = "/shi/"
"#;

const STORY: [&str; 4] = [
    "11月16日上午，全省民营企业座谈会召开，来自制造、物流、软件等行业的二十八位企业负责人参加会议。",
    "会上，企业家们结合自身经营，谈到了用工成本上升、订单周期缩短等困难，也提出了十七条具体建议。",
    "省工商联负责人逐条作了回应，能够当场答复的当场答复，需要部门协同的列出清单，一周之内交办。",
    "会议要求，各级商会要把走访企业作为日常功课，真正弄清企业想什么、缺什么、盼什么。",
];
const TITLE: &str = "全省民营企业座谈会听取意见建议";
/// A notice that every site makes alike.
const NOTICE: &str = "为做好会员服务工作，根据章程规定，会员应当按年度缴纳会费，请于年底前通过单位账户转账，\
    并注明单位名称。秘书处收到后开具专用票据，联系电话：";

fn article(title: &str, credit: &str, paragraphs: &[&str]) -> String {
    let text: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    format!(
        "<html><head><title>{title}</title></head><body><h1>{title}</h1>\
         <div class=\"info\">发布时间:2026-11-18 来源:{credit}</div>\
         <div class=\"content\">{text}</div></body></html>"
    )
}

/// Three sites: `sheng` has the story and a notice, `shi` a notice of its own, `xin` other news.
fn ground() -> Ground {
    let ground = Ground::new();
    ground.configure(SITES);
    let address = ground.site.address;
    let hosts =
        format!("\"sheng.test\" = \"{address}\", \"shi.test\" = \"{address}\", \"xin.test\"");
    ground.reconfigure("\"xin.test\"", &hosts);
    let site = &ground.site;
    site.set("/s/1.html", page(&article(TITLE, "本网", &STORY)));
    let notice = format!("{NOTICE}83210001。");
    site.set("/s/2.html", page(&article("关于做好会费收缴工作的通知", "本网", &[&notice])));
    let notice = format!("{NOTICE}85620077。");
    site.set("/c/2.html", page(&article("关于做好会费收缴工作的通知", "本网", &[&notice])));
    let cut = article(&format!("【转载】{TITLE}"), "某省总商会", &STORY[1..]);
    site.set("/c/1.html", page(&cut));
    list(&ground, "/sheng/", &[("/s/1.html", TITLE), ("/s/2.html", "关于做好会费收缴工作的通知")]);
    list(&ground, "/shi/", &[("/c/2.html", "关于做好会费收缴工作的通知")]);
    ground
}

fn list(ground: &Ground, path: &str, rows: &[(&str, &str)]) {
    ground.site.set(path, page(&list_html(rows, None)));
}

/// `shi` takes the story over.
fn reprinted(ground: &Ground) {
    let title = format!("【转载】{TITLE}");
    let rows = [("/c/1.html", title.as_str()), ("/c/2.html", "关于做好会费收缴工作的通知")];
    list(ground, "/shi/", &rows);
}

fn feed(public: &Public, slug: &str) -> Vec<Value> {
    let feed: Value = serde_json::from_slice(&public[&format!("feeds/{slug}.json")]).unwrap();
    feed["items"].as_array().unwrap().clone()
}

/// The sites whose item of the story stands in a feed.
fn tellers(public: &Public, slug: &str) -> Vec<String> {
    let entries = feed(public, slug).into_iter();
    let told = entries.filter(|entry| entry["title"].as_str().unwrap().contains(TITLE));
    told.map(|entry| entry["_lianbo"]["site"].as_str().unwrap().to_owned()).collect()
}

fn text(public: &Public, path: &str) -> String {
    String::from_utf8(public[path].clone()).unwrap()
}

async fn withdraw(pipeline: &Pipeline, id: &ItemId) {
    let taking = Taking { why: Cause::ByHand, by: None, reason: None };
    pipeline.store.withdraw(vec![id.clone()], taking, (pipeline.clock)()).await.unwrap();
    lianbo::daemon::publish_all(pipeline).await.unwrap();
}

async fn of_site(pipeline: &Pipeline, site: &str) -> ItemId {
    let sites = vec![site.parse().unwrap()];
    let selection = Selection::Any { sites, columns: Vec::new() };
    let items = pipeline.store.newest(&selection, 99, None).await.unwrap();
    items.into_iter().find(|item| item.title.contains(TITLE)).unwrap().id
}

#[tokio::test]
async fn a_reprint_is_named_beside_the_original_and_stands_in_its_own_feed() {
    let ground = ground();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let before = feed(&ground.public(), "all");
    ground.later(TimeDelta::hours(3));
    reprinted(&ground);
    once(&pipeline).await;
    let public = ground.public();
    for (slug, told) in [
        ("all", vec!["sheng"]),
        ("sheng", vec!["sheng"]),
        ("shi", vec!["shi"]),
        ("shi/dt", vec!["shi"]),
    ] {
        assert_eq!(tellers(&public, slug), told, "{slug}");
    }
    // Through a filter too, where the whole feed is asked; of one site, what it has itself.
    for (sites, once, told) in [
        (vec![], true, vec!["sheng"]),
        (vec![], false, vec!["sheng", "shi"]),
        (vec!["shi"], true, vec!["shi"]),
    ] {
        let sites = sites.into_iter().map(|site| site.parse().unwrap()).collect();
        let filter = Filter { within: vec![Selection::All], sites, once, ..Filter::default() };
        let search = Search { filter, before: None, limit: 50, up_to: u64::MAX >> 1 };
        let found = pipeline.store.search(search).await.unwrap().items.into_iter();
        let told_by: BTreeSet<String> = found
            .filter(|item| item.title.contains(TITLE))
            .map(|item| item.site.to_string())
            .collect();
        assert_eq!(told_by.iter().collect::<Vec<_>>(), told);
    }
    // The notices are two, however alike they are made.
    let notices = |entry: &&Value| entry["title"] == "关于做好会费收缴工作的通知";
    let all = feed(&public, "all");
    assert_eq!(all.iter().filter(notices).count(), 2);
    assert_eq!(all.len(), 6, "three of xin, the story, two notices");

    let find = |feed: &[Value]| feed.iter().find(|one| one["title"] == TITLE).unwrap().clone();
    let (first, now) = (find(&before), find(&all));
    assert_eq!(first["_lianbo"].get("also_at"), None);
    let also = &now["_lianbo"]["also_at"][0];
    assert_eq!(also["site_name"], "某市工商联");
    assert_eq!(also["url"], "http://shi.test/c/1.html");
    let own = feed(&public, "shi").into_iter().find(|one| one["id"] == also["id"]).unwrap();
    assert_eq!(own["_lianbo"]["page"], also["page"]);
    assert_eq!(own["_lianbo"]["also_at"][0]["site"], "sheng");
    assert_eq!(now["date_modified"], first["date_modified"], "it is no revision");
    assert!(
        now["content_html"]
            .as_str()
            .unwrap()
            .contains("<p>另载于：<a href=\"http://shi.test/c/1.html\">某市工商联</a></p>")
    );

    let atom = feed_rs::parser::parse(public["feeds/all.atom"].as_slice()).unwrap();
    let entry = atom.entries.iter().find(|one| one.id == now["id"]).unwrap();
    let related = entry.links.iter().find(|link| link.rel.as_deref() == Some("related")).unwrap();
    assert_eq!(related.href, "http://shi.test/c/1.html");
    assert_eq!(related.title.as_deref(), Some("某市工商联"));
    assert!(text(&public, "feeds/all.rss").contains("另载于"));
    let page = also["page"].as_str().unwrap().strip_prefix("http://feeds.test").unwrap();
    let link = format!("另载于：<a href=\"{page}\">某市工商联</a>");
    let key = now["_lianbo"]["page"].as_str().unwrap().rsplit('/').next().unwrap();
    for path in ["feeds/all.html".to_owned(), format!("items/sheng/{key}.html")] {
        assert!(text(&public, &path).contains(&link), "{path}");
    }
    // Nothing is made anew where nothing changed.
    once(&pipeline).await;
    assert!(ground.public() == public);
}

/// What a withdrawal makes of the feeds, and a reprint of the archives.
#[tokio::test]
async fn a_reader_that_walks_back_meets_every_story_once_and_the_next_takes_its_place() {
    let ground = ground();
    ground.reconfigure("[withdraw]", "[feeds]\nlimit = 2\n[withdraw]");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    ground.later(TimeDelta::days(14));
    ground.list("/yw/", &[6, 5, 4]);
    once(&pipeline).await;
    let closed = text(&ground.public(), "archives/all/2026-11.atom");
    assert!(closed.contains(TITLE));
    // The province corrects itself, which its archive leaves to the feed.
    let corrected = article(TITLE, "本网", &STORY).replace("二十八位", "二十九位");
    ground.site.set("/s/1.html", page(&corrected));
    list(&ground, "/sheng/", &[("/s/1.html", &format!("{TITLE}（更正）"))]);
    ground.later(TimeDelta::hours(1));
    once(&pipeline).await;
    assert!(text(&ground.public(), "feeds/sheng.json").contains("二十九位"));
    assert_eq!(text(&ground.public(), "archives/all/2026-11.atom"), closed);
    // A reprint changes no archive, not even to bring that in, and is none of the feed of all.
    reprinted(&ground);
    ground.later(TimeDelta::hours(3));
    once(&pipeline).await;
    let public = ground.public();
    let (sheng, shi) = (of_site(&pipeline, "sheng").await, of_site(&pipeline, "shi").await);
    assert_eq!(text(&public, "archives/all/2026-11.atom"), closed);
    let met = walked(&public, "all");
    assert!(met.contains(sheng.as_str()) && !met.contains(shi.as_str()));
    let mut all: BTreeSet<String> =
        items(&pipeline.store).await.iter().map(|item| item.id.to_string()).collect();
    assert_eq!(met, all);
    assert!(walked(&public, "shi").contains(shi.as_str()));

    withdraw(&pipeline, &sheng).await;
    let public = ground.public();
    let met = walked(&public, "all");
    assert!(met.contains(shi.as_str()) && !met.contains(sheng.as_str()));
    assert!(!text(&public, "archives/all/2026-11.atom").contains(TITLE));
    assert!(!text(&public, "feeds/shi.json").contains("also_at"));
    all.remove(sheng.as_str());
    all.insert(shi.to_string());
    assert_eq!(met, all);
    let december: Vec<_> =
        public.keys().filter(|path| path.starts_with("archives/all/2026-12")).collect();
    assert!(!december.is_empty(), "the next one is where the news of its time are");

    pipeline.store.restore(vec![sheng.clone()]).await.unwrap();
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    let public = ground.public();
    let met = walked(&public, "all");
    assert!(met.contains(sheng.as_str()) && !met.contains(shi.as_str()));
    assert!(text(&public, "archives/all/2026-11.atom").contains("二十九位"));
}

fn fine(told: Told) -> String {
    assert_eq!(told.code, Some(0), "{told:?}");
    told.out
}

#[test]
fn who_took_over_from_whom_is_counted_and_explained() {
    let ground = ground();
    reprinted(&ground);
    fine(ground.lianbo(&["once"]));
    let report = |more: &[&str]| {
        let asked = [&["report", "adoptions", "--month", "2026-11"][..], more].concat();
        fine(ground.lianbo(&asked))
    };
    let table = report(&[]);
    let squeezed: Vec<String> =
        table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(squeezed[0].starts_with("adoptions in 2026-11: 1 item"), "{table}");
    assert!(squeezed.contains(&"某省工商联 某市工商联 1".to_owned()), "{table}");
    assert!(squeezed.contains(&"某省工商联 1 1 0".to_owned()), "{table}");
    assert!(squeezed.contains(&"某市工商联 0 0 1".to_owned()), "{table}");
    assert_eq!(
        report(&["--csv", "-"]),
        "month,original_site,original_name,reprint_site,reprint_name,count\r\n\
         2026-11,sheng,某省工商联,shi,某市工商联,1\r\n"
    );
    let file = ground.folder.path().join("items.csv");
    report(&["--items", "--csv", file.to_str().unwrap()]);
    let csv = std::fs::read_to_string(file).unwrap();
    let rows: Vec<&str> = csv.strip_prefix('\u{feff}').unwrap().lines().collect();
    let row = format!(
        "2026-11,sheng,某省工商联,2026-11-18,{TITLE},http://sheng.test/s/1.html,\
         shi,某市工商联,2026-11-18,【转载】{TITLE},http://shi.test/c/1.html"
    );
    assert_eq!(rows[1..], [row.as_str()]);
    assert!(report(&["--items"]).contains("http://shi.test/c/1.html"));
    let october = fine(ground.lianbo(&["report", "adoptions", "--month", "2026-10"]));
    assert!(october.starts_with("adoptions in 2026-10: 0 items"), "{october}");
    assert_eq!(ground.lianbo(&["report", "adoptions", "--month", "2026-13"]).code, Some(2));

    let told = fine(ground.lianbo(&["explain", "http://shi.test/c/1.html", "--offline"]));
    assert!(told.contains("the same story at 2 sites"), "{told}");
    assert!(
        told.contains("original; credits 某省工商联; same title, 100% of the shorter"),
        "{told}"
    );
    let json = ["explain", "http://shi.test/c/1.html", "--offline", "--json"];
    let json: Value = serde_json::from_str(&fine(ground.lianbo(&json))).unwrap();
    let story = &json["stored"]["story"];
    assert_eq!((&story[0]["site"], &story[0]["original"]), (&"sheng".into(), &true.into()));
    assert_eq!(story[1]["credits"], "sheng");
    assert_eq!(story[1]["likeness"]["titles"], "same");
}

#[test]
fn a_search_for_a_name_takes_the_reprints_back_too() {
    let ground = ground();
    reprinted(&ground);
    // The lead, which the reprint cut, has the name.
    let lead = format!("{}会长赵某某主持。", STORY[0]);
    let whole = article(TITLE, "本网", &[&lead, STORY[1], STORY[2], STORY[3]]);
    ground.site.set("/s/1.html", page(&whole));
    fine(ground.lianbo(&["once"]));
    let told = ground.lianbo(&["withdraw", "--search", "赵某某"]);
    assert!(
        told.out.contains("[2]") && told.out.contains(&format!("reprint of: {TITLE}")),
        "{told:?}"
    );
    fine(ground.lianbo(&["withdraw", "--search", "赵某某", "--yes"]));
    let public = ground.public();
    let holding: Vec<_> =
        public.iter().filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(TITLE)).collect();
    assert!(holding.is_empty(), "{:?}", holding.iter().map(|(path, _)| path).collect::<Vec<_>>());
}

#[test]
fn beside_a_running_daemon_the_next_takes_the_place_of_a_withdrawn_one() {
    let ground = ground();
    reprinted(&ground);
    // A feed that waits for its time does not wait with this.
    ground.reconfigure("id = \"all\"", "id = \"all\"\ncron = \"0 0 1 1 *\"");
    let mut running = Running::start(&ground.config_file());
    let address = running.address();
    running.answered(&address, "/feeds/all.json", 200);
    let told = |site: &str| {
        let feed: Value = serde_json::from_str(&get(&address, "/feeds/all.json").1).unwrap();
        let told = |one: &&Value| one["title"].as_str().unwrap().contains(TITLE);
        let sites: Vec<Value> = feed["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(told)
            .map(|one| one["_lianbo"]["site"].clone())
            .collect();
        sites == [site]
    };
    let both = |path: &str| get(&address, path).1.contains(TITLE);
    while !(both("/feeds/sheng.json") && both("/feeds/shi.json")) {
        running.wait_for(&["published", "rendered="]);
    }
    let feed: Value = serde_json::from_str(&get(&address, "/feeds/sheng.json").1).unwrap();
    let page = feed["items"].as_array().unwrap().iter().find(|one| one["title"] == TITLE).unwrap()
        ["_lianbo"]["page"]
        .as_str()
        .unwrap()
        .to_owned();
    fine(ground.lianbo(&["withdraw", &page]));
    assert!(told("shi"), "{}", get(&address, "/feeds/all.json").1);
    assert!(!get(&address, "/feeds/shi.json").1.contains("also_at"));
    fine(ground.lianbo(&["restore", &page]));
    assert!(told("sheng"));
    assert!(running.end().success());
}
