//! What every subscriber may rely on, whatever a site does: twenty-four properties of feeds, and where
//! each is shown.
//!
//! | | property | shown in |
//! |---|---|---|
//! | **ids** | | |
//! | 1 | an id outlives re-crawls, restarts, edits, http/https, hosts, parameters, the database | `identity::an_id_outlives_whatever_happens_to_its_article`, `tests/golden/ids.tsv` |
//! | 2 | one article in two columns is one item of both | `identity::two_addresses_of_one_article_are_one_item_in_both_columns`, [`an_item_of_two_columns_is_filed_under_both`] |
//! | 3 | no id twice in a document, nor across archives | `identity::ids`, `archives::a_reader_that_walks_back_meets_every_item_ever_published` |
//! | 18 | an edit keeps the id and moves `updated`; a deletion, once confirmed, leaves a tombstone | `identity::counters_and_tokens_are_no_change_but_an_edit_is`, `withdrawals` |
//! | **dates** | | |
//! | 4 | printed times are Beijing's, wherever the machine is | [`a_printed_time_is_beijings_wherever_the_machine_stands`] |
//! | 5 | a day without a time has a fixed moment; its order is that of the list | `identity::a_day_without_a_time_has_a_moment_that_never_moves`, `refresh::newer_rows_stand_above_older_ones_of_the_same_day_across_list_pages` |
//! | 6 | no date ahead, none made up anew | `identity::no_date_lies_ahead_and_none_is_made_up_anew`, `bad::a_future_date_never_leads_the_feed` |
//! | 7 | ten years read at once keep their dates | `identity::ten_years_of_articles_read_at_once_keep_their_dates`, `backfill::history_does_not_flood_the_feeds` |
//! | 8 | `published` never moves, `updated` only with the article | `identity::counters_and_tokens_are_no_change_but_an_edit_is`, `pictures::pictures_that_come_later_move_no_date` |
//! | 19 | newest first; a day at least in the window; never too long | [`the_newest_come_first_and_what_is_young_stays`], `compose::tests`, `archives` |
//! | **content** | | |
//! | 9 | every address is absolute, public and harmless | [`every_address_is_absolute_public_and_harmless`] |
//! | 10 | lazy pictures are found, placeholders and pixels are not | [`every_address_is_absolute_public_and_harmless`], `pictures::a_pixel_that_counts_readers_is_shown_to_nobody` |
//! | 11 | pictures come without a Referer | `pictures::a_host_that_guards_its_pictures_is_asked_as_its_own_page_asks` |
//! | 12 | a title is plain, whole and one line | [`a_title_is_plain_whole_and_one_line`] |
//! | 13 | the text is whole; a summary is no text | [`a_summary_is_never_given_out_as_the_text`], `pages::each_page_is_read_whole_with_its_rules_and_without` |
//! | 14 | nothing of the page around the article | `pages::the_quality_of_these_pages_holds_its_floors`, [`every_address_is_absolute_public_and_harmless`] |
//! | 15 | `A & B <C>` reads so in every reader | `render::tests::independent_readers_see_the_same_items`, `tests/judge_alike.py` |
//! | 16 | no character makes a document unreadable | `render::tests::whatever_a_site_prints_the_feeds_stay_readable`, `render::tests::nasty_documents_are_well_formed` |
//! | 22 | Chinese, with credit in the metadata and under the text, and rights | [`credit_language_and_rights_are_told_in_every_format`] |
//! | 23 | the same items in every format | `demo::every_feed_reads_alike_in_each_format`, `tests/judge_alike.py` |
//! | **failure** | | |
//! | 17 | a failure leaves the last good documents, byte for byte | `faults::a_list_that_fails_changes_nothing_and_heals`, `faults::a_site_that_is_away_changes_nothing_and_heals`, `serving::documents` |
//! | 20 | silent death is seen | `serving::health`, `serving::admin` |
//! | 21 | moved feeds redirect, ended ones are gone, each names itself | `serving::manners`, `serving::documents` |
//! | 24 | no judge complains | `tests/judges.sh` |

use std::collections::BTreeSet;
use std::time::Duration;

use regex::Regex;
use serde_json::Value;

use super::ground::{Ground, article_html, list_html, once, page, title};

/// A feed in the formats for programs, as text: RSS, Atom, JSON.
fn feeds(ground: &Ground, slug: &str) -> [String; 3] {
    let public = ground.public();
    ["rss", "atom", "json"]
        .map(|format| String::from_utf8(public[&format!("feeds/{slug}.{format}")].clone()).unwrap())
}

fn entries(feed: &str) -> Vec<feed_rs::model::Entry> {
    feed_rs::parser::parse(feed.as_bytes()).unwrap().entries
}

/// The full text of an entry.
fn content(entry: &feed_rs::model::Entry) -> String {
    entry.content.as_ref().and_then(|content| content.body.clone()).unwrap_or_default()
}

