//! Refreshing, seen from outside: what is asked of a site, and what becomes of its articles.

use chrono::TimeDelta;
use lianbo::model::{ProblemCode, Selection};
use lianbo::pipeline::{Outcome, RunReport};

use crate::ground::{
    Ground, Reply, article_html, items, list_html, once, page, problems, redirect, reply, title,
    titles,
};

fn sum(reports: &[RunReport], count: impl Fn(&RunReport) -> usize) -> usize {
    reports.iter().map(count).sum()
}

fn rows(list: &[(&str, &str)]) -> Reply {
    page(&list_html(list, None))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_not_asked_for_again() {
    let ground = Ground::new();
    let tagged = |html: String| {
        let headers = "Content-Type: text/html; charset=utf-8\r\nETag: \"v1\"\r\n";
        reply("200 OK", headers, html.as_bytes())
    };
    let title3 = title(3);
    ground.site.set("/yw/", tagged(list_html(&[("/art/3.html", &title3)], None)));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    // Article 1 stands on the other list; each was asked for once, robots.txt too.
    let mut asked = ground.site.asked();
    asked.sort();
    assert_eq!(asked, ["/art/1.html", "/art/3.html", "/yw/", "/zt/"]);
    drop(pipeline);

    let pipeline = ground.open().await;
    let (reports, published) = once(&pipeline).await;
    let seen = ground.site.seen();
    let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
    assert_eq!(paths, ["/robots.txt", "/yw/", "/zt/"], "also in another process");
    assert!(seen[1].head.contains("if-none-match: \"v1\""), "{}", seen[1].head);
    assert!(seen[1].head.contains("user-agent: lianbo/") && seen[1].head.contains("feeds.test"));
    assert!(!seen[2].head.contains("if-none-match"));
    assert_eq!(reports[0].outcome, Outcome::Unchanged);
    assert_eq!(reports[1].outcome, Outcome::Fine);
    assert!(published.changed.is_empty());
    assert_eq!(ground.site.most_at_once(), 1, "one connection a host");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_rules_see_an_unchanged_list_anew() {
    let ground = Ground::new();
    let title3 = title(3);
    let html = list_html(&[("/art/3.html", &title3)], None);
    let headers = "Content-Type: text/html; charset=utf-8\r\nETag: \"v1\"\r\n";
    ground.site.set("/yw/", reply("200 OK", headers, html.as_bytes()));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!(reports[0].outcome, Outcome::Unchanged);
    drop(pipeline);

    ground.reconfigure("url = \"/yw/\"", "url = \"/yw/\"\nlist = { item = [\".gone li\"] }");
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!(reports[0].outcome, Outcome::Failed);
    assert_eq!(problems(&pipeline.store).await[0].1, ProblemCode::ListEmpty);
    drop(pipeline);

    ground.reconfigure("list = { item = [\".gone li\"] }", "list = { item = [\".list li\"] }");
    let pipeline = ground.open().await;
    let outcomes = [once(&pipeline).await.0[0].outcome, once(&pipeline).await.0[0].outcome];
    assert_eq!(outcomes, [Outcome::Fine, Outcome::Unchanged]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_beyond_the_limit_of_a_run_follow_in_the_next() {
    let ground = Ground::new();
    ground.reconfigure("articles_per_run = 40", "articles_per_run = 2");
    let titles_of: Vec<String> = (1..=9).map(title).collect();
    let paths: Vec<String> = (1..=9).map(|n| format!("/art/{n}.html")).collect();
    let rows = |numbers: &[usize], next| {
        let rows: Vec<(&str, &str)> =
            numbers.iter().map(|&n| (paths[n - 1].as_str(), titles_of[n - 1].as_str())).collect();
        page(&list_html(&rows, next))
    };
    ground.site.set("/yw/", rows(&[9, 8, 7, 6], Some("/yw/2.html")));
    ground.site.set("/yw/2.html", rows(&[5, 4, 3], Some("/yw/3.html")));
    ground.site.set("/yw/3.html", rows(&[2, 1], None));
    ground.list("/zt/", &[9]);
    let pipeline = ground.open().await;
    let mut left = Vec::new();
    for _ in 0..6 {
        let (reports, _) = once(&pipeline).await;
        left.push(reports[0].left);
    }
    assert_eq!(left, [7, 5, 3, 1, 0, 0]);
    let mut all = titles(&pipeline.store).await;
    all.sort();
    let mut wanted = titles_of.clone();
    wanted.sort();
    assert_eq!(all, wanted, "each once");
    let mut asked: Vec<_> =
        ground.site.asked().into_iter().filter(|path| path.starts_with("/art/")).collect();
    asked.sort();
    assert_eq!(asked, paths, "each was read once");
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_rows_stand_above_older_ones_of_the_same_day_across_list_pages() {
    let ground = Ground::new();
    let (a, b, c) = (title(3), title(2), title(1));
    ground.site.set(
        "/yw/",
        page(&list_html(&[("/art/3.html", &a), ("/art/2.html", &b)], Some("/yw/2.html"))),
    );
    ground.site.set("/yw/2.html", page(&list_html(&[("/art/1.html", &c)], None)));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(titles(&pipeline.store).await, [a, b, c]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_list_page_that_failed_is_read_the_next_time() {
    let ground = Ground::new();
    let (a, b) = (title(3), title(2));
    let first = list_html(&[("/art/3.html", &a)], Some("/yw/2.html"));
    let headers = "Content-Type: text/html; charset=utf-8\r\nETag: \"v1\"\r\n";
    ground.site.set("/yw/", reply("200 OK", headers, first.as_bytes()));
    ground.site.set("/yw/2.html", reply("502 Bad Gateway", "", b""));
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!(reports[0].outcome, Outcome::Partly);
    ground.site.set("/yw/2.html", page(&list_html(&[("/art/2.html", &b)], None)));
    let (reports, _) = once(&pipeline).await;
    assert_eq!((reports[0].outcome, reports[0].new), (Outcome::Fine, 1));
    assert_eq!(problems(&pipeline.store).await, []);
    ground.site.asked();
    once(&pipeline).await;
    assert_eq!(ground.site.asked(), ["/yw/", "/zt/"], "and then no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cut_off_does_not_fetch_its_pages_again() {
    let ground = Ground::new();
    ground.site.set("/art/1.html", Reply::Silence);
    ground.reconfigure("timeout = \"5s\"", "timeout = \"1h\"");
    let killed = tokio::runtime::Runtime::new().unwrap();
    let pipeline = ground.open().await;
    killed.spawn(async move { once(&pipeline).await });
    // The last article of the run hangs; the two before it were read and kept by then.
    while !ground.site.has_been_asked("/art/1.html") {
        tokio::task::yield_now().await;
    }
    killed.shutdown_background();
    ground.site.asked();
    ground.site.set("/art/1.html", page(&article_html(&title(1))));
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!(sum(&reports, |report| report.new), 3);
    assert_eq!(titles(&pipeline.store).await, [title(3), title(2), title(1)]);
    assert_eq!(ground.site.asked(), ["/yw/", "/art/1.html", "/zt/"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_addresses_of_one_article_are_one_item_read_once() {
    let ground = Ground::new();
    let name = title(1);
    let short = format!("{}…", name.chars().take(8).collect::<String>());
    for path in ["/html/2026/yaowen_1101/777.html", "/content/suitable/show?catid=12&id=777"] {
        ground.site.set(path, page(&article_html(&name)));
    }
    ground.site.set(
        "/yw/",
        rows(&[
            ("/html/2026/yaowen_1101/777.html", name.as_str()),
            ("/content/suitable/show?catid=12&amp;id=777", short.as_str()),
            ("https://www.xin.test/html/2026/yaowen_1101/777.html", "头条"),
        ]),
    );
    ground
        .site
        .set("/zt/", rows(&[("/content/suitable/show?catid=12&amp;id=777", short.as_str())]));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    for _ in 0..3 {
        ground.later(TimeDelta::hours(3));
        once(&pipeline).await;
    }
    let all = items(&pipeline.store).await;
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].revision, all[0].title.as_str(), all[0].columns.len()),
        (1, name.as_str(), 2)
    );
    let asked = ground.site.asked();
    let articles = asked.iter().filter(|path| path.contains("777")).count();
    assert_eq!(articles, 1, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_title_makes_a_revision_and_nothing_else_moves() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let before = items(&pipeline.store).await;
    let corrected = "市商会召开第三次会员企业服务工作会议（更正）";
    let list = [("/art/3.html", corrected), ("/art/2.html", &title(2)), ("/art/1.html", &title(1))];
    ground.site.set("/yw/", rows(&list));
    ground.later(TimeDelta::hours(1));

    // The page itself cannot be read at first: the full item stays, and the page is tried again.
    ground.site.set("/art/3.html", page(""));
    once(&pipeline).await;
    assert_eq!(items(&pipeline.store).await, before);
    ground.site.set("/art/3.html", page(&article_html(corrected)));
    ground.later(TimeDelta::hours(2));
    once(&pipeline).await;
    let after = items(&pipeline.store).await;
    assert_eq!((after[0].title.as_str(), after[0].revision), (corrected, 2));
    assert!(after[0].seq > before[0].seq && after[0].revised > before[0].revised);
    for (new, old) in after.iter().zip(&before) {
        assert_eq!(
            (&new.id, new.published, new.first_seen),
            (&old.id, old.published, old.first_seen)
        );
    }
    assert_eq!(after[1..], before[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_leads_to_another_site_is_an_item_of_its_own_and_left_alone() {
    let ground = Ground::new();
    ground.site.set("/art/4.html", redirect("http://alt.test/elsewhere/4.html"));
    ground.site.set("/elsewhere/4.html", page(&article_html("别家的文章")));
    ground.list("/yw/", &[4, 1]);
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let item = items(&pipeline.store).await.remove(0);
    assert_eq!(
        (item.title, item.partial, item.url.as_str()),
        (title(4), true, "http://xin.test/art/4.html")
    );
    ground.site.asked();
    for _ in 0..6 {
        ground.later(TimeDelta::hours(12));
        once(&pipeline).await;
    }
    let asked = ground.site.asked();
    assert!(!asked.contains(&"/art/4.html".to_owned()), "{asked:?}");
    assert_eq!(items(&pipeline.store).await[0].revision, 1);
    assert_eq!(problems(&pipeline.store).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_page_for_all_withdrawn_articles_becomes_no_item() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let before = titles(&pipeline.store).await;
    ground.site.set("/art/5.html", redirect("/art/1.html"));
    ground.site.set("/art/6.html", redirect("/art/1.html"));
    ground.list("/yw/", &[6, 5, 3, 2, 1]);
    ground.later(TimeDelta::hours(1));
    once(&pipeline).await;
    assert_eq!(titles(&pipeline.store).await, before);
    let told = problems(&pipeline.store).await;
    assert_eq!(told, [("xin/yw".to_owned(), ProblemCode::ArticleGone)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_moved_on_its_own_site_is_read() {
    let ground = Ground::new();
    ground.site.set("/art/5.html", redirect("/new/t20261101_700555.html"));
    ground.site.set("/new/t20261101_700555.html", page(&article_html(&title(5))));
    ground.list("/yw/", &[5]);
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let name = title(5);
    ground.site.set("/zt/", rows(&[("/new/t20261101_700555.html", name.as_str())]));
    ground.site.asked();
    once(&pipeline).await;
    let all = items(&pipeline.store).await;
    let found = all.iter().find(|item| item.title == name).unwrap();
    assert_eq!((found.columns.len(), found.partial), (2, false));
    assert_eq!(ground.site.asked(), ["/yw/", "/zt/"], "its new address is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_switched_off_keeps_its_items_and_loses_its_problems() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    ground.site.set("/yw/", page(""));
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await.len(), 1);
    let public = ground.public();
    drop(pipeline);
    ground.reconfigure("family = \"generic\"", "family = \"generic\"\nenabled = false");
    let pipeline = ground.open().await;
    assert_eq!(problems(&pipeline.store).await, []);
    once(&pipeline).await;
    let now = ground.public();
    let same = |path: &String| now.get(path) == public.get(path);
    let changed: Vec<_> = public.keys().filter(|path| !same(path)).collect();
    assert_eq!(changed, ["index.html", "opml"], "what subscribers read stays where it is");
    assert_eq!(pipeline.store.newest(&Selection::All, 9, None).await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_public_folder_is_published_again_whole() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let public = ground.public();
    drop(pipeline);
    std::fs::remove_dir_all(ground.data().join("public")).unwrap();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert!(ground.public() == public);
    drop(pipeline);
    // One file of each kind.
    for folder in ["items/", "feeds/", "opml"] {
        let path = public.keys().find(|path| path.starts_with(folder)).unwrap();
        std::fs::remove_file(ground.data().join("public").join(path)).unwrap();
    }
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert!(ground.public() == public);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_a_kill_left_without_their_record_are_found() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let public = ground.public();
    let path = "feeds/xin/yw.rss".to_owned();
    // As a kill between the bytes and their record leaves it.
    pipeline.store.expect_documents(vec![(path.clone(), "text/xml".to_owned())]).await.unwrap();
    drop(pipeline);
    std::fs::write(ground.data().join("public").join(&path), b"<rss>newer</rss>").unwrap();
    let pipeline = ground.open().await;
    let record = pipeline.store.document(&path).await.unwrap().unwrap();
    assert_eq!(record.etag, lianbo::publish::etag(b"<rss>newer</rss>"));
    once(&pipeline).await;
    assert!(ground.public() == public);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_in_other_hands_is_not_believed() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let (before, kept) = (ground.public(), items(&pipeline.store).await);
    let good = ground.site.get("/yw/");

    let rows = [
        "澳门某某娱乐官方网站入口",
        "最新网址注册送彩金",
        "体育投注平台手机版下载",
        "在线棋牌游戏大厅",
    ];
    let paths: Vec<String> = (1..=4).map(|n| format!("/bet/{n}00{n}.html")).collect();
    let list: Vec<(&str, &str)> =
        paths.iter().map(String::as_str).zip(rows.iter().copied()).collect();
    ground.site.set("/yw/", page(&list_html(&list, None)));
    for path in &paths {
        ground.site.set(path, page("<title>娱乐</title><a href=/>进入</a>"));
    }
    for _ in 0..2 {
        ground.later(TimeDelta::minutes(30));
        let (reports, _) = once(&pipeline).await;
        assert_eq!(reports[0].outcome, Outcome::Failed);
        assert!(ground.public() == before, "readers notice nothing");
        assert_eq!(items(&pipeline.store).await, kept);
        let codes: Vec<_> = problems(&pipeline.store).await.into_iter().map(|p| p.1).collect();
        assert!(codes.contains(&ProblemCode::ListStrange), "{codes:?}");
    }

    ground.site.set("/yw/", good);
    once(&pipeline).await;
    let codes: Vec<_> = problems(&pipeline.store).await.into_iter().map(|p| p.1).collect();
    assert!(!codes.contains(&ProblemCode::ListStrange), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_article_outlives_an_outage() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let list = ground.site.get("/yw/");
    let known = title(1);
    ground.site.set(
        "/yw/",
        rows(&[("/art/777.html", "市工商联举办专题讲座"), ("/art/1.html", known.as_str())]),
    );
    ground.site.set("/art/777.html", page("<title>市工商联举办专题讲座</title><a href=/>首页</a>"));
    once(&pipeline).await;
    let has = async || {
        problems(&pipeline.store).await.iter().any(|problem| problem.1 == ProblemCode::BodyMissing)
    };
    assert!(has().await);
    let broken = ground.site.get("/yw/");
    ground.site.set("/yw/", reply("503 Service Unavailable", "", b""));
    once(&pipeline).await;
    assert!(has().await, "while the list cannot be read");
    ground.site.set("/yw/", broken);
    once(&pipeline).await;
    assert!(has().await, "after the outage");
    ground.site.set("/yw/", list);
}
