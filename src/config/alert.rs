//! Who is told when something breaks: `[alerts]`, and every `[[alert]]`.

mod mail;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

use crate::model::{Both, Doorbell, Lang, Manner, Outpost, ProblemCode, Robot, Secret};
use crate::schedule::QuietHours;

use super::fault::nearest;
use super::forms::{lang, none_of, not_empty, site_id, web_address};
use super::push::signing_key;
use super::reader::{Section, parse_duration};
use super::site::Site;
use super::timing::quiet_hours;
use mail::mailing;

/// A place that operators are told at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: String,
    /// What and where it is.
    pub outpost: Outpost,
    /// What it is told, and when.
    pub manner: Manner,
    /// Hours in which it is left alone.
    pub quiet: QuietHours,
    /// The zone of these.
    pub zone: Tz,
    /// The language in which it is told.
    pub lang: Lang,
}

impl Alert {
    /// When the quiet hours that hold at `now` end; `None` where none do.
    pub fn quiet_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.quiet.end(now, self.zone)
    }
}

/// Nothing is waited for longer.
const DAY: Duration = Duration::from_secs(86_400);

/// What alerts are read against.
pub(super) struct Ground<'a> {
    pub(super) sites: &'a [Site],
    pub(super) folder: &'a Path,
    pub(super) zone: Tz,
    pub(super) lang: Lang,
}

