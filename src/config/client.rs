//! Who reads by program: `[api]`, and `[[client]]` for each client with a token of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::model::Both;

use super::Publication;
use super::forms::{not_empty, site_id};
use super::reader::Section;
use super::serving::{Token, token};

/// `[api]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Whether `/api/` answers without a token.
    pub public: bool,
    /// Those with a token, in the order of the files.
    pub clients: Vec<Client>,
}

/// A client of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id: under this `lianbo clients` shows it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it shows.
    pub token: Token,
    /// Slugs of the feeds it may see; empty means all.
    pub feeds: Vec<String>,
    /// Items of an answer at most.
    pub limit: u64,
    /// Requests a minute at most.
    pub per_minute: u64,
    /// Requests that wait for news at the same time at most.
    pub waiting: u64,
}

/// Items of an answer at most, for anybody.
pub const MOST_ITEMS: u64 = 500;
const PER_MINUTE: u64 = 120;
const WAITING: u64 = 4;

impl Api {
    /// Reads `[api]` of the main file and the `[[client]]` tables of all; `folder` is where the main
    /// file stands.
    pub(super) fn read(
        section: &Section<'_>,
        roots: &[Section<'_>],
        feeds: &[Publication],
        folder: &Path,
    ) -> Self {
        let public = section.boolean("public").unwrap_or(true);
        section.finish();
        let tables = roots.iter().flat_map(|root| root.sections("client"));
        let (mut ids, mut tokens) = (BTreeMap::new(), BTreeSet::new());
        let mut clients = Vec::new();
        for table in tables {
            let Some(client) = client(&table, feeds, folder) else { continue };
            if let Some(first) = ids.insert(client.id.clone(), table.place()) {
                let zh = format!("编号“{}”已被占用，见 {first}", client.id);
                table.fault_at(
                    "id",
                    Both::new(zh, format!("`{}` is taken, see {first}", client.id)),
                );
            }
            if !tokens.insert(client.token.reveal().to_owned()) {
                table.fault(Both::new(
                    "口令与另一个客户端相同；每个客户端应有自己的口令",
                    "has the token of another client; wanted one of its own",
                ));
            }
            clients.push(client);
        }
        Self { public, clients }
    }
}

fn client(section: &Section<'_>, feeds: &[Publication], folder: &Path) -> Option<Client> {
    let id = section.required("id", site_id);
    let name = section.text("name");
    let token = secret(section, folder);
    let feeds = section.parsed_list("feeds", |text| known_feed(text, feeds));
    let limit = section.number("limit", 1..MOST_ITEMS + 1).unwrap_or(MOST_ITEMS);
    let per_minute = section.number("per_minute", 1..6_001).unwrap_or(PER_MINUTE);
    let waiting = section.number("waiting", 0..33).unwrap_or(WAITING);
    section.finish();
    let id = id?.to_string();
    let name = name.unwrap_or_else(|| id.clone());
    Some(Client { id, name, token: token?, feeds, limit, per_minute, waiting })
}

/// The token as it is written, in a file of its own, or in a variable of the environment.
fn secret(section: &Section<'_>, folder: &Path) -> Option<Token> {
    let ways = ["token", "token_file", "token_env"];
    let given: Vec<&str> = ways.into_iter().filter(|key| section.has(key)).collect();
    let [key] = given[..] else {
        section.fault(Both::new(
            "token、token_file、token_env 应写且只写其中一个",
            "wanted one of token, token_file and token_env",
        ));
        return None;
    };
    section.parsed(key, |text| match key {
        "token_file" => {
            let path = folder.join(text);
            let found = std::fs::read_to_string(&path).map_err(|error| {
                let path = path.display();
                let zh = format!("{path} 无法读取：{error}");
                Both::new(zh, format!("`{path}` cannot be read: {error}"))
            })?;
            strong(found.trim())
        }
        "token_env" => {
            let unset = |_| {
                let zh = format!("环境变量 {text} 没有设置");
                Both::new(zh, format!("the variable `{text}` is not set"))
            };
            strong(std::env::var(text).map_err(unset)?.trim())
        }
        _ => strong(text),
    })
}

/// A token that nobody guesses.
fn strong(text: &str) -> Result<Token, Both> {
    token(text)?.filter(Token::is_long).ok_or_else(|| {
        Both::new(
            "过短，容易被猜中；请用 16 个字符以上的随机口令，如 `openssl rand -hex 24`",
            "too short to be safe; take a random one of 16 characters or more, such as `openssl rand -hex 24`",
        )
    })
}

fn known_feed(text: &str, feeds: &[Publication]) -> Result<String, Both> {
    let text = not_empty(text)?;
    if feeds.iter().any(|feed| feed.spec.slug == text) {
        return Ok(text);
    }
    let composite = feeds.iter().filter(|feed| feed.group.is_empty());
    let known: Vec<&str> = composite.map(|feed| feed.spec.slug.as_str()).collect();
    Err(Both::new(
        format!("没有订阅“{text}”；综合订阅有：{}", known.join("、")),
        format!("no feed `{text}`; composite feeds: {}", known.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::reader::{Sink, Source};
    use super::*;
    use crate::model::Lang;

    /// What is wrong with `text`, and what could be read.
    fn read(text: &str, folder: &Path) -> (Vec<String>, Api) {
        let source = Source { name: "c.toml".to_owned(), text: text.to_owned() };
        let sink = Sink::default();
        let table = source.parse(&sink);
        let root = Section::root(&source, &table, &sink);
        let api = root.section("api");
        let read = Api::read(&api, std::slice::from_ref(&root), &[], folder);
        (sink.into_vec().iter().map(|fault| fault.text(Lang::En)).collect(), read)
    }

    #[test]
    fn a_token_comes_from_the_file_from_another_or_from_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        #[expect(clippy::disallowed_methods, reason = "the file that the test is about")]
        std::fs::write(folder.path().join("wuxi"), "a-token-of-its-own\n").unwrap();
        let text = "[[client]]\nid = \"a\"\ntoken = \"sixteen-letters-1\"\n\
                    [[client]]\nid = \"wuxi\"\nname = \"无锡\"\ntoken_file = \"wuxi\"\n";
        let (faults, api) = read(text, folder.path());
        assert_eq!(faults, [""; 0]);
        assert!(api.public);
        let told: Vec<_> =
            api.clients.iter().map(|one| (one.name.as_str(), one.token.reveal())).collect();
        assert_eq!(told, [("a", "sixteen-letters-1"), ("无锡", "a-token-of-its-own")]);
        let (faults, _) =
            read("[[client]]\nid = \"a\"\ntoken_env = \"LIANBO_UNSET\"\n", folder.path());
        assert_eq!(faults, ["c.toml:3: client.token_env: the variable `LIANBO_UNSET` is not set"]);
    }

    #[test]
    fn a_token_is_needed_strong_and_nobody_elses_and_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        for (text, wanted) in [
            ("[[client]]\nid = \"a\"\n", "wanted one of token"),
            ("[[client]]\nid = \"a\"\ntoken = \"s3cret\"\n", "too short"),
            ("[[client]]\nid = \"a\"\ntoken = \"s3cret s3cret s3cret\"\n", "without spaces"),
            ("[[client]]\nid = \"a\"\ntoken_file = \"none\"\n", "cannot be read"),
            (
                "[[client]]\nid = \"a\"\ntoken = \"s3cret-s3cret-s3\"\nfeeds = [\"x\"]\n",
                "no feed `x`",
            ),
            (
                "[[client]]\nid = \"a\"\ntoken = \"s3cret-s3cret-s3\"\n\
                 [[client]]\nid = \"b\"\ntoken = \"s3cret-s3cret-s3\"\n",
                "another client",
            ),
            (
                "[[client]]\nid = \"a\"\ntoken = \"s3cret-s3cret-s3\"\n\
                 [[client]]\nid = \"a\"\ntoken = \"s3cret-s3cret-s4\"\n",
                "is taken, see c.toml:1",
            ),
        ] {
            let (faults, read) = read(text, folder.path());
            assert_eq!(faults.len(), 1, "{text}: {faults:?}");
            assert!(faults[0].contains(wanted), "{faults:?}");
            assert!(!faults[0].contains("s3cret") && !format!("{read:?}").contains("s3cret"));
        }
    }
}
