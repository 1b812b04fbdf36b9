//! Who an article is and when it was published, as feeds tell it: neither moves, whatever happens.

use std::collections::BTreeSet;
use std::fs;

use chrono::TimeDelta;
use serde_json::Value;

use crate::ground::{Ground, Reply, article_html, list_html, once, page, title};

/// An article with these lines in place of its usual printed line and after its text.
fn article(name: &str, info: &str, more: &str) -> Reply {
    let html = article_html(name).replace("发布时间:2026-11-01 来源:新新商会", info);
    page(&html.replace("</div></body>", &format!("{more}</div></body>")))
}

/// A list of rows (address, title, date as printed).
fn list(rows: &[(&str, &str, &str)]) -> Reply {
    let plain: Vec<(&str, &str)> = rows.iter().map(|(url, name, _)| (*url, *name)).collect();
    let mut html = list_html(&plain, None);
    for (url, _, date) in rows {
        let (before, row) = html.split_once(&format!("href=\"{url}\"")).unwrap();
        html = format!("{before}href=\"{url}\"{}", row.replacen("2026-11-01", date, 1));
    }
    page(&html)
}

/// The items of a published feed.
fn feed(ground: &Ground, slug: &str) -> Vec<Value> {
    let path = ground.data().join("public/feeds").join(format!("{slug}.json"));
    let feed: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    feed["items"].as_array().unwrap().clone()
}

/// The ids of a published feed, which each of its formats gives alike and each only once.
fn ids(ground: &Ground, slug: &str) -> Vec<String> {
    let wanted: Vec<String> =
        feed(ground, slug).iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    for format in ["rss", "atom", "json"] {
        let path = ground.data().join("public/feeds").join(format!("{slug}.{format}"));
        let feed = feed_rs::parser::parse(fs::read(path).unwrap().as_slice()).unwrap();
        let found: Vec<String> = feed.entries.into_iter().map(|entry| entry.id).collect();
        assert_eq!(found, wanted, "{slug}.{format}");
    }
    let distinct: BTreeSet<&String> = wanted.iter().collect();
    assert_eq!(distinct.len(), wanted.len(), "no id twice in {slug}");
    wanted
}

