//! What programs ask for: changes with a cursor, searches, feeds through a filter, pages to embed.

use lianbo::config::{Client, Token};
use serde_json::Value;

use super::{Ground, Running};

/// A client of the API with everything allowed.
fn client(id: &str, feeds: &[&str]) -> Client {
    Client {
        id: id.to_owned(),
        name: format!("{id} 的网站"),
        token: Token::new(format!("token-of-{id}-0123456789")),
        feeds: feeds.iter().map(|&slug| slug.to_owned()).collect(),
        limit: 500,
        per_minute: 1000,
        waiting: 2,
    }
}

fn bearer(id: &str) -> String {
    format!("Bearer token-of-{id}-0123456789")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

async fn ask(running: &Running, path: &str) -> Value {
    let answer = running.get(path, &[]).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    json(answer.text())
}

fn all<'v>(answer: &'v Value, field: &str) -> Vec<&'v str> {
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| item[field].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_is_told_with_the_first_publication() {
    let ground = Ground::new().await;
    let running = Running::start(ground.open(ground.config()).await).await;
    // Nothing was read when this is asked, and nothing is answered before something is published.
    let first = ask(&running, "/api/items?after=0&wait=55&limit=500").await;
    let page = all(&first, "page")[0].strip_prefix("http://127.0.0.1:8700").unwrap();
    assert_eq!(running.get(page, &[]).await.status, 200, "the page was there before");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_is_let_go_when_the_daemon_ends() {
    let ground = Ground::new().await;
    ground.published().await.stop().await;
    let mut config = ground.config();
    config.api.clients = vec![Client { waiting: 1, ..client("wuxi", &[]) }];
    let running = Running::start(ground.open(config).await).await;
    let whole = ask(&running, "/api/items?limit=500").await;
    let path = format!("/api/items?after={}&wait=55", whole["next"]);
    let (bearer, client) = (bearer("wuxi"), running.client.clone());
    let url = format!("http://{}{path}", running.bound.public);
    let waiting = tokio::spawn({
        let bearer = bearer.clone();
        async move {
            loop {
                let answer = client.get(&url).header("authorization", &bearer).send().await;
                let answer = answer.unwrap();
                // The one place may be taken by the question below.
                if answer.status() != 503 {
                    return (answer.status(), json(&answer.text().await.unwrap()));
                }
            }
        }
    });
    let shown = [("authorization", bearer.as_str())];
    let short = path.replace("wait=55", "wait=1");
    // It waits as soon as nobody else can.
    while running.get(&short, &shown).await.status != 503 {}
    running.stop().await;
    let (status, answer) = waiting.await.unwrap();
    assert_eq!(
        (status.as_u16(), &answer["items"], &answer["next"]),
        (200, &json("[]"), &whole["next"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_changes_add_up_to_all_items_each_once() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let whole = ask(&running, "/api/items?limit=500").await;
    assert_eq!(whole["more"], false);
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let part = ask(&running, &format!("/api/items?after={after}&limit=7")).await;
        seen.extend(part["items"].as_array().unwrap().clone());
        after = part["next"].as_u64().unwrap();
        if part["more"] == false {
            break;
        }
    }
    assert_eq!(
        (&seen, after),
        (whole["items"].as_array().unwrap(), whole["next"].as_u64().unwrap())
    );
    assert!(seen.len() >= 30);
    let nothing = ask(&running, &format!("/api/items?after={after}")).await;
    assert_eq!((&nothing["items"], &nothing["next"]), (&json("[]"), &after.into()));
    // What a feed holds is what a client of the feed is told.
    for slug in ["sheng", "sheng/zt"] {
        let feed = ask(&running, &format!("/feeds/{slug}.json")).await;
        let told = ask(&running, &format!("/api/items?limit=500&feed={slug}")).await;
        let sorted = |answer: &Value| {
            let mut ids: Vec<_> = all(answer, "id").into_iter().map(str::to_owned).collect();
            ids.sort();
            ids
        };
        assert_eq!(sorted(&told), sorted(&feed), "{slug}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_its_feeds_and_its_progress_is_kept() {
    let ground = Ground::new().await;
    ground.published().await.stop().await;
    let mut config = ground.config();
    config.api.public = false;
    config.api.clients = vec![client("wuxi", &["sheng/zt", "wu"]), client("all", &[])];
    let running = Running::start(ground.open(config).await).await;
    let wuxi = bearer("wuxi");
    let shown = [("authorization", wuxi.as_str())];
    let with = |path| running.get(path, &shown);
    for path in ["/api/items", "/api/search?q=%E5%95%86%E4%BC%9A"] {
        let answer = running.get(path, &[]).await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"lianbo\"");
        assert_eq!(running.get(path, &[("authorization", "Bearer guess")]).await.status, 401);
        assert_eq!(with(path).await.status, 200);
    }
    assert_eq!(running.get("/api/openapi.json", &[]).await.status, 200);
    let own = with("/api/items?limit=500").await;
    assert_eq!(own.header("cache-control"), "private, no-cache");
    let own = json(own.text());
    let sites: std::collections::BTreeSet<_> = all(&own, "site").into_iter().collect();
    assert_eq!(sites.into_iter().collect::<Vec<_>>(), ["sheng", "wu"]);
    assert_eq!(with("/api/items?feed=sheng").await.status, 403);
    let next = own["next"].as_u64().unwrap();
    assert_eq!(with("/api/items?feed=wu&limit=1").await.status, 200);
    assert_eq!(with(&format!("/api/items?after={next}")).await.status, 200);
    running.stop().await;
    let store = lianbo::store::SqliteStore::open_read_only(ground.data.path()).unwrap();
    let cursors = store.client_cursors().await.unwrap();
    let told: Vec<_> =
        cursors.iter().map(|c| (c.client.as_str(), c.filter.as_str(), c.seq, c.behind)).collect();
    let items = u64::try_from(all(&own, "id").len()).unwrap();
    assert_eq!(told[0], ("wuxi", "", next, 0));
    assert_eq!((told[1].0, told[1].1, told[1].2), ("wuxi", "feed=wu", 0));
    assert!(told.len() == 2 && told[1].3 > items);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_made_after_a_start_and_words_are_found_by_page_program_and_feed() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let asked = "q=%E6%B0%91%E8%90%A5%E4%BC%81%E4%B8%9A"; // 民营企业
    let every = ask(&running, "/api/items?limit=500").await;
    let has = |item: &&Value| item.to_string().contains("民营企业");
    let wanted = every["items"].as_array().unwrap().iter().filter(has).count();
    assert!(wanted > 3);
    let found = loop {
        // The index follows in its own time.
        let found = ask(&running, &format!("/api/search?{asked}&limit=100")).await;
        if all(&found, "id").len() >= wanted {
            break found;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(all(&found, "id").len(), wanted);
    assert!(all(&found, "published").is_sorted_by(|a, b| a >= b), "newest first");
    let titled: Vec<_> =
        found["items"].as_array().unwrap().iter().filter(|hit| hit["in_title"] == true).collect();
    assert!(
        titled
            .iter()
            .all(|hit| hit["title_html"].as_str().unwrap().contains("<mark>民营企业</mark>"))
    );
    assert!(!titled.is_empty());
    let page = running.get(&format!("/search?{asked}"), &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("form-action 'self'"));
    let html = page.text();
    assert!(html.contains("<mark>民营企业</mark>") && html.contains("value=\"民营企业\""));
    assert!(!html.contains("<script"));
    let feed = format!("http://127.0.0.1:8700/search.json?{asked}");
    assert!(html.contains(&format!("href=\"{feed}\"")), "the page leads to the feed");
    let as_feed = ask(&running, &format!("/search.json?{asked}")).await;
    assert_eq!(as_feed["feed_url"], feed);
    assert_eq!(all(&as_feed, "id")[..3], all(&found, "id")[..3]);
    let empty = running.get("/search", &[]).await;
    assert!(empty.status == 200 && !empty.text().contains("class=\"brief\""));
    let odd = running.get("/search?q=%22%3E%3Cscript%3E&site=none", &[]).await;
    assert!(odd.status == 404 && !odd.text().contains("<script"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_goes_through_a_filter_with_its_own_address_and_validator() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let whole = running.get("/feeds/all.json", &[]).await;
    let path = "/feeds/all.json?site=wu&utm=1";
    let answer = running.get(path, &[]).await;
    assert_eq!(answer.header("content-type"), "application/feed+json; charset=utf-8");
    let feed = json(answer.text());
    assert_eq!(feed["feed_url"], "http://127.0.0.1:8700/feeds/all.json?site=wu");
    let sites: Vec<_> =
        feed["items"].as_array().unwrap().iter().map(|i| &i["_lianbo"]["site"]).collect();
    assert!(!sites.is_empty() && sites.iter().all(|site| **site == "wu"));
    assert_ne!(answer.header("etag"), whole.header("etag"));
    for (etag, status) in [(answer.header("etag"), 304), (whole.header("etag"), 200)] {
        assert_eq!(running.get(path, &[("if-none-match", etag)]).await.status, status);
    }
    let zipped = running.get(path, &[("accept-encoding", "gzip")]).await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
    assert_ne!(zipped.header("etag"), answer.header("etag"));
    let tagged = ask(&running, "/feeds/all.json?tag=%E9%80%9A%E7%9F%A5%E5%85%AC%E5%91%8A").await;
    let every = json(whole.text());
    assert!(all(&tagged, "id").len() < all(&every, "id").len());
    // Parameters that are no filter change nothing.
    let plain = running.get("/feeds/all.json?utm=1&q=", &[]).await;
    assert_eq!(plain.header("etag"), whole.header("etag"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_can_be_embedded_anywhere_in_the_colours_of_the_site() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let answer =
        running.get("/embed/sheng?n=3&size=18&color=%23333&background=ffffff80", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-frame-options")), (200, ""));
    assert!(answer.header("content-security-policy").contains("frame-ancestors *"));
    let html = answer.text();
    assert!(html.contains("--color:#333;--background:#ffffff80;--size:18px"));
    assert_eq!(html.matches("<li>").count(), 3);
    assert_eq!(html.matches("target=\"_blank\" rel=\"noopener\"").count(), 4);
    assert!(!html.contains("<script"));
    let known = [("if-none-match", answer.header("etag"))];
    assert_eq!(
        running
            .get("/embed/sheng?n=3&size=18&color=%23333&background=ffffff80", &known)
            .await
            .status,
        304
    );
    for wrong in ["n=0", "n=51", "size=9", "color=red;}", "color=%23fff%7D", "date=yes"] {
        let answer = running.get(&format!("/embed/sheng?{wrong}"), &[]).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(json(answer.text())["detail"].as_str().unwrap().contains("参数"), "{wrong}");
    }
    assert_eq!(running.get("/embed/none", &[]).await.status, 404);
    running.stop().await;
}