/// All alerts; their ids are unique over all files. `shared` is `[alerts]`, over its defaults.
pub(super) fn alerts(
    roots: &[Section<'_>],
    shared: &Section<'_>,
    ground: &Ground<'_>,
) -> Vec<Alert> {
    manner(shared, ground.sites);
    quiet_hours(shared);
    shared.finish();
    let mut places: HashMap<String, String> = HashMap::new();
    let mut alerts: Vec<Alert> = Vec::new();
    for section in roots.iter().flat_map(|root| root.sections("alert")) {
        let section = section.over(shared);
        let alert = alert(&section, ground);
        let Some(id) = section.text("id") else { continue };
        if let Some(first) = places.insert(id.clone(), section.place()) {
            let zh = format!("编号“{id}”已被占用，见 {first}");
            section.fault_at("id", Both::new(zh, format!("the id `{id}` is taken, see {first}")));
        }
        alerts.extend(alert);
    }
    alerts
}

fn alert(section: &Section<'_>, ground: &Ground<'_>) -> Option<Alert> {
    let id = section.required("id", site_id);
    let outpost = match section.required("kind", kind) {
        Some(Kind::Webhook) => doorbell(section, ground.folder, signing_key).map(Outpost::Webhook),
        Some(Kind::Robot(robot)) => {
            if robot == Robot::Wecom && section.has("secret") {
                let what = Both::new(
                    "企业微信机器人没有加签，请删去",
                    "robots of WeCom are not signed to; take it out",
                );
                section.fault_at("secret", what);
            }
            let bell = doorbell(section, ground.folder, |text| not_empty(text).map(Secret::new));
            bell.map(|bell| Outpost::Robot(robot, bell))
        }
        Some(Kind::Mail) => mailing(section, ground.folder).map(Box::new).map(Outpost::Mail),
        None => {
            // What it is not known to be has unknown keys.
            for key in KEYS {
                section.has(key);
            }
            None
        }
    };
    let manner = manner(section, ground.sites);
    let quiet = quiet_hours(section).unwrap_or_default();
    let lang = section.parsed("lang", lang).unwrap_or(ground.lang);
    section.finish();
    Some(Alert { id: id?.to_string(), outpost: outpost?, manner, quiet, zone: ground.zone, lang })
}

/// What it is told, and when.
fn manner(section: &Section<'_>, sites: &[Site]) -> Manner {
    let length = |key| {
        section.parsed(key, |text| {
            let too_long = || Both::new("不得长于 24h", "wanted 24h at most");
            parse_duration(text).and_then(|it| if it > DAY { Err(too_long()) } else { Ok(it) })
        })
    };
    Manner {
        codes: section.parsed_list("codes", code),
        except: section.parsed_list("except", code),
        sites: section.parsed_list("sites", |text| known_site(text, sites)),
        urgent: section.parsed_list("urgent", code),
        settle: length("settle").unwrap_or_default(),
        pause: length("pause").unwrap_or_default(),
    }
}

/// What an alert can be.
enum Kind {
    Webhook,
    Robot(Robot),
    Mail,
}

/// All keys that say where an alert goes.
const KEYS: [&str; 15] = [
    "url",
    "url_file",
    "url_env",
    "secret",
    "secret_file",
    "secret_env",
    "allow_private",
    "host",
    "port",
    "tls",
    "user",
    "password_file",
    "password_env",
    "from",
    "to",
];

fn kind(text: &str) -> Result<Kind, Both> {
    match text {
        "webhook" => Ok(Kind::Webhook),
        "dingtalk" => Ok(Kind::Robot(Robot::Dingtalk)),
        "wecom" => Ok(Kind::Robot(Robot::Wecom)),
        "feishu" => Ok(Kind::Robot(Robot::Feishu)),
        "mail" => Ok(Kind::Mail),
        _ => Err(none_of(text, &["webhook", "dingtalk", "wecom", "feishu", "mail"])),
    }
}

fn code(text: &str) -> Result<ProblemCode, Both> {
    ProblemCode::from_code(text).ok_or_else(|| {
        let known = ProblemCode::ALL.iter().map(|code| code.as_str());
        match nearest(text, known) {
            Some(meant) => Both::new(
                format!("没有问题代码“{text}”；是否指“{meant}”？"),
                format!("no problem code `{text}`; did you mean `{meant}`?"),
            ),
            None => Both::new(
                format!("没有问题代码“{text}”；全部代码见使用手册"),
                format!("no problem code `{text}`; the guide lists them"),
            ),
        }
    })
}

fn known_site(text: &str, sites: &[Site]) -> Result<String, Both> {
    let found = sites.iter().find(|site| site.id.as_str() == text);
    let found = found.map(|site| site.id.to_string());
    found.ok_or_else(|| Both::new(format!("没有站点“{text}”"), format!("no site `{text}`")))
}

fn doorbell(
    section: &Section<'_>,
    folder: &Path,
    key: impl Fn(&str) -> Result<Secret, Both>,
) -> Option<Doorbell> {
    let url = confided(section, ["url", "url_file", "url_env"], true, folder, address);
    let secret = confided(section, ["secret", "secret_file", "secret_env"], false, folder, key);
    let allow_private = section.boolean("allow_private").unwrap_or(false);
    Some(Doorbell { url: url?, secret, allow_private })
}

/// The address of a robot holds its key, so that it is never repeated.
fn address(text: &str) -> Result<Url, Both> {
    web_address(text).map_err(|_| {
        Both::new(
            "应为 http:// 或 https:// 开头的网址",
            "wanted a whole address, with http:// or https:// in front",
        )
    })
}

/// What is written here, in a file of its own, or in a variable of the environment.
fn confided<T>(
    section: &Section<'_>,
    ways: [&'static str; 3],
    needed: bool,
    folder: &Path,
    parse: impl Fn(&str) -> Result<T, Both>,
) -> Option<T> {
    let given: Vec<&str> = ways.into_iter().filter(|key| section.has(key)).collect();
    let [key] = given[..] else {
        if needed || !given.is_empty() {
            let zh = format!("{} 应写且只写其中一个", ways.join("、"));
            let [first, second, third] = ways;
            let en = format!("wanted one of `{first}`, `{second}` and `{third}`");
            section.fault(Both::new(zh, en));
        }
        return None;
    };
    let [_, file, variable] = ways;
    section.parsed(key, |text| {
        if key == file {
            let path = folder.join(text);
            let found = std::fs::read_to_string(&path).map_err(|error| {
                let path = path.display();
                let zh = format!("{path} 无法读取：{error}");
                Both::new(zh, format!("`{path}` cannot be read: {error}"))
            })?;
            parse(found.trim())
        } else if key == variable {
            let found = std::env::var(text).map_err(|_| {
                let zh = format!("环境变量 {text} 没有设置");
                Both::new(zh, format!("the variable `{text}` is not set"))
            })?;
            parse(found.trim())
        } else {
            parse(text)
        }
    })
}

#[cfg(test)]
mod tests;