/// The item of article `number` in the feed of all.
fn item(ground: &Ground, key: &str) -> Value {
    let id = format!("tag:feeds.test,2026:xin/{key}");
    feed(ground, "all").into_iter().find(|item| item["id"] == id.as_str()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_outlives_whatever_happens_to_its_article() {
    const PATH: &str = "/yw/202611/t20261101_700001.html";
    const ID: &str = "tag:feeds.test,2026:xin/trs-700001";
    let ground = Ground::new();
    ground.reconfigure("\"alt.test\"", "\"www.xin.test\"");
    ground.site.set(PATH, page(&article_html(&title(1))));
    ground.site.set("/yw/", list(&[(PATH, &title(1), "2026-11-01")]));
    ground.site.set("/zt/", list(&[(PATH, &title(1), "2026-11-01")]));
    let mut pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(ids(&ground, "all"), [ID]);

    // Read again, and by another process.
    once(&pipeline).await;
    drop(pipeline);
    pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(ids(&ground, "all"), [ID]);

    // Its title, its date and its place on the site are corrected.
    let crumbs = "<div class=\"crumb\">首页 &gt; 工作动态</div>";
    for (name, info, crumbs) in [
        ("市商会召开会员企业服务大会", "发布时间:2026-11-01 来源:新新商会", ""),
        ("市商会召开会员企业服务大会（更正）", "发布时间:2026-10-31 来源:新新商会", ""),
        ("市商会召开会员服务大会", "发布时间:2026-10-31 来源:秘书处", crumbs),
    ] {
        ground.later(TimeDelta::hours(1));
        let html = article_html(name).replace("发布时间:2026-11-01 来源:新新商会", info);
        ground.site.set(PATH, page(&html.replace("<h1>", &format!("{crumbs}<h1>"))));
        ground.site.set("/yw/", list(&[(PATH, name, "2026-11-01")]));
        ground.site.set("/zt/", list(&[(PATH, name, "2026-11-01")]));
        once(&pipeline).await;
        assert_eq!(ids(&ground, "all"), [ID]);
        assert_eq!(item(&ground, "trs-700001")["title"], name, "the correction was read");
    }
    // Where list and article disagree, the article is believed; what is published stays.
    let corrected = item(&ground, "trs-700001");
    assert_eq!(corrected["_lianbo"]["posted"], "2026-10-31");
    assert_eq!(corrected["date_published"], "2026-11-01T00:00:00+08:00");

    // The list gives its address in other forms.
    let name = "市商会召开会员服务大会";
    for url in [
        "https://xin.test/yw/202611/t20261101_700001.html",
        "http://www.xin.test/yw/202611/t20261101_700001.html",
        "/yw/202611/t20261101_700001.html?utm_source=wx&amp;from=timeline",
        "/yw/202611/t20261101_700001.html;jsessionid=9F0A",
        "/yw/202611/t20261101_700001.html#top",
        "/zt/ssjl/202611/t20261101_700001.html",
    ] {
        ground.later(TimeDelta::hours(1));
        ground.site.set("/yw/", list(&[(url, name, "2026-11-01")]));
        ground.site.asked();
        once(&pipeline).await;
        assert_eq!(ids(&ground, "all"), [ID], "listed as {url}");
        assert_eq!(ids(&ground, "xin/yw"), [ID], "listed as {url}");
        assert_eq!(ground.site.asked(), ["/yw/", "/zt/"], "listed as {url}");
    }

    // All that was stored is lost.
    drop(pipeline);
    fs::remove_dir_all(ground.data()).unwrap();
    ground.site.set("/yw/", list(&[(&format!("http://www.xin.test{PATH}"), name, "2026-11-01")]));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(ids(&ground, "all"), [ID]);
}

/// Of each family an article's address, another one that it has, and its key.
const TWINS: &[(&str, &str, &str)] = &[
    ("/yw/202611/t20261101_700001.html", "/zt/202611/t20261101_700001.html", "trs-700001"),
    ("/art/2026/11/1/art_1201_51001.html", "/art/2026/11/1/art_1202_51001.html", "art-51001"),
    (
        "/art/2026/art_0f1e2d3c4b5a69788796a5b4c3d2e1f0.html",
        "/col/col1620079/art/2026/art_0F1E2D3C4B5A69788796A5B4C3D2E1F0.html",
        "art-0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    ),
    ("/gzdt/content/post_1400106.html", "/gzdt/content/mpost_1400106.html", "post-1400106"),
    (
        "/gsldt/content/7d0b2c1e-5f1a-4b7e-9c55-1f2e3d4c5b6a.html",
        "/zt/content/7D0B2C1E-5F1A-4B7E-9C55-1F2E3D4C5B6A.html",
        "uuid-7d0b2c1e5f1a4b7e9c551f2e3d4c5b6a",
    ),
    ("/html/2026/dongtai_1101/10923.html", "/content/suitable/show?catid=12&id=10923", "php-10923"),
    ("/show.asp?NewsID=3012", "/Show.asp?newsid=3012&ClassID=1&page=2", "show-3012"),
    ("/2026/1101/c1203a184512/page.htm", "/_s26/2026/1101/c99a184512/page.psp", "wp-184512"),
    (
        "/info/1004/4966.htm",
        "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1004&wbnewsid=4966",
        "vsb-4966",
    ),
    ("/yw/202611/content_7011245.htm", "/zt/202611/content_7011245.htm", "content-7011245"),
    (
        "/a/20261101/1793500800471.shtml",
        "https://www.xin.test/zt/1793500800471.shtml",
        "epoch-1793500800471",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn two_addresses_of_one_article_are_one_item_in_both_columns() {
    let ground = Ground::new();
    let names: Vec<String> =
        (0..TWINS.len()).map(|n| format!("{}之{n:02}", title(1 + n as u32 % 9))).collect();
    for ((path, _, _), name) in TWINS.iter().zip(&names) {
        ground.site.set(path, page(&article_html(name)));
    }
    let rows = |which: fn(&(&'static str, &'static str, &str)) -> &'static str| {
        let rows: Vec<(&str, &str)> =
            TWINS.iter().zip(&names).map(|(twin, name)| (which(twin), name.as_str())).collect();
        page(&list_html(&rows, None))
    };
    ground.site.set("/yw/", rows(|twin| twin.0));
    ground.site.set("/zt/", rows(|twin| twin.1));
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert!(reports.iter().all(|report| report.faults.is_empty()), "{reports:?}");
    let wanted: BTreeSet<String> =
        TWINS.iter().map(|twin| format!("tag:feeds.test,2026:xin/{}", twin.2)).collect();
    for slug in ["all", "xin", "xin/yw", "xin/zt"] {
        let found: BTreeSet<String> = ids(&ground, slug).into_iter().collect();
        assert_eq!(found, wanted, "{slug}");
    }
    for item in feed(&ground, "all") {
        assert_eq!(item["_lianbo"]["columns"], serde_json::json!(["xin/yw", "xin/zt"]), "{item}");
    }
    let asked = ground.site.asked();
    assert_eq!(asked.len(), TWINS.len() + 2, "each was read once: {asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_a_time_has_a_moment_that_never_moves() {
    let ground = Ground::new();
    // It is 18:00 on the 20th in Beijing.
    let rows = [
        ("/art/9.html", title(9), "2026-11-20"),
        ("/art/8.html", title(8), "2026-11-20"),
        ("/art/7.html", title(7), "2026-11-19"),
        ("/art/6.html", title(6), "2026-11-19"),
        ("/art/5.html", title(5), "2016-02-29"),
    ];
    let show = |mark: &str| {
        let names: Vec<String> = rows.iter().map(|row| format!("{}{mark}", row.1)).collect();
        let shown: Vec<(&str, &str, &str)> =
            rows.iter().zip(&names).map(|(row, name)| (row.0, name.as_str(), row.2)).collect();
        for (url, name, date) in &shown {
            ground.site.set(url, article(name, &format!("发布时间:{date} 来源:新新商会"), ""));
        }
        ground.site.set("/yw/", list(&shown));
        ground.site.set("/zt/", list(&shown[..1]));
        names
    };
    let told = |ground: &Ground| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let items = feed(ground, "xin/yw");
        items.iter().map(|item| (text(&item["title"]), text(&item["date_published"]))).collect()
    };
    let dates = [
        "2026-11-20T18:00:00+08:00",
        "2026-11-20T18:00:00+08:00",
        "2026-11-19T00:00:00+08:00",
        "2026-11-19T00:00:00+08:00",
        "2016-02-29T00:00:00+08:00",
    ];
    let pipeline = ground.open().await;
    for mark in ["", "（更正）", "（再更正）"] {
        let names = show(mark);
        once(&pipeline).await;
        let wanted: Vec<(String, String)> =
            names.into_iter().zip(dates.map(str::to_owned)).collect();
        assert_eq!(told(&ground), wanted, "in the order of the list");
        ground.later(TimeDelta::hours(7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_date_lies_ahead_and_none_is_made_up_anew() {
    let ground = Ground::new();
    let (ahead, without) = (title(1), title(2));
    ground.site.set("/art/1.html", article(&ahead, "发布时间:2026-12-25 来源:新新商会", ""));
    ground.site.set("/art/2.html", article(&without, "来源:新新商会", ""));
    let rows = [("/art/1.html", ahead.as_str(), "2026-12-25"), ("/art/2.html", &without, "")];
    ground.site.set("/yw/", list(&rows));
    ground.site.set("/zt/", list(&rows));
    let pipeline = ground.open().await;
    for _ in 0..3 {
        once(&pipeline).await;
        let items = feed(&ground, "xin/yw");
        assert_eq!(items.len(), 2);
        for item in items {
            // First seen at 18:00 in Beijing, and that it remains.
            assert_eq!(item["date_published"], "2026-11-20T18:00:00+08:00", "{item}");
        }
        ground.later(TimeDelta::days(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_years_of_articles_read_at_once_keep_their_dates() {
    let ground = Ground::new();
    let rows: Vec<(String, String, String)> = (0..30)
        .map(|n| {
            let (year, month) = (2026 - n / 3, 1 + n % 3 * 4);
            let path = format!("/yw/{year}{month:02}/t{year}{month:02}15_{}.html", 700_900 - n);
            (path, format!("{year}年第{month}期商会工作简报发布"), format!("{year}-{month:02}-15"))
        })
        .collect();
    for (path, name, date) in &rows {
        ground.site.set(path, article(name, &format!("发布时间:{date} 来源:新新商会"), ""));
    }
    let shown: Vec<(&str, &str, &str)> =
        rows.iter().map(|row| (row.0.as_str(), row.1.as_str(), row.2.as_str())).collect();
    ground.site.set("/yw/", list(&shown));
    ground.site.set("/zt/", list(&shown[..1]));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let found: Vec<String> = feed(&ground, "xin/yw")
        .iter()
        .map(|item| item["date_published"].as_str().unwrap().to_owned())
        .collect();
    let mut wanted: Vec<String> =
        rows.iter().map(|row| format!("{}T00:00:00+08:00", row.2)).collect();
    wanted.sort();
    wanted.reverse();
    assert_eq!(found, wanted, "each its own, the newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_and_tokens_are_no_change_but_an_edit_is() {
    let ground = Ground::new();
    let name = title(1);
    let counted = |views: u32, more: &str| {
        let info = format!("发布时间:2026-11-01 来源:新新商会 浏览次数:{views}");
        let rest = format!(
            "<p><img src=\"/1.jpg?jsessionid=A{views}\"></p>{more}<p>浏览次数：<span>{views}</span></p>"
        );
        article(&name, &info, &rest)
    };
    ground.site.set("/art/1.html", counted(12, ""));
    ground.list("/zt/", &[1]);
    let short = format!("{}…", name.chars().take(9).collect::<String>());
    ground.site.set("/yw/", list(&[("/art/1.html", &short, "2026-11-01")]));
    ground.site.set("/zt/", list(&[("/art/1.html", &short, "2026-11-01")]));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let before = ground.public();
    let first = feed(&ground, "all").remove(0);

    // The row changes its form, so the page is read again; only its counters moved.
    ground.later(TimeDelta::hours(2));
    ground.site.set("/art/1.html", counted(4711, ""));
    let shorter = format!("{}…", name.chars().take(7).collect::<String>());
    ground.site.set("/yw/", list(&[("/art/1.html", &shorter, "2026-11-01")]));
    ground.site.set("/zt/", list(&[("/art/1.html", &shorter, "2026-11-01")]));
    ground.site.asked();
    once(&pipeline).await;
    assert!(ground.site.asked().contains(&"/art/1.html".to_owned()), "it was read again");
    assert!(ground.public() == before, "readers see no change");

    // Now something was added.
    ground.later(TimeDelta::hours(2));
    ground.site.set("/art/1.html", counted(4712, "<p>会议还通报了年度会费收支情况。</p>"));
    ground.site.set("/yw/", list(&[("/art/1.html", &short, "2026-11-01")]));
    once(&pipeline).await;
    let second = feed(&ground, "all").remove(0);
    assert_eq!(second["_lianbo"]["revision"], 2);
    assert_eq!(
        (&second["id"], &second["date_published"]),
        (&first["id"], &first["date_published"])
    );
    assert_eq!(first["date_modified"], "2026-11-20T18:00:00+08:00");
    assert_eq!(second["date_modified"], "2026-11-20T22:00:00+08:00");
}
