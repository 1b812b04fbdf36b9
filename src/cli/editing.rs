//! The commands of editors: `withdraw`, `restore`, `purge`, `held`, `release`.

mod choice;

use std::collections::HashSet;
use std::io::{BufRead, IsTerminal, Write};

use chrono::{DateTime, Utc};

use crate::daemon::machine_clock;
use crate::model::{BEIJING, Cause, Item, ItemId, Selection};
use crate::store::{Held, Mention, Taking};

use super::args::{PurgeArgs, RecordArgs, ReleaseArgs, RestoreArgs, WithdrawArgs};
use super::desk::{self, Desk};
use super::operate::{self, block_on};
use super::{Args, CANNOT_WORK, FINE, Failure, Lang, SOME_FAILED, USAGE, print, say};

/// `lianbo withdraw`.
pub(super) fn withdraw(args: &Args, lang: Lang, asked: &WithdrawArgs) -> Result<u8, Failure> {
    block_on(async {
        let desk = Desk::open(args, lang).await?;
        let (items, words) = match &asked.search {
            None => (desk.items(&asked.items).await?, Vec::new()),
            Some(name) => {
                let mentions = desk.fine(desk.store().mentions(name).await)?;
                let words = desk.fine(desk.store().issue_mentions(name).await)?;
                if mentions.is_empty() && words.is_empty() {
                    print(&format!("{}\n", say::no_mention(lang, name)))?;
                    return Ok(SOME_FAILED);
                }
                for (number, mention) in (1..).zip(&mentions) {
                    print(&mention_line(number, mention, lang))?;
                }
                for (number, mention) in (mentions.len() + 1..).zip(&words) {
                    print(&say::issue_mention(lang, number, mention))?;
                }
                let count = mentions.len() + words.len();
                let Some(numbers) = chosen(asked, count, lang)? else {
                    eprintln!("{}", say::nothing_chosen(lang));
                    return Ok(SOME_FAILED);
                };
                let (items, words) =
                    (of(&numbers, 1, mentions), of(&numbers, count - words.len() + 1, words));
                (items.into_iter().map(|mention| mention.item).collect(), words)
            }
        };
        let ids = items.iter().map(|item: &Item| item.id.clone()).collect();
        let taking = taking(&asked.record);
        let taken = desk.fine(desk.store().withdraw(ids, taking, now()).await)?;
        tell(&items, &taken, say::withdrawn, say::was_withdrawn, lang)?;
        let mut failed = 0;
        for mention in &words {
            let by = desk.person(asked.record.by.as_deref());
            let told = match desk.done(desk.pipeline.take_words(mention, &by).await) {
                Ok(()) => say::words_taken(lang, mention),
                Err(failure) => {
                    failed += 1;
                    failure.message
                }
            };
            print(&format!("{told}\n"))?;
        }
        let changed = !taken.is_empty() || failed < words.len();
        let code = desk.follow(changed).await?;
        Ok(if changed && failed == 0 { code } else { SOME_FAILED })
    })
}

/// Those of `all`, which are numbered from `first`, whose number was chosen.
fn of<T>(numbers: &[usize], first: usize, all: Vec<T>) -> Vec<T> {
    let numbered = (first..).zip(all);
    numbered.filter(|(number, _)| numbers.contains(number)).map(|(_, one)| one).collect()
}

/// The numbers of those of `count` hits that are to be withdrawn; `None` where none was chosen.
fn chosen(asked: &WithdrawArgs, count: usize, lang: Lang) -> Result<Option<Vec<usize>>, Failure> {
    let wrong = |text: &str| Failure { code: USAGE, message: say::no_numbers(lang, text, count) };
    let numbers = match (&asked.only, asked.yes) {
        (Some(only), _) => choice::numbers(only, count).ok_or_else(|| wrong(only))?,
        (None, true) => (1..=count).collect(),
        (None, false) if std::io::stdin().is_terminal() => {
            match answer(say::which(lang))?.as_str() {
                "" => return Ok(None),
                "all" | "a" | "全部" => (1..=count).collect(),
                text => choice::numbers(text, count).ok_or_else(|| wrong(text))?,
            }
        }
        (None, false) => return Ok(None),
    };
    Ok(Some(numbers.into_iter().collect()))
}

