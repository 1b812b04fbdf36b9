//! Bad input: told clearly, with its code; nothing stored or published is lost or changed.

use std::io::Write as _;

use chrono::TimeDelta;
use lianbo::model::{Item, ProblemCode};
use lianbo::pipeline::{Outcome, Pipeline};
use lianbo::store::{SqliteStore, StoreOptions};

use crate::ground::{
    Ground, Reply, article_html, items, list_html, once, page, problems, redirect, reply, title,
    titles, wire,
};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn html(bytes: &[u8]) -> Reply {
    reply("200 OK", "Content-Type: text/html; charset=utf-8\r\n", bytes)
}

/// Every way in which a page can fail, and the code it is told under.
fn page_faults(ground: &Ground) -> Vec<(&'static str, Reply, ProblemCode)> {
    let challenge = b"<html><script>$_ts={}</script></html>";
    let mut faults = vec![
        ("30 MB", html(&vec![b' '; 30 << 20]), ProblemCode::TooLarge),
        (
            "gzip bomb",
            reply(
                "200 OK",
                "Content-Type: text/html\r\nContent-Encoding: gzip\r\n",
                &gzip(&vec![b' '; 30 << 20]),
            ),
            ProblemCode::TooLarge,
        ),
        ("100,000 nested tags", page(&"<div>".repeat(100_000)), ProblemCode::TooDeep),
        ("empty page", page(""), ProblemCode::PageEmpty),
        ("blank page", page(" \r\n\t "), ProblemCode::PageEmpty),
        ("redirect loop", redirect("/loop"), ProblemCode::RedirectLoop),
        ("500", reply("500 Oops", "", b"<h1>error</h1>"), ProblemCode::HttpStatus),
        ("502", reply("502 Bad Gateway", "", b""), ProblemCode::HttpStatus),
        ("403", reply("403 Forbidden", "", b"<h1>403</h1>"), ProblemCode::HttpStatus),
        ("404", reply("404 Not Found", "", b"<h1>404</h1>"), ProblemCode::HttpStatus),
        ("304 unasked", reply("304 Not Modified", "", b""), ProblemCode::HttpStatus),
        ("412", reply("412 Precondition", "", challenge), ProblemCode::BlockedRuishu),
        (
            "521",
            reply("521 Down", "Set-Cookie: __jsluid_h=a\r\n", b""),
            ProblemCode::BlockedJiasule,
        ),
        (
            "challenge with 200",
            html(b"<script>document.cookie='__jsl_clearance_s=1'</script>"),
            ProblemCode::BlockedJiasule,
        ),
        ("429", reply("429 Too Many", "Retry-After: 60\r\n", b""), ProblemCode::RateLimited),
        (
            "503 for a while",
            reply("503 Busy", "Retry-After: 60\r\n", b""),
            ProblemCode::RateLimited,
        ),
        ("no answer", wire(*b""), ProblemCode::Truncated),
        (
            "cut body",
            wire(
                *b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<p>cut",
            ),
            ProblemCode::Truncated,
        ),
        (
            "cut chunks",
            wire(*b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>cu"),
            ProblemCode::Truncated,
        ),
        (
            "no gzip at all",
            reply("200 OK", "Content-Encoding: gzip\r\n", b"<p>plain</p>"),
            ProblemCode::Truncated,
        ),
        ("not HTTP", wire(*b"220 mail.xin.test ESMTP ready\r\n"), ProblemCode::Truncated),
        ("silence", Reply::Silence, ProblemCode::Timeout),
    ];
    faults.extend(inwards(ground.site.address.port()));
    faults
}

/// Redirects to addresses that are nobody's public website, in every guise.
fn inwards(port: u16) -> Vec<(&'static str, Reply, ProblemCode)> {
    [
        format!("http://127.0.0.1:{port}/yw/"),
        format!("http://localhost:{port}/yw/"),
        format!("http://[::1]:{port}/yw/"),
        format!("http://[::ffff:127.0.0.1]:{port}/yw/"),
        format!("http://2130706433:{port}/yw/"),
        format!("http://0x7f.1:{port}/yw/"),
        format!("http://0177.0.0.1:{port}/yw/"),
        format!("http://0.0.0.0:{port}/yw/"),
        "http://10.1.2.3/".to_owned(),
        "http://172.16.0.1/".to_owned(),
        "http://192.168.1.1/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fe80::1]/".to_owned(),
        "http://[fd00::1]/".to_owned(),
        "http://[64:ff9b::a00:1]/".to_owned(),
        format!("http://xin.test:{port}/yw/"),
        "file:///etc/passwd".to_owned(),
    ]
    .iter()
    .map(|guise| ("redirect inwards", redirect(guise), ProblemCode::AddressRefused))
    .collect()
}

/// Faults after which nothing is asked of the site for a while.
fn wants_rest(code: ProblemCode) -> bool {
    code == ProblemCode::RateLimited || code.is_challenge()
}

/// Titles do not tell whether an item stayed as it was.
async fn stored(pipeline: &Pipeline) -> Vec<Item> {
    items(&pipeline.store).await
}

/// A ground on which everything was read once, with a limit of two seconds on a request.
async fn settled() -> (Ground, Pipeline) {
    let ground = Ground::new();
    ground.reconfigure("timeout = \"5s\"", "timeout = \"2s\"");
    ground.site.set("/loop", redirect("/pool"));
    ground.site.set("/pool", redirect("/loop"));
    let pipeline = ground.open().await;
    let (reports, published) = once(&pipeline).await;
    assert!(reports.iter().all(|report| report.outcome == Outcome::Fine), "{reports:?}");
    assert!(published.faults.is_empty());
    assert_eq!(titles(&pipeline.store).await, [title(3), title(2), title(1)]);
    (ground, pipeline)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_changes_nothing_and_heals() {
    let (ground, pipeline) = settled().await;
    let (public, before) = (ground.public(), stored(&pipeline).await);
    assert!(public.len() > 15, "{:?}", public.keys());
    let mut faults = page_faults(&ground);
    faults.push(("no links", page("<p>栏目建设中</p>"), ProblemCode::ListEmpty));
    faults.push(("a picture", html(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), ProblemCode::NotHtml));
    faults.push(("another site", redirect("http://alt.test/zt/"), ProblemCode::IdentityFailed));
    let good = ground.site.get("/yw/");
    for (name, fault, code) in faults {
        ground.site.set("/yw/", fault);
        ground.later(TimeDelta::hours(1));
        let (reports, published) = once(&pipeline).await;
        let report = reports.iter().find(|report| report.column.to_string() == "xin/yw").unwrap();
        let codes: Vec<_> = report.faults.iter().map(|fault| fault.code).collect();
        assert_eq!((report.outcome, codes), (Outcome::Failed, vec![code]), "{name}: {report:?}");
        assert!(published.changed.is_empty(), "{name}: {:?}", published.changed);
        let mut told = problems(&pipeline.store).await;
        // A site that wants rest is left alone with all its columns.
        told.retain(|(subject, _)| !wants_rest(code) || subject == "xin/yw");
        assert_eq!(told, [("xin/yw".to_owned(), code)], "{name}");
        assert!(ground.public() == public, "{name} changed what is published");
        assert_eq!(stored(&pipeline).await, before, "{name}");

        ground.site.set("/yw/", good.clone());
        ground.later(TimeDelta::hours(if code.is_challenge() { 6 } else { 1 }));
        once(&pipeline).await;
        assert_eq!(problems(&pipeline.store).await, [], "{name} did not heal");
        assert!(ground.public() == public, "{name}: coming back changed what is published");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_fails_is_read_later_and_disturbs_no_other() {
    let (ground, pipeline) = settled().await;
    let mut faults = page_faults(&ground);
    faults.push(("the front page", redirect("/"), ProblemCode::ArticleGone));
    faults.push(("its column", redirect("/yw/"), ProblemCode::ArticleGone));
    faults.push(("another article", redirect("/art/1.html"), ProblemCode::ArticleGone));
    let bare = "<title>年度先进会员企业名单公布</title><h1>年度先进会员企业名单公布</h1>";
    faults.push(("no text", page(bare), ProblemCode::BodyMissing));
    faults.push(("no title", page("<p>.</p>"), ProblemCode::TitleMissing));
    ground.site.set("/", page("<p>首页</p>"));
    let mut numbers = vec![3, 2, 1];
    for (n, (name, fault, code)) in (100u32..).zip(faults) {
        let (public, before) = (ground.public(), stored(&pipeline).await);
        numbers.insert(0, n);
        let path = format!("/art/{n}.html");
        let headline = format!("{name}{n}年度先进会员企业名单公布");
        let rows: Vec<(String, String)> = numbers
            .iter()
            .map(|&n| {
                let name = before.iter().find(|item| item.url.path() == format!("/art/{n}.html"));
                let name = name.map_or_else(|| headline.clone(), |item| item.title.clone());
                (format!("/art/{n}.html"), name)
            })
            .collect();
        let rows: Vec<(&str, &str)> = rows.iter().map(|(u, t)| (u.as_str(), t.as_str())).collect();
        ground.site.set("/yw/", page(&list_html(&rows, None)));
        ground.site.set(&path, fault);
        ground.later(TimeDelta::minutes(30));
        let (reports, _) = once(&pipeline).await;
        // A site that wants rest is left alone with all its columns.
        let codes: Vec<_> = reports[0].faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [code], "{name}: {reports:?}");
        assert_eq!(problems(&pipeline.store).await[0], ("xin/yw".to_owned(), code), "{name}");
        let after = stored(&pipeline).await;
        let old: Vec<Item> = after.iter().filter(|item| before.contains(item)).cloned().collect();
        assert_eq!(old, before, "{name} changed an earlier item");
        let unreadable = matches!(
            code,
            ProblemCode::PageEmpty
                | ProblemCode::TooDeep
                | ProblemCode::BodyMissing
                | ProblemCode::TitleMissing
        );
        if unreadable {
            // The page was had, and says nothing: title and link from the list stand in.
            let fresh = after.iter().find(|item| !before.contains(item)).unwrap();
            assert_eq!((fresh.title.as_str(), fresh.partial), (headline.as_str(), true), "{name}");
        } else {
            assert_eq!(after, before, "{name}");
            assert!(ground.public() == public, "{name} changed what is published");
        }

        // Half an hour later it is still left alone, and still told.
        ground.later(TimeDelta::minutes(29));
        ground.site.asked();
        once(&pipeline).await;
        assert!(!ground.site.asked().contains(&path) || code == ProblemCode::RateLimited, "{name}");
        if !wants_rest(code) {
            assert_eq!(problems(&pipeline.store).await, [("xin/yw".to_owned(), code)], "{name}");
        }

        ground.site.set(&path, page(&article_html(&headline)));
        ground.later(TimeDelta::hours(if code.is_challenge() { 6 } else { 1 }));
        once(&pipeline).await;
        assert_eq!(problems(&pipeline.store).await, [], "{name} did not heal");
        let healed = stored(&pipeline).await;
        assert_eq!(healed.len(), before.len() + 1, "{name}");
        let item = healed.iter().find(|item| item.url.path() == path).unwrap();
        assert_eq!((item.title.as_str(), item.partial), (headline.as_str(), false), "{name}");
        assert!(item.text.contains("组织座谈"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_away_changes_nothing_and_heals() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let public = ground.public();
    drop(pipeline);
    let address = ground.site.address;
    // A port that was just given back: nobody listens there.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    ground.reconfigure(&address.to_string(), &nobody.to_string());
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let told = problems(&pipeline.store).await;
    let wanted = ["xin/yw", "xin/zt"].map(|id| (id.to_owned(), ProblemCode::Unreachable));
    assert_eq!(told, wanted);
    assert!(ground.public() == public);
    drop(pipeline);
    ground.reconfigure(&nobody.to_string(), &address.to_string());
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
    assert!(ground.public() == public);
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_txt_is_obeyed() {
    let ground = Ground::new();
    ground.site.set("/robots.txt", reply("503 Busy", "", b""));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(ground.site.asked(), [""; 0], "a broken robots.txt forbids everything");
    let told = problems(&pipeline.store).await;
    assert_eq!(told[0], ("xin/yw".to_owned(), ProblemCode::HttpStatus));
    assert_eq!(titles(&pipeline.store).await, [""; 0]);

    let rules = "User-agent: *\nDisallow: /\n\nUser-agent: lianbo\nDisallow: /art/2\n";
    ground
        .site
        .set("/robots.txt", reply("200 OK", "Content-Type: text/plain\r\n", rules.as_bytes()));
    ground.later(TimeDelta::minutes(30));
    once(&pipeline).await;
    let asked = ground.site.asked();
    assert!(asked.contains(&"/art/1.html".to_owned()), "{asked:?}");
    assert!(!asked.contains(&"/art/2.html".to_owned()), "{asked:?}");
    let told = problems(&pipeline.store).await;
    assert_eq!(told, [("xin/yw".to_owned(), ProblemCode::RobotsDisallow)]);
    let all = items(&pipeline.store).await;
    let partial: Vec<_> = all.iter().filter(|item| item.partial).map(|item| &item.title).collect();
    assert_eq!(partial, [&title(2)], "the list may be read, and names it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_asks_for_rest_gets_it() {
    let (ground, pipeline) = settled().await;
    let good = ground.site.get("/zt/");
    ground.site.set("/yw/", reply("429 Too Many", "Retry-After: 7200\r\n", b""));
    once(&pipeline).await;
    ground.site.asked();
    ground.site.set("/yw/", good);
    ground.later(TimeDelta::minutes(119));
    once(&pipeline).await;
    assert_eq!(ground.site.asked(), [""; 0], "the whole site is left alone");
    ground.later(TimeDelta::minutes(2));
    once(&pipeline).await;
    assert_eq!(ground.site.asked(), ["/yw/", "/zt/"]);
    assert_eq!(problems(&pipeline.store).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_challenges_is_left_alone_for_hours() {
    let (ground, pipeline) = settled().await;
    let (public, good) = (ground.public(), ground.site.get("/yw/"));
    ground.site.set("/yw/", reply("412 No", "", b"<html><script>$_ts={}</script></html>"));
    once(&pipeline).await;
    ground.site.asked();
    ground.site.set("/yw/", good);
    ground.later(TimeDelta::minutes(359));
    once(&pipeline).await;
    assert_eq!(ground.site.asked(), [""; 0], "the whole site is left alone");
    let told = problems(&pipeline.store).await;
    let wanted = ["xin/yw", "xin/zt"].map(|id| (id.to_owned(), ProblemCode::BlockedRuishu));
    assert_eq!(told, wanted);
    ground.later(TimeDelta::minutes(2));
    once(&pipeline).await;
    assert_eq!(ground.site.asked(), ["/yw/", "/zt/"]);
    assert_eq!(problems(&pipeline.store).await, []);
    assert!(ground.public() == public);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gbk_page_that_says_utf_8_is_read_right() {
    let ground = Ground::new();
    let gbk = |html: String| {
        let html = html.replace("<head>", "<head><meta charset=\"utf-8\">");
        let (bytes, _, unmappable) = encoding_rs::GBK.encode(&html);
        assert!(!unmappable);
        reply("200 OK", "Content-Type: text/html; charset=utf-8\r\n", &bytes)
    };
    ground.site.set("/art/5.html", gbk(article_html("镕金铸信：商会换届大会圆满召开")));
    ground
        .site
        .set("/yw/", gbk(list_html(&[("/art/5.html", "镕金铸信：商会换届大会圆满召开")], None)));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let item = items(&pipeline.store).await.into_iter().find(|i| i.url.path() == "/art/5.html");
    let item = item.unwrap();
    assert_eq!(item.title, "镕金铸信：商会换届大会圆满召开");
    assert!(item.text.contains("与会人员围绕政策落实、融资服务"), "{}", item.text);
    assert_eq!(problems(&pipeline.store).await, []);
}

#[test]
fn an_unreadable_configuration_is_named_and_nothing_is_made() {
    let ground = Ground::new();
    let file = ground.config_file();
    let good = std::fs::read(&file).unwrap();
    let cases: [(&str, &[u8], &str); 4] = [
        ("not UTF-8", b"[daemon]\ntitle = \"\xcb\xd5\xc9\xcc\"\n", "UTF-8"),
        ("bad TOML", b"[daemon\n", ":1:"),
        ("unknown key", b"[daemon]\ndatta = \"x\"\n", "datta"),
        ("binary", b"\0\0\0", "config.toml:1"),
    ];
    for (name, bytes, wanted) in cases {
        std::fs::write(&file, bytes).unwrap();
        for command in ["check", "once", "run", "next", "problems"] {
            let told = ground.lianbo(&[command]);
            assert_eq!(told.code, Some(2), "{name}, {command}: {told:?}");
            assert!(told.err.contains("config.toml"), "{name}, {command}: {told:?}");
            assert!(told.err.contains(wanted), "{name}, {command}: {told:?}");
            assert_eq!(told.out, "", "{name}, {command}");
        }
    }
    std::fs::remove_file(&file).unwrap();
    let told = ground.lianbo(&["once"]);
    assert_eq!(told.code, Some(2), "missing: {told:?}");
    assert!(told.err.contains("config.toml"), "missing: {told:?}");
    std::fs::create_dir(&file).unwrap();
    let told = ground.lianbo(&["once"]);
    assert_eq!(told.code, Some(2), "a folder: {told:?}");
    assert!(told.err.contains("config.toml"), "a folder: {told:?}");
    assert!(!ground.data().exists(), "a data folder was made");
    std::fs::remove_dir(&file).unwrap();
    std::fs::write(&file, good).unwrap();
    assert_eq!(ground.lianbo(&["check"]).code, Some(0));
}

#[test]
fn an_unknown_site_is_named_and_nothing_is_read() {
    let ground = Ground::new();
    let (sites, columns) = ("enabled sites: xin", "columns of that site: xin/yw, xin/zt");
    for (target, known) in
        [("xim", sites), ("", sites), ("xin/yww", columns), ("xin/yw/x", columns)]
    {
        let told = ground.lianbo(&["once", "xin", target]);
        assert_eq!(told.code, Some(2), "{target}: {told:?}");
        assert!(told.err.contains(&format!("`{target}`")), "{told:?}");
        assert!(told.err.contains(known), "{told:?}");
    }
    assert_eq!(ground.site.asked(), [""; 0]);
    assert!(!ground.data().exists());
}

#[test]
fn the_program_tells_faults_and_its_exit_code_says_so() {
    let ground = Ground::new();
    let told = ground.lianbo(&["once"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let public = ground.public();
    let port = ground.site.address.port();
    for (fault, code) in [
        (html(&vec![b'x'; 30 << 20]), "too-large"),
        (redirect(&format!("http://127.0.0.1:{port}/zt/")), "address-refused"),
        (reply("500 Oops", "", b""), "http-status"),
    ] {
        ground.site.set("/yw/", fault);
        let told = ground.lianbo(&["once"]);
        assert_eq!(told.code, Some(1), "{told:?}");
        assert!(told.err.contains(code) && told.err.contains("hint: "), "{told:?}");
        let open = ground.lianbo(&["problems"]);
        assert_eq!(open.code, Some(1));
        assert!(open.out.contains(&format!("xin/yw\t{code}\t")), "{open:?}");
        assert!(ground.public() == public, "{code} changed what is published");
    }
    ground.list("/yw/", &[3, 2, 1]);
    assert_eq!(ground.lianbo(&["once"]).code, Some(0));
    assert_eq!(ground.lianbo(&["problems"]).code, Some(0));
    assert!(ground.public() == public);
}

#[test]
fn a_second_daemon_is_refused_and_harms_nothing() {
    let ground = Ground::new();
    assert_eq!(ground.lianbo(&["once"]).code, Some(0));
    let public = ground.public();
    let first = SqliteStore::open(&ground.data(), StoreOptions::default()).unwrap();
    // What the first one is writing just now is not swept away by the second.
    let staged = ground.data().join("public/feeds/all.rss#1");
    std::fs::write(&staged, b"half").unwrap();
    for command in ["once", "run"] {
        let told = ground.lianbo(&[command]);
        assert_eq!(told.code, Some(3), "{told:?}");
        assert!(told.err.contains("data-locked"), "{told:?}");
        assert!(told.err.contains(&ground.data().display().to_string()), "{told:?}");
    }
    assert!(staged.exists());
    std::fs::remove_file(&staged).unwrap();
    assert!(ground.public() == public);
    let read_only = ground.lianbo(&["problems"]);
    assert_eq!(read_only.code, Some(0), "problems can be read beside it: {read_only:?}");
    drop(first);
}
