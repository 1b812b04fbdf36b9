//! Rows that lead elsewhere, and lists whose rows stand elsewhere.

use lianbo::model::ProblemCode;
use lianbo::pipeline::Outcome;

use crate::ground::{Ground, article_html, items, list_html, once, page, problems, reply, title};

/// A list with a row of the site, one of another site, one of WeChat and one that is a file.
fn mixed(ground: &Ground) {
    let own = title(3);
    ground.site.set(
        "/yw/",
        page(&list_html(
            &[
                ("/art/3.html", &own),
                ("http://alt.test/news/1001.html", "省工商联部署下半年重点工作任务"),
                ("https://mp.weixin.qq.com/s?__biz=Mz&mid=7&idx=1", "公众号发布的一篇会议报道"),
                ("/files/P020261101.pdf", "关于举办政策宣讲会的通知文件"),
            ],
            None,
        )),
    );
    // Both names lead to one server here.
    let elsewhere = article_html("省工商联部署下半年重点工作任务");
    ground.site.set("/news/1001.html", page(&elsewhere));
}

async fn read(policy: &str) -> (Vec<String>, Vec<String>) {
    let ground = Ground::new();
    mixed(&ground);
    ground.reconfigure(
        "url = \"/yw/\"",
        &format!("url = \"/yw/\"\nlist = {{ external = \"{policy}\" }}"),
    );
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let said = |item: &lianbo::model::Item| {
        let body = if item.html.contains("三十余家") { "full" } else { "row" };
        format!("{body} {} {} files", item.url.host_str().unwrap(), item.attachments.len())
    };
    let mut all: Vec<String> = items(&pipeline.store)
        .await
        .iter()
        .filter(|item| item.columns.iter().any(|column| column.to_string().ends_with("/yw")))
        .map(said)
        .collect();
    all.sort();
    (
        all,
        ground
            .site
            .seen()
            .into_iter()
            .map(|seen| format!("{} {}", seen.path, host(&seen.head)))
            .collect(),
    )
}

fn host(head: &str) -> String {
    let line = head.lines().find(|line| line.starts_with("host: ")).unwrap_or_default();
    line.trim_start_matches("host: ").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_elsewhere_are_links_followed_or_skipped() {
    let (items, asked) = read("link-only").await;
    assert_eq!(
        items,
        [
            "full xin.test 0 files",
            "row alt.test 0 files",
            "row mp.weixin.qq.com 0 files",
            "row xin.test 1 files"
        ]
    );
    assert!(!asked.iter().any(|asked| asked.contains("alt.test")), "{asked:?}");

    let (items, asked) = read("follow").await;
    assert_eq!(
        items,
        [
            "full alt.test 0 files",
            "full xin.test 0 files",
            "row mp.weixin.qq.com 0 files",
            "row xin.test 1 files"
        ]
    );
    assert!(
        asked.contains(&"/robots.txt alt.test".to_owned()),
        "its own robots.txt rules: {asked:?}"
    );
    assert!(!asked.iter().any(|asked| asked.contains("weixin") || asked.contains(".pdf")));

    let (items, _) = read("skip").await;
    assert_eq!(items, ["full xin.test 0 files"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_is_read_as_a_stranger() {
    let ground = Ground::new();
    mixed(&ground);
    ground.reconfigure("url = \"/yw/\"", "url = \"/yw/\"\nlist = { external = \"follow\" }");
    ground.reconfigure(
        "family = \"generic\"",
        "family = \"generic\"\nheaders = { \"X-Token\" = \"s3\" }\nrobots = \"owner-consents\"\n\
         consent = { by = \"新新商会秘书处\", on = \"2026-11-01\" }",
    );
    ground.site.set(
        "/robots.txt",
        reply("200 OK", "", b"User-agent: *\nDisallow: /news/\nDisallow: /art/\n"),
    );
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let seen = ground.site.seen();
    assert!(
        seen.iter().any(|seen| seen.path == "/art/3.html" && seen.head.contains("x-token: s3"))
    );
    assert!(!seen.iter().any(|seen| seen.path == "/news/1001.html"), "its owner did not consent");
    assert!(
        seen.iter()
            .filter(|seen| host(&seen.head) == "alt.test")
            .all(|seen| !seen.head.contains("x-token"))
    );
    let codes: Vec<ProblemCode> =
        problems(&pipeline.store).await.into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, [ProblemCode::RobotsDisallow]);
}

/// A list page whose rows are had from an address of JSON.
fn framed(ground: &Ground) {
    ground.reconfigure(
        "url = \"/yw/\"",
        "url = \"/yw/\"\n[site.column.list]\nrequest = { url = \"/api/{channel}?page={page}\", \
         scrape = { channel = \"channel='(\\\\w+)'\" } }",
    );
    let headers = "Content-Type: text/html\r\nETag: \"shell\"\r\n";
    ground.site.set("/yw/", reply("200 OK", headers, b"<script>var channel='c7'</script><p>x"));
    rows(ground, 1, &[3, 2]);
    ground.site.set("/api/c7?page=2", page("{\"data\":[]}"));
}

fn rows(ground: &Ground, page_number: u32, numbers: &[u32]) {
    let row = |n: &u32| serde_json::json!({"title": title(*n), "url": format!("/art/{n}.html"), "pubDate": "2026-11-01"});
    let rows: Vec<serde_json::Value> = numbers.iter().map(row).collect();
    let text = serde_json::json!({"data": rows}).to_string();
    ground.site.set(&format!("/api/c7?page={page_number}"), page(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_framed_list_is_read_again_though_its_frame_is_unchanged() {
    let ground = Ground::new();
    framed(&ground);
    ground.list("/zt/", &[3]);
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!((reports[0].outcome, reports[0].new), (Outcome::Fine, 2), "{:?}", reports[0].faults);
    let seen = ground.site.seen();
    let asked = seen.iter().find(|seen| seen.path == "/api/c7?page=1").unwrap();
    assert!(asked.head.contains("referer: http://xin.test/yw/"), "{}", asked.head);
    assert!(asked.head.contains("x-requested-with: xmlhttprequest"), "{}", asked.head);

    rows(&ground, 1, &[4, 3, 2]);
    let (reports, _) = once(&pipeline).await;
    assert_eq!((reports[0].outcome, reports[0].new), (Outcome::Fine, 1));
    assert_eq!(items(&pipeline.store).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_framed_list_without_rows_is_a_problem() {
    let ground = Ground::new();
    framed(&ground);
    ground.site.set("/api/c7?page=1", page("{\"data\":[]}"));
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!(reports[0].outcome, Outcome::Failed);
    assert_eq!(problems(&pipeline.store).await[0], ("xin/yw".to_owned(), ProblemCode::ListEmpty));
    ground.site.set("/yw/", page("<p>改版"));
    let (reports, _) = once(&pipeline).await;
    assert!(reports[0].faults[0].detail.contains("nothing matched"), "{:?}", reports[0].faults);
}
