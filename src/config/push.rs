//! Who is told of changes: `[websub]` and `[[webhook]]`.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::model::{Both, Event, Secret, Selection, SiteId, Webhook};

use super::Publication;
use super::forms::{none_of, site_id, web_address};
use super::reader::Section;
use super::site::Site;

/// `[websub]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Websub {
    /// Our own hub is there.
    pub own: bool,
    /// Further hubs that are told of changes.
    pub hubs: Vec<Url>,
    /// Lease of those who ask for none, in seconds.
    pub lease_s: u32,
    /// The shortest lease granted, in seconds.
    pub lease_min_s: u32,
    /// The longest.
    pub lease_max_s: u32,
    /// Callbacks may lie in private networks.
    pub allow_private: bool,
    /// Subscriptions of one callback host at most.
    pub per_host: u32,
    /// Requests a minute for one callback host at most.
    pub per_minute: u32,
}

/// What a secret begins with (Standard Webhooks).
const PREFIX: &str = "whsec_";
/// Length of its key in bytes (Standard Webhooks).
const KEY: std::ops::RangeInclusive<usize> = 24..=64;

impl Websub {
    /// Reads `[websub]`.
    pub(super) fn read(section: &Section<'_>) -> Self {
        let own = section.parsed("hub", |text| match text {
            "own" => Ok(true),
            "off" => Ok(false),
            _ => Err(none_of(text, &["own", "off"])),
        });
        let seconds = |key, otherwise: u64| {
            let length = section.duration(key).unwrap_or(Duration::from_secs(otherwise));
            u32::try_from(length.as_secs()).unwrap_or(u32::MAX)
        };
        let count = |key, otherwise| {
            let number = section.number(key, 1..1_000_001).unwrap_or(otherwise);
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        let websub = Self {
            own: own.unwrap_or(true),
            hubs: section.parsed_list("hubs", web_address),
            lease_s: seconds("lease", 864_000),
            lease_min_s: seconds("lease_min", 3600),
            lease_max_s: seconds("lease_max", 2_592_000),
            allow_private: section.boolean("allow_private").unwrap_or(false),
            per_host: count("per_host", 200),
            per_minute: count("per_minute", 60),
        };
        let in_order = 1 <= websub.lease_min_s
            && websub.lease_min_s <= websub.lease_s
            && websub.lease_s <= websub.lease_max_s;
        if !in_order {
            section.fault_at(
                "lease",
                Both::new(
                    "应为 lease_min ≤ lease ≤ lease_max，且至少一秒",
                    "wanted lease_min ≤ lease ≤ lease_max, a second at least",
                ),
            );
        }
        section.finish();
        websub
    }
}

/// All webhooks; their ids are unique over all files.
pub(super) fn webhooks(
    roots: &[Section<'_>],
    sites: &[Site],
    feeds: &[Publication],
    folder: &Path,
) -> Vec<Webhook> {
    let mut places: HashMap<String, String> = HashMap::new();
    let mut hooks = Vec::new();
    for section in roots.iter().flat_map(|root| root.sections("webhook")) {
        let hook = webhook(&section, sites, feeds, folder);
        let Some(id) = section.text("id") else { continue };
        if let Some(first) = places.insert(id.clone(), section.place()) {
            let zh = format!("编号“{id}”已被占用，见 {first}");
            section.fault_at("id", Both::new(zh, format!("the id `{id}` is taken, see {first}")));
        }
        hooks.extend(hook);
    }
    hooks
}

fn webhook(
    section: &Section<'_>,
    sites: &[Site],
    feeds: &[Publication],
    folder: &Path,
) -> Option<Webhook> {
    let id = section.required("id", site_id);
    let url = section.required("url", web_address);
    let secret = secret(section, folder);
    let mut selections = section.parsed_list("feeds", |text| known_feed(text, feeds));
    let named: Vec<SiteId> = section.parsed_list("sites", |text| known_site(text, sites));
    if !named.is_empty() {
        selections.push(Selection::Any { sites: named, columns: Vec::new() });
    }
    let events = section.parsed_list("events", event);
    let allow_private = section.boolean("allow_private").unwrap_or(false);
    section.finish();
    Some(Webhook {
        id: id?.to_string(),
        url: url?,
        secret: secret?,
        selections,
        events: if events.is_empty() { Event::ALL.to_vec() } else { events },
        allow_private,
    })
}

/// The key, written here, in a file of its own, or in a variable of the environment.
fn secret(section: &Section<'_>, folder: &Path) -> Option<Secret> {
    const KEYS: [&str; 3] = ["secret", "secret_file", "secret_env"];
    let given: Vec<&str> = KEYS.into_iter().filter(|key| section.has(key)).collect();
    let [key] = given[..] else {
        section.fault(Both::new(
            "secret、secret_file、secret_env 三者须写其一",
            "wanted one of `secret`, `secret_file` and `secret_env`",
        ));
        return None;
    };
    match key {
        "secret" => section.parsed("secret", signing_key),
        "secret_file" => section.parsed("secret_file", |name| {
            let text = std::fs::read_to_string(folder.join(name)).map_err(|error| {
                Both::new(format!("读不到文件“{name}”：{error}"), format!("`{name}`: {error}"))
            })?;
            signing_key(text.trim())
        }),
        _ => section.parsed("secret_env", |name| {
            let text = std::env::var(name).map_err(|_| {
                Both::new(
                    format!("没有环境变量“{name}”"),
                    format!("the environment has no variable `{name}`"),
                )
            })?;
            signing_key(text.trim())
        }),
    }
}

/// `whsec_` and the key in base64 (Standard Webhooks). What is wrong is never shown.
pub(super) fn signing_key(text: &str) -> Result<Secret, Both> {
    let key = text.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok());
    key.filter(|key| KEY.contains(&key.len())).map(Secret::new).ok_or_else(|| {
        Both::new(
            "应为 whsec_ 加 24 到 64 字节的 base64；可用 echo whsec_$(openssl rand -base64 32) 生成",
            "wanted `whsec_` and 24 to 64 bytes in base64; `echo whsec_$(openssl rand -base64 32)` makes one",
        )
    })
}

fn event(text: &str) -> Result<Event, Both> {
    let known = Event::ALL.map(Event::as_str);
    let found = Event::ALL.into_iter().find(|event| event.as_str() == text);
    found.ok_or_else(|| none_of(text, &known))
}

fn known_feed(text: &str, feeds: &[Publication]) -> Result<Selection, Both> {
    let found = feeds.iter().find(|feed| feed.spec.slug == text);
    found
        .map(|feed| feed.spec.selection.clone())
        .ok_or_else(|| Both::new(format!("没有订阅“{text}”"), format!("no feed `{text}`")))
}

fn known_site(text: &str, sites: &[Site]) -> Result<SiteId, Both> {
    let found = sites.iter().find(|site| site.id.as_str() == text);
    found
        .map(|site| site.id.clone())
        .ok_or_else(|| Both::new(format!("没有站点“{text}”"), format!("no site `{text}`")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::model::Lang;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// What is wrong with a configuration of `text`, and what it says of webhooks.
    fn read(text: &str) -> Result<(Websub, Vec<Webhook>), Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let site = "[[site]]\nid = \"a\"\nname = \"A\"\nhome = \"http://a.test/\"\n\
            [[site.column]]\nid = \"b\"\nname = \"B\"\nurl = \"/b/\"\n";
        #[expect(clippy::disallowed_methods, reason = "tests lay out the files that they need")]
        std::fs::write(folder.path().join("key"), format!("{SECRET}\n")).unwrap();
        #[expect(clippy::disallowed_methods, reason = "tests lay out the files that they need")]
        std::fs::write(&file, format!("{text}\n{site}")).unwrap();
        Config::load(&file)
            .map(|config| (config.websub, config.webhooks))
            .map_err(|faults| faults.0.iter().map(|fault| fault.text(Lang::En)).collect())
    }

    fn hook(more: &str) -> String {
        format!("[[webhook]]\nid = \"x\"\nurl = \"https://x.example/in?k=1\"\n{more}")
    }

    #[test]
    fn the_hub_is_on_and_leases_are_finite_by_default() {
        let (websub, hooks) = read("").unwrap();
        assert!(websub.own && !websub.allow_private && hooks.is_empty());
        assert_eq!(
            [websub.lease_min_s, websub.lease_s, websub.lease_max_s],
            [3600, 864_000, 2_592_000]
        );
        let faults = read("[websub]\nhub = \"on\"\nlease = \"90d\"\nhubs = [\"x\"]\n").unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(!read("[websub]\nhub = \"off\"\n").unwrap().0.own);
    }

    #[test]
    fn a_webhook_names_its_feeds_sites_and_events() {
        let secret = format!("secret = \"{SECRET}\"\n");
        let (_, hooks) = read(&hook(&secret)).unwrap();
        assert_eq!((hooks[0].events.len(), hooks[0].selections.len()), (3, 0));
        assert_eq!(hooks[0].secret.reveal().len(), 24);
        assert!(!format!("{hooks:?}").contains("MfKQ"));
        let more =
            format!("{secret}feeds = [\"a/b\"]\nsites = [\"a\"]\nevents = [\"withdrawn\"]\n");
        let (_, hooks) = read(&hook(&more)).unwrap();
        assert_eq!(
            (hooks[0].events.as_slice(), hooks[0].selections.len()),
            (&[Event::Withdrawn][..], 2)
        );
        let (_, hooks) = read(&hook("secret_file = \"key\"\n")).unwrap();
        assert_eq!(hooks[0].secret.reveal().len(), 24);
        let wrong = format!("{secret}feeds = [\"c\"]\nsites = [\"c\"]\nevents = [\"gone\"]\n");
        assert_eq!(read(&hook(&wrong)).unwrap_err().len(), 3);
        let twice = hook(&secret) + &hook(&secret);
        assert!(read(&twice).unwrap_err()[0].contains("is taken"));
    }

    #[test]
    fn a_secret_is_one_and_strong_and_never_shown() {
        for wrong in [
            "",
            "secret = \"hunter2\"\n",
            "secret = \"whsec_c2hvcnQ=\"\n",
            "secret_env = \"LIANBO_TEST_NO_SUCH_VARIABLE\"\n",
            "secret_file = \"none\"\n",
            "secret_file = \"key\"\nsecret_env = \"X\"\n",
        ] {
            let faults = read(&hook(wrong)).unwrap_err();
            assert_eq!(faults.len(), 1, "{wrong}: {faults:?}");
            assert!(!faults[0].contains("hunter2") && !faults[0].contains("c2hvcnQ"));
        }
    }
}
