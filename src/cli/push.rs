//! The command `push`: who is sent to, what was given up on, and what is to become of it.
//!
//! Works beside a running daemon, which notices within seconds.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::config::Config;
use crate::model::{Course, Lang, Letter};
use crate::store::{Answer, SqliteStore, StoreError};

use super::args::PushAction;
use super::operate::block_on;
use super::{Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, load, plain_path, print, say};

/// Does what `action` says.
pub(super) fn push(args: &Args, lang: Lang, action: &PushAction) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    let folder = &config.daemon.data;
    if !folder.join("lianbo.db").is_file() {
        let message = say::never_ran(lang, &plain_path(folder));
        return Err(Failure { code: CANNOT_WORK, message });
    }
    let fault = |error: StoreError| Failure::of(&error.into(), lang);
    block_on(async {
        match action {
            PushAction::List => {
                let store = SqliteStore::open_read_only(folder).map_err(fault)?;
                list(&store, &config, lang).await.map_err(fault).and_then(|text| print(&text))
            }
            PushAction::Dead => {
                let store = SqliteStore::open_read_only(folder).map_err(fault)?;
                let letters = store.letters().await.map_err(fault)?;
                dead(&letters, config.schedule.zone, lang)
            }
            PushAction::Retry { ids } => {
                let store = SqliteStore::open_beside(folder).map_err(fault)?;
                let mut answers = Vec::new();
                for &id in ids {
                    answers.push((id, store.retry_letter(id).await.map_err(fault)?));
                }
                told(&answers, lang, say::letter_goes)
            }
            PushAction::Drop { ids } => {
                let store = SqliteStore::open_beside(folder).map_err(fault)?;
                let mut answers = Vec::new();
                for &id in ids {
                    answers.push((id, store.drop_letter(id).await.map_err(fault)?));
                }
                told(&answers, lang, say::letter_dropped)
            }
        }
    })
}

/// A line for every webhook, further hub and subscription.
async fn list(store: &SqliteStore, config: &Config, lang: Lang) -> Result<String, StoreError> {
    let zone = config.schedule.zone;
    let mut text = String::new();
    let last = store.last_seq().await?;
    for outlet in store.outlets().await? {
        let hook =
            config.webhooks.iter().find(|hook| outlet.name == format!("webhook {}", hook.id));
        let is_hub = config.websub.hubs.iter().any(|hub| outlet.name == format!("hub {hub}"));
        let what = match hook {
            Some(hook) => say::hook_at(lang, hook.url.as_str(), outlet.cursor, last),
            None if is_hub => String::new(),
            None => say::no_longer_configured(lang).to_owned(),
        };
        text += &line(&outlet.name, &what, &outlet.course, zone, lang);
    }
    for subscription in store.subscriptions().await? {
        let name = format!("websub {}", subscription.callback);
        let until = say::subscribed(lang, &subscription.topic, &day(subscription.expires, zone));
        text += &line(&name, &until, &subscription.course, zone, lang);
    }
    if text.is_empty() {
        text = format!("{}\n", say::nobody_is_sent_to(lang));
    }
    Ok(text)
}

fn line(name: &str, what: &str, course: &Course, zone: Tz, lang: Lang) -> String {
    let state = match (course.failing_since, course.worked) {
        (Some(since), _) => {
            let next = (course.attempts > 0).then(|| day(course.next_try, zone));
            say::failing(lang, &day(since, zone), course.attempts, next.as_deref(), &course.error)
        }
        (None, Some(worked)) => say::worked(lang, &day(worked, zone)),
        (None, None) => say::nothing_sent(lang).to_owned(),
    };
    let parts = [name, what, &state];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}\n", parts.join("\t"))
}

/// The dead letters; exit code 1 when there are any.
fn dead(letters: &[Letter], zone: Tz, lang: Lang) -> Result<u8, Failure> {
    if letters.is_empty() {
        return print(&format!("{}\n", say::no_letters(lang)));
    }
    for letter in letters {
        let state = if letter.wanted { say::letter_waits(lang) } else { "" };
        print(&format!(
            "{}\t{}\t{}\t{}×\t{}\t{}{state}\n",
            letter.id,
            letter.outlet,
            letter.subject,
            letter.attempts,
            day(letter.died, zone),
            letter.error
        ))?;
    }
    Ok(SOME_FAILED)
}

fn told(
    answers: &[(i64, Answer)],
    lang: Lang,
    done: fn(Lang, i64) -> String,
) -> Result<u8, Failure> {
    let mut code = FINE;
    for (id, answer) in answers {
        match answer {
            Answer::Done => {
                print(&format!("{}\n", done(lang, *id)))?;
            }
            Answer::Unknown => {
                code = SOME_FAILED;
                eprintln!("{}", say::no_letter(lang, *id));
            }
            Answer::Nobody => {
                code = SOME_FAILED;
                eprintln!("{}", say::letter_for_nobody(lang, *id));
            }
        }
    }
    Ok(code)
}

fn day(time: DateTime<Utc>, zone: Tz) -> String {
    time.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}
