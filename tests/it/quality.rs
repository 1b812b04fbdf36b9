//! `lianbo report quality`: defects that a site has are found, and none is invented.

use chrono::{NaiveDate, TimeDelta};
use image::ImageFormat;
use lianbo::model::{Defect, SiteQuality};
use lianbo::pipeline::{Pipeline, quality};

use crate::ground::{Ground, article_html, once, page, redirect, reply, title};
use crate::pictures::{article, image, picture};

fn november() -> NaiveDate {
    "2026-11-01".parse().unwrap()
}

async fn report(ground: &Ground, pipeline: &Pipeline) -> SiteQuality {
    let site = &pipeline.config.sites[0];
    quality(&pipeline.store, site, november(), ground.clock()()).await.unwrap()
}

/// Kind and last part of the address of every fault.
fn faults(site: &SiteQuality) -> Vec<(Defect, String)> {
    let name = |url: &url::Url| url.path().rsplit('/').next().unwrap_or_default().to_owned();
    let mut faults: Vec<(Defect, String)> = site
        .findings
        .iter()
        .map(|found| (found.defect, found.url.as_ref().map(name).unwrap_or_default()))
        .collect();
    faults.sort();
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_clean_site_nothing_is_said() {
    let ground = Ground::new();
    let bytes = picture(ImageFormat::Jpeg, 3);
    ground.site.set("/pic/1.jpg", image(&bytes));
    ground.site.set("/art/1.html", article(&title(1), &["/pic/1.jpg"]));
    let pipeline = ground.open().await;
    for _ in 0..3 {
        once(&pipeline).await;
        ground.later(TimeDelta::hours(5));
    }
    let site = report(&ground, &pipeline).await;
    assert_eq!(faults(&site), []);
    let columns: Vec<(u64, u64, u64)> =
        site.columns.iter().map(|column| (column.new, column.runs, column.failed)).collect();
    assert_eq!(columns, [(3, 3, 0), (1, 3, 0)]);
    assert_eq!(site.columns[0].last, Some(november()));
    let told = ground.lianbo(&["report", "quality", "--month", "2026-11"]);
    assert!(told.code == Some(0) && told.out.contains("nothing was found"), "{told:?}");
}

/// A list with these rows: address, title, date.
fn list(rows: &[(&str, &str, &str)]) -> String {
    let rows: String = rows
        .iter()
        .map(|(url, title, date)| {
            format!("<li><a href=\"{url}\">{title}</a><span>{date}</span></li>")
        })
        .collect();
    format!("<html><body><ul class=\"list\">{rows}</ul></body></html>")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_defect_is_found_also_when_it_was_mended() {
    let ground = Ground::new();
    let set = |path: &str, reply| ground.site.set(path, reply);
    let text = |n: u32| article_html(&title(n));
    set("/art/1.html", reply("404 Not Found", "", b"gone"));
    set("/art/2.html", reply("500 Internal Server Error", "", b"oops"));
    set("/art/3.html", redirect("/"));
    set("/", page("<html><body>home</body></html>"));
    set("/art/4.html", page("<html><body><p></p></body></html>"));
    set("/art/5.html", article(&title(5), &["/pic/77.jpg"]));
    set("/art/6.html", page(&text(6).replace("2026-11-01", "2026-10-07")));
    set("/art/7.html", page(&text(7).replace("2026-11-01", "2027-11-01")));
    set("/art/8.html", page(&text(8).replace("来源:新新商会", "")));
    let rows: Vec<(String, String, &str)> = (1..=8)
        .map(|n| {
            let date = if n == 7 { "2027-11-01" } else { "2026-11-01" };
            (format!("/art/{n}.html"), title(n), date)
        })
        .collect();
    let rows: Vec<(&str, &str, &str)> =
        rows.iter().map(|(url, title, date)| (url.as_str(), title.as_str(), *date)).collect();
    set("/yw/", page(&list(&rows)));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    // The site is down for an hour, and then all is mended but the dates and the source.
    set("/yw/", reply("502 Bad Gateway", "", b""));
    ground.later(TimeDelta::hours(2));
    once(&pipeline).await;
    set("/yw/", page(&list(&rows)));
    for n in 1..=4 {
        ground.site.set(&format!("/art/{n}.html"), page(&text(n)));
    }
    ground.later(TimeDelta::hours(3));
    once(&pipeline).await;
    let site = report(&ground, &pipeline).await;
    let wanted = [
        (Defect::DeadLink, "1.html"),
        (Defect::Astray, "3.html"),
        (Defect::ServerError, "2.html"),
        (Defect::Empty, "4.html"),
        (Defect::File, "77.jpg"),
        (Defect::DateDiffers, "6.html"),
        (Defect::DateAhead, "7.html"),
        (Defect::NoCredit, "8.html"),
        (Defect::Down, ""),
    ];
    let found = faults(&site);
    for (defect, name) in wanted {
        assert!(found.contains(&(defect, name.to_owned())), "{defect:?} {name} in {found:?}");
    }
    assert_eq!(site.count(Defect::DateDiffers), 1, "{found:?}");
    assert_eq!(site.count(Defect::NoCredit), 1, "{found:?}");
    assert_eq!(site.count(Defect::DeadLink), 1, "once, though two columns list it: {found:?}");
    let column = &site.columns[0];
    assert_eq!((column.runs, column.failed, column.hours_down), (3, 1, 1));
    // On paper and in a table.
    let html = ground.folder.path().join("q.html");
    let csv = ground.folder.path().join("q.csv");
    let (html_name, csv_name) = (html.to_str().unwrap(), csv.to_str().unwrap());
    let files = ["--site", "xin", "--html", html_name, "--csv", csv_name];
    let told = ground.lianbo(&[&["report", "quality", "--month", "2026-11"][..], &files].concat());
    assert_eq!(told.code, Some(0), "{told:?}");
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains("http://xin.test/art/1.html") && page.contains("新新商会"), "{page}");
    let table = std::fs::read_to_string(csv).unwrap();
    assert!(table.starts_with('\u{feff}'));
    assert_eq!(table.lines().count(), 1 + site.findings.len());
    // Another month knows nothing of it, and another site is unknown.
    let told = ground.lianbo(&["report", "quality", "--month", "2026-09"]);
    assert!(told.out.contains("nothing was found"), "{told:?}");
    let told = ground.lianbo(&["report", "quality", "--month", "2026-11", "--site", "xxx"]);
    assert_eq!(told.code, Some(2), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_was_lively_and_fell_silent_is_named() {
    let ground = Ground::new();
    let rows: Vec<(String, String, String)> = (1..=8_u32)
        .map(|n| (format!("/art/{n}.html"), title(n), format!("2026-10-{:02}", n + 10)))
        .rev()
        .collect();
    for (url, title, date) in &rows {
        ground.site.set(url, page(&article_html(title).replace("2026-11-01", date)));
    }
    let rows: Vec<(&str, &str, &str)> =
        rows.iter().map(|(u, t, d)| (u.as_str(), t.as_str(), d.as_str())).collect();
    ground.site.set("/yw/", page(&list(&rows)));
    ground.site.set("/zt/", page(&list(&rows[..1])));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let site = report(&ground, &pipeline).await;
    // Since 18 October, on 20 November; one article alone is no rhythm.
    let silent: Vec<&str> = site
        .findings
        .iter()
        .filter(|found| found.defect == Defect::Silent)
        .map(|found| found.detail.as_str())
        .collect();
    assert_eq!(silent, ["最近一篇 2026-10-18，已 33 天"]);
}
