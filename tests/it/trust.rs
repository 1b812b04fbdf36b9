//! Sites that are not what they were: nothing of them is taken in, and subscribers notice nothing.

mod identity;

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use lianbo::model::ProblemCode;
use lianbo::pipeline::{Outcome, Pipeline};

use crate::ground::{Ground, article_html, items, once, page, problems, redirect};

/// The title of article `n`.
fn title(n: u32) -> String {
    const WHAT: [&str; 7] = ["走访", "座谈", "培训", "调研", "签约", "捐赠", "表彰"];
    let what = WHAT[usize::try_from(n).unwrap() % WHAT.len()];
    format!("市商会举行第{n}场{what}活动")
}

fn day(n: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, 25).unwrap() + TimeDelta::days(i64::from(n))
}

/// Article `n`; each has a text of its own.
fn article(n: u32) -> String {
    let html = article_html(&title(n)).replace("2026-11-01", &day(n).to_string());
    let own =
        format!("<p>{}</p>", format!("第{n}场活动由会员企业承办，到场{}人。", n * 7).repeat(3));
    html.replace("</div></body>", &format!("{own}</div></body>"))
}

fn list_with(numbers: impl Iterator<Item = u32>, date: impl Fn(u32) -> String) -> String {
    let rows: String = numbers
        .map(|n| {
            format!("<li><a href=\"/art/{n}.html\">{}</a><span>{}</span></li>", title(n), date(n))
        })
        .collect();
    format!(
        "<html><head><title>要闻</title></head><body class=\"site\"><div class=\"nav\" id=\"top\">\
         <a href=\"/\">首页</a></div><div class=\"main\"><div class=\"crumb\">首页 &gt; 要闻</div>\
         <ul class=\"list\">{rows}</ul></div><div class=\"foot\">新新商会 苏ICP备07010100号-1</div></body></html>"
    )
}

fn list(numbers: impl Iterator<Item = u32>) -> String {
    list_with(numbers, |n| day(n).to_string())
}

/// A site whose column `yw` was read six times, while an article more came each time.
async fn settled() -> (Ground, Pipeline) {
    let ground = Ground::new();
    for n in 1..=60 {
        ground.site.set(&format!("/art/{n}.html"), page(&article(n)));
    }
    ground.site.set("/zt/", page(&list((1..=4).rev())));
    let pipeline = ground.open().await;
    for newest in 15..=20 {
        ground.site.set("/yw/", page(&list((newest - 9..=newest).rev())));
        ground.later(TimeDelta::minutes(30));
        let (reports, _) = once(&pipeline).await;
        assert!(reports.iter().all(|report| report.faults.is_empty()), "{reports:?}");
    }
    (ground, pipeline)
}

async fn codes(pipeline: &Pipeline) -> Vec<ProblemCode> {
    let own = problems(&pipeline.store).await.into_iter().filter(|problem| problem.0 == "xin/yw");
    own.map(|problem| problem.1).collect()
}

