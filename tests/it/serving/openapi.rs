//! The description of the API against the API: every path, parameter, status and field that is
//! described is met, and none that is not.

use std::collections::BTreeSet;

use lianbo::config::{Client, Token};
use lianbo::model::{Cause, Selection};
use lianbo::store::{SqliteStore, Taking};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Ground, Running};

/// The description, and what of it was met.
struct Described {
    document: Value,
    met: BTreeSet<String>,
}

impl Described {
    async fn of(running: &Running) -> Self {
        let answer = running.get("/api/openapi.json", &[]).await;
        assert_eq!(answer.header("content-type"), "application/json");
        let document: Value = serde_json::from_str(answer.text()).unwrap();
        assert_eq!(document["servers"][0]["url"], "http://127.0.0.1:8700/");
        Self { document, met: BTreeSet::new() }
    }

    fn follow<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(place) => self.document.pointer(place.strip_prefix('#').unwrap()).unwrap(),
            None => value,
        }
    }

    fn operation(&self, path: &str) -> &Value {
        let operation = &self.document["paths"][path]["get"];
        assert!(operation.is_object(), "`{path}` is not described");
        operation
    }

    /// Whether `body` is what the schema says.
    fn is_valid(&self, schema: &Value, body: &Value) -> Result<(), String> {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": self.document["components"],
            "allOf": [schema],
        });
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        validator.validate(body).map_err(|error| format!("{error} at {}", error.instance_path()))
    }

    /// Holds an answer to what is described of `path`, asked with these parameters.
    fn check(&mut self, path: &str, asked: &[&str], answer: &Answer) {
        let status = answer.status.as_u16().to_string();
        let operation = self.operation(path).clone();
        let parameters: Vec<Value> = operation["parameters"]
            .as_array()
            .map(|all| all.iter().map(|one| self.follow(one).clone()).collect())
            .unwrap_or_default();
        for name in asked {
            assert!(parameters.iter().any(|one| one["name"] == *name), "{path}: {name}");
            self.met.insert(format!("{path} ?{name}"));
        }
        let response = self.follow(&operation["responses"][&status]).clone();
        assert!(response.is_object(), "{path}: {status} is not described: {}", answer.text());
        self.met.insert(format!("{path} {status}"));
        for name in response["headers"].as_object().into_iter().flat_map(|all| all.keys()) {
            assert!(!answer.header(name).is_empty(), "{path} {status}: {name}");
        }
        let kind = answer.header("content-type").split(';').next().unwrap();
        let Some(content) = response["content"].as_object() else {
            assert!(answer.body.is_empty() && kind.is_empty(), "{path} {status}");
            return;
        };
        let schema = content.get(kind).unwrap_or_else(|| panic!("{path} {status}: {kind}"));
        if kind.ends_with("json") {
            let body: Value = serde_json::from_str(answer.text()).unwrap();
            self.is_valid(&schema["schema"], &body).unwrap_or_else(|error| {
                panic!("{path} {status}: {error}");
            });
        }
    }

    /// What is described and was not met.
    fn unmet(&self) -> Vec<String> {
        let mut wanted = BTreeSet::new();
        for (path, operations) in self.document["paths"].as_object().unwrap() {
            let operation = &operations["get"];
            for status in operation["responses"].as_object().unwrap().keys() {
                if status != "default" {
                    wanted.insert(format!("{path} {status}"));
                }
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = self.follow(parameter)["name"].as_str().unwrap().to_owned();
                wanted.insert(format!("{path} ?{name}"));
            }
        }
        wanted.difference(&self.met).cloned().collect()
    }
}

fn client(id: &str, feeds: &[&str], per_minute: u64, waiting: u64) -> Client {
    Client {
        id: id.to_owned(),
        name: id.to_owned(),
        token: Token::new(format!("token-of-{id}-0123456789")),
        feeds: feeds.iter().map(|&slug| slug.to_owned()).collect(),
        limit: 500,
        per_minute,
        waiting,
    }
}