/// `lianbo restore`.
pub(super) fn restore(args: &Args, lang: Lang, asked: &RestoreArgs) -> Result<u8, Failure> {
    block_on(async {
        let desk = Desk::open(args, lang).await?;
        let items = desk.items(&asked.items).await?;
        let ids = items.iter().map(|item| item.id.clone()).collect();
        let restored = desk.fine(desk.store().restore(ids).await)?;
        tell(&items, &restored, say::restored, say::not_restored, lang)?;
        let all = restored.len() == items.len();
        let code = desk.follow(!restored.is_empty()).await?;
        Ok(if all { code } else { SOME_FAILED })
    })
}

/// `lianbo purge`.
pub(super) fn purge(args: &Args, lang: Lang, asked: &PurgeArgs) -> Result<u8, Failure> {
    block_on(async {
        let desk = Desk::open(args, lang).await?;
        let items = desk.items(&asked.items).await?;
        for item in &items {
            print(&format!("{}\n", line(item, lang)))?;
        }
        if !asked.yes {
            let word = say::purge_word(lang);
            let sure = answer(say::purge_first(lang))?;
            if !matches!(sure.to_lowercase().as_str(), "y" | "yes" | "是")
                || answer(&say::purge_second(lang))? != word
            {
                eprintln!("{}", say::not_confirmed(lang));
                return Ok(SOME_FAILED);
            }
        }
        let ids = items.iter().map(|item| item.id.clone()).collect();
        let purged = desk.fine(desk.store().purge(ids, taking(&asked.record), now()).await)?;
        for item in &items {
            let told = match purged.contains(&item.id) {
                true => say::purged(lang),
                false => say::was_purged(lang),
            };
            print(&format!("{told}{}\n", item.id))?;
        }
        let code = desk.follow(!purged.is_empty()).await?;
        Ok(if purged.is_empty() { SOME_FAILED } else { code })
    })
}

/// `lianbo held`.
pub(super) fn held(args: &Args, lang: Lang) -> Result<u8, Failure> {
    block_on(async {
        let desk = Desk::open(args, lang).await?;
        let mut waiting = desk.fine(desk.store().held().await)?;
        for selection in holding(&desk) {
            waiting.extend(desk.fine(desk.store().held_from(selection).await)?);
        }
        for held in &waiting {
            print(&held_line(held, now(), lang))?;
        }
        if waiting.is_empty() {
            print(&format!("{}\n", say::nothing_held(lang)))?;
        }
        Ok(FINE)
    })
}

/// `lianbo release`.
pub(super) fn release(args: &Args, lang: Lang, asked: &ReleaseArgs) -> Result<u8, Failure> {
    block_on(async {
        let desk = Desk::open(args, lang).await?;
        let named: HashSet<ItemId> =
            desk.items(&asked.items).await?.into_iter().map(|item| item.id).collect();
        let wanted = |held: &Held| match &asked.site {
            Some(site) => {
                held.item.site.as_str() == site
                    || held.item.columns.iter().any(|column| column.to_string() == *site)
            }
            None => named.is_empty() || named.contains(&held.item.id),
        };
        let mut released: Vec<Item> = Vec::new();
        if asked.feed.is_none() {
            let waiting = desk.fine(desk.store().held().await)?;
            let waiting: Vec<Item> =
                waiting.into_iter().filter(wanted).map(|held| held.item).collect();
            let ids = waiting.iter().map(|item| item.id.clone()).collect();
            let done = desk.fine(desk.store().release(ids, now()).await)?;
            released.extend(waiting.into_iter().filter(|item| done.contains(&item.id)));
        }
        let feeds = feeds(&desk, asked)?;
        for selection in feeds {
            let Selection::Released { feed, .. } = selection else { continue };
            let waiting = desk.fine(desk.store().held_from(selection).await)?;
            let waiting: Vec<Item> =
                waiting.into_iter().filter(wanted).map(|held| held.item).collect();
            let ids = waiting.iter().map(|item| item.id.clone()).collect();
            let done = desk.fine(desk.store().release_to_feed(feed, ids, now()).await)?;
            for item in waiting {
                let known = released.iter().any(|other| other.id == item.id);
                if done.contains(&item.id) && !known {
                    released.push(item);
                }
            }
        }
        for item in &released {
            print(&format!("{}{}\n", say::released(lang), line(item, lang)))?;
        }
        if released.is_empty() {
            if let Some(site) = asked.site.as_deref().filter(|site| !is_known(&desk, site)) {
                let message = operate::unknown(desk.config(), site, lang);
                return Err(Failure { code: USAGE, message });
            }
            print(&format!("{}\n", say::nothing_held(lang)))?;
            return Ok(SOME_FAILED);
        }
        desk.follow(true).await
    })
}