/// The list and article 21 as they come after something happened to the site, which is told with
/// `code` at the first poll and harms nothing, however often it is met; then all is well again.
async fn held(code: ProblemCode, happens: impl Fn(&Ground)) {
    let (ground, pipeline) = settled().await;
    let (public, kept): (BTreeMap<_, _>, _) = (ground.public(), items(&pipeline.store).await);
    ground.site.set("/yw/", page(&list((12..=21).rev())));
    happens(&ground);
    for poll in 1..=3 {
        ground.later(TimeDelta::minutes(30));
        let (reports, _) = once(&pipeline).await;
        let found = codes(&pipeline).await;
        assert_eq!(found.first(), Some(&code), "{code:?} at poll {poll}: {reports:?}");
        assert_eq!(reports[0].outcome, Outcome::Failed);
        assert!(ground.public() == public, "{code:?}: readers notice nothing");
        assert_eq!(items(&pipeline.store).await, kept, "{code:?}");
    }
    for n in 1..=60 {
        ground.site.set(&format!("/art/{n}.html"), page(&article(n)));
    }
    ground.site.set("/yw/", page(&list((12..=21).rev())));
    ground.later(TimeDelta::minutes(30));
    let (reports, _) = once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [], "{code:?}: {reports:?}");
    let now = items(&pipeline.store).await;
    assert_eq!(now.len(), kept.len() + 1, "{code:?}: what was held is not lost");
    assert!(now.iter().any(|item| item.title == title(21) && item.text.contains("到场147人")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_shows_another_column_is_held() {
    held(ProblemCode::ColumnSwapped, |ground| ground.site.set("/yw/", page(&list((1..=4).rev()))))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_other_links_is_held() {
    held(ProblemCode::ListStrange, |ground| {
        let names =
            ["通知公告栏目", "政策法规栏目", "商会党建工作", "会员服务中心", "组织机构介绍"];
        let links = names.iter().enumerate().map(|(n, name)| {
            let word = ["tzgg", "zcfg", "shdj", "hyfw", "zzjg"][n];
            format!("<li><a href=\"/{word}/\">{name}</a><span>2026-11-1{n}</span></li>")
        });
        let html = format!("<html><body><ul>{}</ul></body></html>", links.collect::<String>());
        ground.site.set("/yw/", page(&html));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_page_with_a_good_status_is_held() {
    held(ProblemCode::ErrorPage, |ground| {
        let html =
            "<html><title>新新商会</title><a href=/>首页</a><h2>您访问的页面不存在</h2></html>";
        ground.site.set("/yw/", page(html));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_page_is_held() {
    held(ProblemCode::LoginPage, |ground| {
        let html = "<html><title>统一身份认证</title><form><input name=u><input type=password></form></html>";
        ground.site.set("/yw/", page(html));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_for_scripts_is_held() {
    held(ProblemCode::ScriptShell, |ground| {
        let html =
            "<html><title>新新商会</title><div id=app></div><script src=/app.js></script></html>";
        ground.site.set("/yw/", page(html));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_sent_to_the_front_page_is_held() {
    held(ProblemCode::RedirectedHome, |ground| {
        ground.site.set("/", page(&list((11..=20).rev())));
        ground.site.set("/yw/", redirect("/"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_that_cannot_be_read_are_held() {
    held(ProblemCode::DatesMissing, |ground| {
        ground.site.set("/yw/", page(&list_with((12..=21).rev(), |_| "近日".to_owned())));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_that_are_others_are_held() {
    held(ProblemCode::DatesChanged, |ground| {
        let later = |n| (day(n) + TimeDelta::days(200)).to_string();
        ground.site.set("/yw/", page(&list_with((12..=21).rev(), later)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_lost_its_rows_is_held() {
    held(ProblemCode::ListShort, |ground| ground.site.set("/yw/", page(&list((20..=21).rev()))))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_some_time_ago_is_held() {
    held(ProblemCode::ListStale, |ground| ground.site.set("/yw/", page(&list((7..=16).rev()))))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbled_titles_are_held() {
    held(ProblemCode::TitlesChanged, |ground| {
        let garbled = list((12..=21).rev())
            .replace("市商会", "甯傚晢浼")
            .replace("活动", "娲诲姩")
            .replace("第", "绗");
        ground.site.set("/yw/", page(&garbled));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_are_cut_are_held() {
    held(ProblemCode::BodiesCollapsed, |ground| {
        for n in 1..=60 {
            let (head, _) = article(n)
                .split_once("<p>与会")
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
                .unwrap();
            let head = head.replace("现场气氛热烈。", "。");
            ground
                .site
                .set(&format!("/art/{n}.html"), page(&format!("{head}</div></body></html>")));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_short_article_is_no_breach() {
    let (ground, pipeline) = settled().await;
    let kept = items(&pipeline.store).await.len();
    let short = format!(
        "<html><title>{0}</title><h1>{0}</h1><div class=info>发布时间:2026-11-15</div><div class=content><p>（图片新闻）商会举行活动。</p></div></html>",
        title(21)
    );
    ground.site.set("/art/21.html", page(&short));
    ground.site.set("/yw/", page(&list((12..=21).rev())));
    ground.site.asked();
    let (reports, _) = once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [], "{reports:?}");
    assert_eq!(items(&pipeline.store).await.len(), kept + 1);
    // One stored article spoke for the others.
    let asked = ground.site.asked();
    assert_eq!(asked.iter().filter(|path| path.starts_with("/art/")).count(), 2, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_template_that_is_read_as_before_is_told_and_taken_in() {
    let (ground, pipeline) = settled().await;
    let kept = items(&pipeline.store).await.len();
    let renamed = |html: &str| {
        ["site", "nav", "top", "main", "crumb", "list", "foot", "info", "content"]
            .iter()
            .fold(html.to_owned(), |html, name| {
                html.replace(&format!("\"{name}\""), &format!("\"x-{name}-2027\""))
            })
    };
    for n in 1..=60 {
        ground.site.set(&format!("/art/{n}.html"), page(&renamed(&article(n))));
    }
    ground.site.set("/yw/", page(&renamed(&list((12..=21).rev()))));
    let (reports, _) = once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [ProblemCode::TemplateChanged], "{reports:?}");
    assert_eq!(reports[0].outcome, Outcome::Fine);
    assert_eq!(items(&pipeline.store).await.len(), kept + 1);
    ground.later(TimeDelta::minutes(30));
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_is_read_in_spite_of_a_breach_where_the_operator_wants_it() {
    let (ground, pipeline) = settled().await;
    drop(pipeline);
    ground.reconfigure("url = \"/yw/\"", "url = \"/yw/\"\nhealth = { contract = \"tell\" }");
    let pipeline = ground.open().await;
    let kept = items(&pipeline.store).await.len();
    ground.site.set("/yw/", page(&list_with((12..=21).rev(), |_| "近日".to_owned())));
    let (reports, _) = once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [ProblemCode::DatesMissing]);
    assert_eq!((reports[0].outcome, items(&pipeline.store).await.len()), (Outcome::Fine, kept + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_column_is_told_and_read_on() {
    let (ground, pipeline) = settled().await;
    drop(pipeline);
    ground.reconfigure("url = \"/yw/\"", "url = \"/yw/\"\nhealth = { max_silence_days = 30 }");
    let pipeline = ground.open().await;
    // The newest article is of 14 November, the clock shows 20 November.
    ground.later(TimeDelta::days(24));
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, []);
    ground.later(TimeDelta::days(1));
    let (reports, _) = once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [ProblemCode::ColumnSilent], "{reports:?}");
    ground.site.set("/art/50.html", page(&article(50)));
    ground.site.set("/yw/", page(&list([50].into_iter().chain((12..=20).rev()))));
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redesign_revises_no_article_that_is_looked_at_again() {
    let (ground, pipeline) = settled().await;
    drop(pipeline);
    ground.reconfigure("looks = []", "looks = [\"1h\"]");
    let pipeline = ground.open().await;
    ground.site.set("/yw/", page(&list((12..=21).rev())));
    once(&pipeline).await;
    let (public, kept) = (ground.public(), items(&pipeline.store).await);
    for n in 1..=60 {
        let (head, _) =
            article(n).split_once("<p>与会").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        ground.site.set(&format!("/art/{n}.html"), page(&format!("{head}</div></body></html>")));
    }
    for _ in 0..2 {
        ground.later(TimeDelta::hours(2));
        ground.site.asked();
        once(&pipeline).await;
        assert_eq!(codes(&pipeline).await, [ProblemCode::BodiesCollapsed]);
        assert!(ground.site.asked().iter().any(|path| path.starts_with("/art/")));
        assert_eq!(items(&pipeline.store).await, kept);
        assert!(ground.public() == public);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_speaks_for_no_other_article() {
    let (ground, pipeline) = settled().await;
    let kept = items(&pipeline.store).await.len();
    // The four newest were taken down, each site's way; and the next one is odd.
    ground.site.set("/", page(&list((11..=20).rev())));
    ground.site.set("/art/20.html", redirect("/"));
    ground.site.set("/art/19.html", redirect("/art/5.html"));
    let gone = "<html><title>新新商会</title><h2>您访问的文章不存在或已被删除</h2></html>";
    ground.site.set("/art/18.html", page(gone));
    ground.site.set("/art/17.html", page(gone));
    let short = format!(
        "<html><title>{0}</title><h1>{0}</h1><div class=info>发布时间:2026-11-15</div>\
         <div class=content><p>（图片新闻）商会举行活动。</p></div></html>",
        title(21)
    );
    ground.site.set("/art/21.html", page(&short));
    ground.site.set("/yw/", page(&list((12..=21).rev())));
    let (reports, _) = once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [], "{reports:?}");
    assert_eq!(items(&pipeline.store).await.len(), kept + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_list_page_of_another_site_harms_no_first_reading() {
    let ground = Ground::new();
    for n in 1..=9 {
        ground.site.set(&format!("/art/{n}.html"), page(&article(n)));
    }
    let with_next = list((1..=9).rev()).replace("</ul>", "</ul><a href=\"/yw/2.html\">下一页</a>");
    ground.site.set("/yw/", page(&with_next));
    ground.site.set("/yw/2.html", redirect("http://alt.test/zt/"));
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert!(codes(&pipeline).await.contains(&ProblemCode::IdentityFailed), "{reports:?}");
    assert_eq!(reports[0].outcome, Outcome::Partly);
    assert_eq!(items(&pipeline.store).await.len(), 9);
    drop(pipeline);
    assert_eq!(ground.lianbo(&["trust"]).code, Some(1), "told, and nothing is held");
}

#[test]
fn a_history_is_not_walked_through_a_redesign() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (ground, kept) = runtime.block_on(async {
        let (ground, pipeline) = settled().await;
        let kept = items(&pipeline.store).await.len();
        (ground, kept)
    });
    let public = ground.public();
    let with_next =
        list((11..=20).rev()).replace("</ul>", "</ul><a href=\"/yw/2.html\">下一页</a>");
    ground.site.set("/yw/", page(&with_next));
    ground.site.set("/yw/2.html", page(&list((1..=5).rev())));
    for n in 1..=60 {
        let (head, _) =
            article(n).split_once("<p>与会").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let head = head.replace("现场气氛热烈。", "。");
        ground.site.set(&format!("/art/{n}.html"), page(&format!("{head}</div></body></html>")));
    }
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-10-01"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.err.contains("bodies-collapsed"), "{}", told.err);
    assert_eq!(ground.public(), public, "no cut text is published");
    for n in 1..=60 {
        ground.site.set(&format!("/art/{n}.html"), page(&article(n)));
    }
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-10-01"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let now = runtime.block_on(async { items(&ground.open().await.store).await });
    assert_eq!(now.len(), kept + 1, "and the walk went on where it stopped");
    assert!(now.iter().all(|item| item.text.contains("现场气氛热烈")));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_article_that_was_shortened_speaks_for_no_other() {
    let (ground, pipeline) = settled().await;
    let kept = items(&pipeline.store).await.len();
    let short = |n: u32| {
        format!(
            "<html><title>{0}</title><h1>{0}</h1><div class=info>发布时间:{1} 来源:新新商会</div>\
             <div class=content><p>（图片新闻）商会举行活动，{n}人到场。</p></div></html>",
            title(n),
            day(n)
        )
    };
    ground.site.set("/art/20.html", page(&short(20)));
    ground.site.set("/art/21.html", page(&short(21)));
    ground.site.set("/yw/", page(&list((12..=21).rev())));
    let (reports, _) = once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [], "{reports:?}");
    assert_eq!(items(&pipeline.store).await.len(), kept + 1);
}