/// The published demo with a withdrawn item and one that left its filter, and with clients.
async fn running(ground: &Ground) -> Running {
    ground.published().await.stop().await;
    let store = SqliteStore::open_beside(ground.data.path()).unwrap();
    let all = store.newest(&Selection::All, 1000, None).await.unwrap();
    let gone = all.into_iter().find(|item| item.key == "trs-700100").unwrap();
    let taking = Taking { why: Cause::ByHand, by: None, reason: None };
    store.withdraw(vec![gone.id], taking, gone.first_seen).await.unwrap();
    drop(store);
    let mut config = ground.config();
    config.api.clients = vec![client("wuxi", &["wu"], 1000, 0), client("eager", &[], 1, 0)];
    Running::start(ground.open(config).await).await
}

const WUXI: (&str, &str) = ("authorization", "Bearer token-of-wuxi-0123456789");
const EAGER: (&str, &str) = ("authorization", "Bearer token-of-eager-0123456789");
const GUESS: (&str, &str) = ("authorization", "Bearer guess");

/// What is asked: the path as described, as asked, and with which headers.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    ("/api/items", "/api/items", &[]),
    ("/api/items", "/api/items?after=3&limit=2&wait=1&feed=sheng&site=sheng&tag=x&q=x", &[WUXI]),
    ("/api/items", "/api/items?after=BEFORE", &[]),
    ("/api/items", "/api/items?after=3&limit=2&feed=wu&site=wu&tag=x&q=x", &[WUXI]),
    ("/api/items", "/api/items?after=LAST&wait=1", &[WUXI]),
    ("/api/items", "/api/items?limit=0", &[]),
    ("/api/items", "/api/items", &[GUESS]),
    ("/api/items", "/api/items?feed=none", &[]),
    ("/api/items", "/api/items?after=BEYOND", &[]),
    ("/api/search", "/api/search?q=x&site=sheng&tag=x&limit=3&before=1-1", &[]),
    ("/api/search", "/api/search", &[EAGER]),
    ("/api/search", "/api/search", &[EAGER]),
    ("/api/items", "/api/items", &[EAGER]),
    ("/api/search", "/api/search?limit=5", &[]),
    ("/api/search", "/api/search?before=x", &[]),
    ("/api/search", "/api/search", &[GUESS]),
    ("/api/search", "/api/search?site=none", &[]),
    ("/api/openapi.json", "/api/openapi.json", &[]),
    ("/search", "/search?q=x&site=sheng&tag=x&before=1-1", &[]),
    ("/search", "/search?before=x&q=x", &[]),
    ("/search", "/search?site=none", &[]),
    ("/search.json", "/search.json?q=x&site=sheng&tag=x", &[]),
    ("/search.json", "/search.json?site=sheng", &[]),
    ("/search.json", "/search.json", &[]),
    ("/search.json", "/search.json?site=none", &[]),
    ("/feeds/{slug}.json", "/feeds/all.json", &[]),
    ("/feeds/{slug}.json", "/feeds/all.json?q=x&site=sheng&tag=x", &[]),
    ("/feeds/{slug}.json", "/feeds/all.json?site=sheng", &[]),
    ("/feeds/{slug}.json", "/feeds/all.json?q=-x", &[]),
    ("/feeds/{slug}.json", "/feeds/none.json?q=x", &[]),
    ("/feeds/{slug}.json", "/feeds/all.json?site=none", &[]),
    (
        "/embed/{slug}",
        "/embed/all?n=3&size=12&date=0&source=1&color=fff&muted=fff&accent=fff&line=fff&background=fff",
        &[],
    ),
    ("/embed/{slug}", "/embed/all?color=red", &[]),
    ("/embed/{slug}", "/embed/none", &[]),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_what_its_description_says_and_nothing_else() {
    let ground = Ground::new().await;
    let running = running(&ground).await;
    let mut described = Described::of(&running).await;
    // The withdrawal is the last that is told, once it is published.
    let (mut last, mut withdrawn) = (0, false);
    while !withdrawn {
        let path = format!("/api/items?after={last}&wait=55");
        let changes: Value = serde_json::from_str(running.get(&path, &[]).await.text()).unwrap();
        last = changes["next"].as_u64().unwrap();
        let told = changes["items"].as_array().unwrap();
        withdrawn = told.iter().any(|item| item["state"] == "withdrawn");
    }
    for (path, concrete, headers) in CASES {
        let mut concrete = (*concrete).to_owned();
        for (name, seq) in [("BEFORE", last - 1), ("LAST", last), ("BEYOND", last + 1)] {
            concrete = concrete.replace(name, &seq.to_string());
        }
        let concrete = concrete.as_str();
        let answer = running.get(concrete, headers).await;
        let query = concrete.split_once('?').map_or("", |(_, query)| query);
        let asked: Vec<&str> =
            query.split('&').filter_map(|pair| Some(pair.split_once('=')?.0)).collect();
        let asked: Vec<&str> =
            asked.into_iter().chain(path.contains("{slug}").then_some("slug")).collect();
        described.check(path, &asked, &answer);
        let etag = answer.header("etag");
        if answer.status == 200 && !etag.is_empty() && *headers != [EAGER] {
            let known = [headers, &[("if-none-match", etag)][..]].concat();
            let again = running.get(concrete, &known).await;
            assert_eq!(again.status, 304, "{concrete}");
            described.check(path, &["If-None-Match"], &again);
            let head = running.ask(Method::HEAD, running.bound.public, concrete, headers).await;
            assert_eq!((head.status, head.body.len()), (answer.status, 0), "{concrete}");
        }
    }
    assert_eq!(described.unmet(), [""; 0], "described and not met");
    let body: Value = serde_json::from_str(running.get("/api/items", &[]).await.text()).unwrap();
    let schema = json!({"$ref": "#/components/schemas/Changes"});
    assert!(body["items"].as_array().unwrap().iter().any(|item| item["state"] == "withdrawn"));
    // A field more, a field less, and a text on a withdrawal would all be noticed.
    for spoil in [
        (|item: &mut Value| item["extra"] = 1.into()) as fn(&mut Value),
        |item| drop(item.as_object_mut().unwrap().remove("url")),
        |item| {
            item["state"] = "withdrawn".into();
        },
    ] {
        let mut spoilt = body.clone();
        spoil(&mut spoilt["items"][0]);
        assert!(described.is_valid(&schema, &spoilt).is_err());
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_what_is_wrong_in_both_languages() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    for (path, code, zh, en) in [
        ("/api/items?limit=1000", "bad-parameter", "1 到 500", "from 1 to 500"),
        ("/api/items?aftr=1", "bad-parameter", "aftr", "no parameter `aftr`"),
        ("/api/items?feed=none", "unknown-feed", "none", "`none`"),
        ("/api/items?q=-x", "bad-parameter", "至少", "at least one word"),
        ("/api/items?q=a&q=b", "bad-parameter", "一次", "q may be given once"),
        ("/feeds/all.json?q=a&q=b", "bad-parameter", "一次", "q may be given once"),
        ("/search.json?site=sheng&site=x", "bad-parameter", "一次", "site may be given once"),
        ("/api/items?after=999999", "cursor-ahead", "after=0", "after=0"),
        ("/api/none", "not-found", "/api/openapi.json", "openapi.json"),
    ] {
        let answer = running.get(path, &[]).await;
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let problem: Value = serde_json::from_str(answer.text()).unwrap();
        assert_eq!(problem["status"], answer.status.as_u16());
        assert_eq!(problem["code"], code, "{path}");
        assert!(problem["detail"].as_str().unwrap().contains(zh), "{path}: {problem}");
        assert!(problem["detail_en"].as_str().unwrap().contains(en), "{path}: {problem}");
    }
    running.stop().await;
}