/// Whether the configuration has a site or column `name`.
fn is_known(desk: &Desk, name: &str) -> bool {
    let site = name.parse().is_ok_and(|id| desk.config().site(&id).is_some());
    site || name.parse().is_ok_and(|id| desk.config().column(&id).is_some())
}

/// The selections of the feeds that hold.
fn holding(desk: &Desk) -> impl Iterator<Item = &Selection> {
    let all = desk.config().feeds.iter().map(|publication| &publication.spec.selection);
    all.filter(|selection| matches!(selection, Selection::Released { .. }))
}

/// Those that are meant: the one named, or all.
fn feeds<'d>(desk: &'d Desk, asked: &ReleaseArgs) -> Result<Vec<&'d Selection>, Failure> {
    let is_meant = |selection: &&Selection| match (selection, &asked.feed) {
        (Selection::Released { feed, .. }, Some(wanted)) => feed == wanted,
        _ => true,
    };
    let meant: Vec<&Selection> = holding(desk).filter(is_meant).collect();
    match &asked.feed {
        Some(feed) if meant.is_empty() => {
            Err(Failure { code: USAGE, message: say::no_holding_feed(desk.lang, feed) })
        }
        _ => Ok(meant),
    }
}

fn now() -> DateTime<Utc> {
    machine_clock()()
}

fn taking(record: &RecordArgs) -> Taking {
    let by = desk::named(record.by.as_deref());
    Taking { why: Cause::ByHand, by, reason: record.reason.clone() }
}

/// What a person answers to `question`, without the line's end.
pub(in crate::cli) fn answer(question: &str) -> Result<String, Failure> {
    let fault =
        |error: std::io::Error| Failure { code: CANNOT_WORK, message: format!("stdin: {error}") };
    eprint!("{question} ");
    std::io::stderr().flush().map_err(fault)?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(fault)?;
    Ok(line.trim().to_owned())
}

/// A line for each item: whether it was done.
fn tell(
    items: &[Item],
    done: &[ItemId],
    yes: impl Fn(Lang) -> &'static str,
    no: impl Fn(Lang) -> &'static str,
    lang: Lang,
) -> Result<(), Failure> {
    for item in items {
        let told = if done.contains(&item.id) { yes(lang) } else { no(lang) };
        print(&format!("{told}{}\n", line(item, lang)))?;
    }
    Ok(())
}

/// Date, title, and the name by which other commands take it.
fn line(item: &Item, lang: Lang) -> String {
    let state = say::state(lang, item.state);
    let title = if item.title.is_empty() { "–" } else { item.title.as_str() };
    format!("{}  {title}{state}  {}/{}", item.published.format("%Y-%m-%d"), item.site, item.key)
}

fn mention_line(number: usize, mention: &Mention, lang: Lang) -> String {
    let places: Vec<&str> = mention.places.iter().map(|place| say::place(lang, *place)).collect();
    let places = places.join(say::pick(lang, "、", ", "));
    let item = line(&mention.item, lang);
    format!("[{number}] {item}\n    {places}{}{}\n", say::colon(lang), mention.excerpt)
}

fn held_line(held: &Held, now: DateTime<Utc>, lang: Lang) -> String {
    let age = say::age(lang, now - held.since);
    let since = held.since.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M");
    let what = match (&held.feed, held.revises) {
        (None, false) => say::pick(lang, "新文章", "new").to_owned(),
        (None, true) => say::pick(lang, "修订", "revision").to_owned(),
        (Some(feed), _) => say::for_feed(lang, feed),
    };
    let item = &held.item;
    format!("{since}\t{age}\t{what}\t{}/{}\t{}\n", item.site, item.key, item.title)
}