/// The one article at `/art/1.html` is this page.
async fn published(html: &str) -> Ground {
    let ground = Ground::new();
    ground.site.set("/art/1.html", page(html));
    ground.site.set("/yw/", page(&list_html(&[("/art/1.html", &title(1))], None)));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    ground
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_of_two_columns_is_filed_under_both() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let [rss, atom, json] = feeds(&ground, "xin/zt");
    for (name, address) in [("要闻", "http://xin.test/yw/"), ("专题", "http://xin.test/zt/")] {
        let category = format!("<category domain=\"{address}\">{name}</category>");
        assert!(rss.contains(&category), "{rss}");
        let category = format!("<category term=\"{name}\" scheme=\"{address}\" label=\"{name}\"/>");
        assert!(atom.contains(&category), "{atom}");
    }
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["items"][0]["tags"], serde_json::json!(["要闻", "专题"]));
}

#[test]
fn a_printed_time_is_beijings_wherever_the_machine_stands() {
    let mut told = BTreeSet::new();
    for zone in ["Asia/Shanghai", "UTC", "America/New_York", "Pacific/Kiritimati"] {
        let ground = Ground::new();
        let timed = article_html(&title(1)).replace("2026-11-01", "2026-11-03 09:05");
        ground.site.set("/art/1.html", page(&timed));
        ground.site.set("/yw/", page(&list_html(&[("/art/1.html", &title(1))], None)));
        let mut lianbo = assert_cmd::Command::cargo_bin("lianbo").unwrap();
        lianbo.env("TZ", zone).timeout(Duration::from_secs(120));
        lianbo.arg("--config").arg(ground.config_file()).arg("once").assert().success();
        let [rss, atom, json] = feeds(&ground, "xin/yw");
        for feed in [&rss, &atom, &json] {
            let at = entries(feed)[0].published.unwrap();
            assert_eq!(at.to_rfc3339(), "2026-11-03T01:05:00+00:00", "{zone}");
        }
        assert!(
            rss.contains("<pubDate>Tue, 03 Nov 2026 09:05:00 +0800</pubDate>"),
            "{zone}: {rss}"
        );
        told.insert(atom.split("<published>").nth(1).unwrap()[..25].to_owned());
    }
    assert_eq!(told, BTreeSet::from(["2026-11-03T09:05:00+08:00".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_come_first_and_what_is_young_stays() {
    let ground = Ground::new();
    ground.reconfigure("title = \"全部\"", "title = \"全部\"\nlimit = 2");
    for n in 1..=7 {
        let day = if n > 5 { "2026-11-22" } else { "2026-11-20" };
        let html = article_html(&title(n)).replace("2026-11-01", day);
        ground.site.set(&format!("/art/{n}.html"), page(&html));
    }
    ground.list("/yw/", &[5, 4, 3, 2, 1]);
    let pipeline = ground.open().await;
    once(&pipeline).await;
    // All came within a day: the limit waits.
    for feed in feeds(&ground, "all") {
        let entries = entries(&feed);
        let dates: Vec<_> = entries.iter().map(|entry| entry.published.unwrap()).collect();
        assert!(dates.is_sorted_by(|a, b| a >= b), "{dates:?}");
        assert_eq!(entries.len(), 5);
    }
    // Two days on, another two: the five of before make way, in every format.
    ground.later(chrono::TimeDelta::days(2));
    ground.list("/yw/", &[7, 6, 5, 4, 3, 2, 1]);
    once(&pipeline).await;
    for feed in feeds(&ground, "all") {
        let titles: Vec<String> =
            entries(&feed).into_iter().map(|entry| entry.title.unwrap().content).collect();
        assert_eq!(titles, [title(7), title(6)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_is_absolute_public_and_harmless() {
    let body = "<p><a href=\"../a.html\">甲</a><a href=\"//b.test/b\">乙</a><a href=\"?c=1&d=要\">丙</a>\
        <a href=\"javascript:alert(1)\">丁</a><a href=\"file:///C:/x.doc\">戊</a>\
        <a href=\"http://192.168.1.5/x\">己</a><a href=\"http://localhost/x\">庚</a></p>\
        <p onclick=\"x()\"><img src=\"/blank.gif\" data-src=\"img/1.jpg\"></p>\
        <p><img data-original=\"//img.test/2.jpg\" loading=\"lazy\" src=\"data:image/gif;base64,R0lGOD\"></p>\
        <p><img srcset=\"/3s.jpg 320w, /3.jpg 1280w\" src=\"\"></p><p><img class=\"lazy\" src=\"/blank.gif\"><noscript><img src=\"/4.jpg\"></noscript></p>\
        <script>document.write('x')</script><iframe src=\"//evil.test/\"></iframe></div></body>";
    let html = article_html(&title(1))
        .replace("<head>", "<head><base href=\"http://xin.test/base/deep/\">")
        .replace("</div></body>", body);
    let ground = published(&html).await;
    let addresses = Regex::new("(?:href|src|srcset|data-[a-z]+|poster)=\"([^\"]*)\"").unwrap();
    for feed in feeds(&ground, "xin/yw") {
        let entries = entries(&feed);
        let html = content(&entries[0]);
        let found: BTreeSet<&str> =
            addresses.captures_iter(&html).map(|found| found.extract::<1>().1[0]).collect();
        let wanted = BTreeSet::from([
            "http://xin.test/base/a.html",
            "http://b.test/b",
            "http://xin.test/base/deep/?c=1&amp;d=%E8%A6%81",
            "http://xin.test/base/deep/img/1.jpg",
            "http://img.test/2.jpg",
            "http://xin.test/3.jpg",
            "http://xin.test/4.jpg",
            "http://xin.test/art/1.html",
        ]);
        assert_eq!(found, wanted, "{html}");
        for never in [
            "javascript:",
            "file:",
            "192.168",
            "localhost",
            "data:",
            "loading",
            "onclick",
            "<script",
            "<iframe",
            "document.write",
        ] {
            assert!(!html.contains(never), "{never}: {html}");
        }
        // The text of a link that leads nowhere stays.
        assert!(["丁", "戊", "己", "庚"].iter().all(|text| html.contains(text)), "{html}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_plain_whole_and_one_line() {
    let ground = Ground::new();
    let whole = "市工商联&amp;市总商会召开“A &lt;B&gt;”\n<b>座谈会</b>听取民营企业意见建议&nbsp;研究部署下一阶段重点工作";
    let html = article_html("x").replace("<h1>x</h1>", &format!("<h1>{whole}</h1>")).replace(
        "<title>x</title>",
        "<title>市工商联&amp;市总商会召开“A &lt;B&gt;” 座谈会听取民营企业意见建议 研究部署下一阶段重点工作-新新商会</title>",
    );
    ground.site.set("/art/1.html", page(&html));
    let cut = "市工商联&amp;市总商会召开“A &lt;B&gt;” 座谈会听取…";
    ground.site.set("/yw/", page(&list_html(&[("/art/1.html", cut)], None)));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    for feed in feeds(&ground, "xin/yw") {
        assert_eq!(
            entries(&feed)[0].title.as_ref().unwrap().content,
            "市工商联&市总商会召开“A <B>” 座谈会听取民营企业意见建议 研究部署下一阶段重点工作"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_is_never_given_out_as_the_text() {
    let ground = Ground::new();
    ground.reconfigure("family = \"generic\"", "family = \"generic\"\npublish = \"summary\"");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let [rss, atom, json] = feeds(&ground, "all");
    assert!(!rss.contains("<content:encoded>") && !atom.contains("<content"), "{rss}\n{atom}");
    for feed in [&rss, &atom] {
        for entry in entries(feed) {
            assert!(entry.summary.unwrap().content.contains("组织座谈"));
            // Whoever wants more goes where it is.
            assert!(entry.links[0].href.starts_with("http://xin.test/art/"));
        }
    }
    // JSON Feed wants some content; it ends where the summary does.
    let json: Value = serde_json::from_str(&json).unwrap();
    assert!(!json["items"][0]["content_html"].as_str().unwrap().contains("切实办实事"));
    // And without the restriction the last paragraph is there.
    let whole = published(&article_html(&title(1))).await;
    for feed in feeds(&whole, "xin/yw") {
        assert!(content(&entries(&feed)[0]).contains("切实办实事"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_language_and_rights_are_told_in_every_format() {
    let html = article_html(&title(1)).replace("来源:新新商会", "来源:本网 作者:某甲");
    let ground = published(&html).await;
    ground.reconfigure(
        "family = \"generic\"",
        "family = \"generic\"\nlicence = \"转载请注明“新新商会”\"",
    );
    let pipeline = ground.open().await;
    once(&pipeline).await;
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    let [rss, atom, json] = feeds(&ground, "xin/yw");
    for feed in [&rss, &atom, &json] {
        let parsed = feed_rs::parser::parse(feed.as_bytes()).unwrap();
        assert_eq!(parsed.language.as_deref().map(str::to_lowercase).as_deref(), Some("zh-cn"));
        let entry = &parsed.entries[0];
        assert!(
            entry.authors.iter().any(|author| author.name.as_deref() == Some("某甲")),
            "{entry:?}"
        );
        // 本网 would be a lie on another site.
        let text = content(entry);
        assert!(text.contains("来源：新新商会") && text.contains("转载请注明"), "{text}");
    }
    assert!(rss.contains("<copyright>转载请注明“新新商会”</copyright>"), "{rss}");
    assert!(atom.contains("<rights>转载请注明“新新商会”</rights>"), "{atom}");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["_lianbo"]["rights"], "转载请注明“新新商会”");
    // Of a feed of several sites each article's own publisher has the rights.
    assert!(feeds(&ground, "all")[0].contains("<copyright>文章版权归原发布单位所有"));
}
