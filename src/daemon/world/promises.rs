//! What must be true whatever happens: the promises of the program, checked from outside.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::publish::etag;

use super::super::plan;
use super::life::Ground;
use super::pages::FALSE;
use super::records::{self, Stored};
use super::sites::{Article, Site, Sites};

/// Where the documents stand.
pub(super) const BASE: &str = "https://feeds.test/";

/// What was seen before.
#[derive(Default)]
pub(super) struct Promises {
    items: BTreeMap<String, Stored>,
    /// Documents that are known to be whole, and where those lead to that are feeds of Atom.
    whole: BTreeMap<String, (Bytes, Led)>,
    /// Documents and items as they stood when everything was at rest.
    rested: BTreeMap<String, Bytes>,
    rested_items: BTreeMap<String, Stored>,
    /// Items that are or were withdrawn.
    pub(super) withdrawn: BTreeSet<String>,
    /// Documents looked at.
    pub(super) checked: usize,
}

type Broken = Result<(), String>;

/// The ids in a feed, and the address of the archive before it.
type Led = (Vec<String>, Option<String>);

macro_rules! ensure {
    ($condition:expr, $($told:tt)+) => {
        if !$condition {
            return Err(format!($($told)+));
        }
    };
}

impl Promises {
    /// At any moment, with the daemon dead or alive.
    pub(super) fn always(
        &mut self,
        ground: &Ground,
        documents: &BTreeMap<String, Bytes>,
    ) -> Broken {
        let records = ground.records.lock().unwrap();
        if !records::are_there(&records) {
            ensure!(documents.is_empty(), "documents stand there without a record");
            return Ok(());
        }
        let dangling: Vec<String> =
            records::column(&records, "SELECT \"table\" FROM pragma_foreign_key_check");
        ensure!(dangling.is_empty(), "records of {dangling:?} lead nowhere");
        self.documents(&records, documents)?;
        let items = records::items(&records);
        self.nothing_is_lost(&items)?;
        self.all_is_true(&items, &ground.sites.lock().unwrap())?;
        self.items = items;
        let behaviour = ground.behaviour.lock().unwrap();
        ensure!(behaviour.complaints.is_empty(), "{:?}", behaviour.complaints);
        let panicked: Vec<String> = records::column(
            &records,
            "SELECT subject || ' ' || detail FROM problem
             WHERE code IN ('run-panicked', 'publish-failed', 'store-failed')",
        );
        ensure!(panicked.is_empty(), "{panicked:?}");
        Ok(())
    }

    /// Every document is the recorded one, or whole and announced as coming.
    fn documents(&mut self, records: &Connection, documents: &BTreeMap<String, Bytes>) -> Broken {
        let recorded = records::documents(records);
        let unsure: Vec<String> = records::column(records, "SELECT path FROM unsure");
        for (path, bytes) in documents {
            if self.whole.get(path).is_some_and(|(known, _)| same(known, bytes)) {
                continue;
            }
            let led = whole(path, bytes)?;
            self.checked += 1;
            if recorded.get(path) != Some(&etag(bytes)) {
                ensure!(unsure.contains(path), "`{path}` is not what was recorded");
                continue;
            }
            self.whole.insert(path.clone(), (bytes.clone(), led));
        }
        for path in recorded.keys() {
            let stands = documents.contains_key(path) || unsure.contains(path);
            ensure!(stands, "`{path}` is recorded and not there");
        }
        Ok(())
    }

    /// What was stored is stored still, under the same id and number of arrival.
    fn nothing_is_lost(&self, items: &BTreeMap<String, Stored>) -> Broken {
        for (id, before) in &self.items {
            let Some(now) = items.get(id) else { return Err(format!("`{id}` is lost")) };
            ensure!(now.ordinal == before.ordinal, "`{id}` arrived anew");
            ensure!(now.seq >= before.seq, "`{id}` went back in the order of changes");
            ensure!(now.revision >= before.revision, "`{id}` lost a revision");
            ensure!(before.partial || !now.partial, "`{id}` fell back to its row");
            let changed = (&now.hash, &now.state) != (&before.hash, &before.state);
            ensure!(!changed || now.seq > before.seq, "`{id}` changed and no reader is told");
            let columns = before.columns.iter().all(|column| now.columns.contains(column));
            ensure!(columns, "`{id}` left a column");
        }
        Ok(())
    }

    /// Every item is an article of its site as it once stood there, and no article is two.
    fn all_is_true(&mut self, items: &BTreeMap<String, Stored>, sites: &Sites) -> Broken {
        let mut articles = BTreeSet::new();
        for (id, item) in items {
            let Some((site, article)) = origin(item, sites) else {
                return Err(format!("`{id}` is no article: `{}`, `{}`", item.url, item.title));
            };
            ensure!(
                articles.insert((site.id, article.number)),
                "article {} of `{}` is two items",
                article.number,
                site.id
            );
            if self.items.get(id) != Some(item) {
                is_true(item, site, article)?;
            }
            if !item.is_live() {
                self.withdrawn.insert(id.clone());
            }
        }
        Ok(())
    }

    /// When nothing is left to do.
    pub(super) fn at_rest(
        &mut self,
        ground: &Ground,
        documents: &BTreeMap<String, Bytes>,
    ) -> Broken {
        let records = ground.records.lock().unwrap();
        for (what, sql) in [
            ("documents are unsure", "SELECT path FROM unsure"),
            ("columns are unpublished", "SELECT column_id FROM unpublished"),
            ("turns are open", "SELECT job FROM turn WHERE outcome IS NULL"),
        ] {
            let found: Vec<String> = records::column(&records, sql);
            ensure!(found.is_empty(), "{what} at rest: {found:?}");
        }
        let sites = ground.sites.lock().unwrap();
        self.ledger(&records, ground, sites.now)?;
        self.shown(documents)?;
        self.quiet(documents, &sites)?;
        for (slug, holds) in slugs(&sites) {
            self.walk(&slug, &holds, &sites)?;
        }
        self.rested.clone_from(documents);
        self.rested_items.clone_from(&self.items);
        Ok(())
    }

    /// Every planned time has its turn, and nothing else has one.
    fn ledger(&self, records: &Connection, ground: &Ground, now: DateTime<Utc>) -> Broken {
        let tasks = plan::refreshes(&ground.config);
        for task in tasks.iter().chain(&plan::publications(&ground.config)) {
            let job = task.job.to_string();
            let noted = records::turns(records, &job);
            let Some(&first) = noted.first() else { continue };
            let begin = DateTime::from_timestamp(first, 0).unwrap_or_default();
            let planned: BTreeSet<i64> =
                task.timing.between(begin, now).map(|at| at.timestamp()).chain([first]).collect();
            ensure!(noted == planned, "the ledger of `{job}` has {noted:?} for {planned:?}");
        }
        Ok(())
    }

    /// What is live is published, what is withdrawn is gone, and nothing false stands anywhere.
    fn shown(&self, documents: &BTreeMap<String, Bytes>) -> Broken {
        let first = |item: &Stored| item.text.lines().next().unwrap_or_default().to_owned();
        let live: BTreeSet<String> =
            self.items.values().filter(|item| item.is_live()).map(first).collect();
        let gone: Vec<(String, &str)> = self
            .items
            .values()
            .filter(|item| !item.is_live() && !item.text.is_empty())
            .map(|item| (first(item), item.id.as_str()))
            .filter(|(text, _)| !live.contains(text))
            .collect();
        for (path, bytes) in documents {
            if self.rested.get(path).is_some_and(|before| same(before, bytes)) && gone.is_empty() {
                continue;
            }
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            ensure!(!text.contains(FALSE), "`{path}` publishes what a failure said");
            for (words, id) in &gone {
                ensure!(!text.contains(words), "`{path}` still shows `{id}`, which is withdrawn");
            }
        }
        for item in self.items.values().filter(|item| item.is_live()) {
            let path = format!("items/{}/{}.html", item.site, item.key);
            let Some(page) = documents.get(&path) else { return Err(format!("no `{path}`")) };
            let page = String::from_utf8_lossy(page);
            ensure!(page.contains(&item.title), "`{path}` has another title than its item");
            ensure!(page.contains(&first(item)), "`{path}` has another text than its item");
        }
        Ok(())
    }

    /// A site that is down leaves its items and its documents as they were, except that another one may
    /// have begun to tell the same story.
    fn quiet(&self, documents: &BTreeMap<String, Bytes>, sites: &Sites) -> Broken {
        for site in &sites.sites {
            let Some((fault, _)) = site.fault.filter(|(fault, _)| fault.hides_lists()) else {
                continue;
            };
            let own = |item: &&Stored| item.site == site.id;
            let mut told_otherwise = BTreeSet::new();
            let mut tellers: BTreeMap<String, usize> = BTreeMap::new();
            for story in self.items.keys().filter_map(|id| self.story(id, sites)) {
                *tellers.entry(story).or_default() += 1;
            }
            for now in self.items.values().filter(own) {
                let Some(before) = self.rested_items.get(&now.id) else {
                    return Err(format!("`{}` came while its site had {fault:?}", now.id));
                };
                let now_but = Stored { seq: before.seq, ..now.clone() };
                ensure!(now_but == *before, "`{}` changed while its site had {fault:?}", now.id);
                let story = self.story(&now.id, sites);
                if story.is_some_and(|story| tellers[&story] > 1) {
                    told_otherwise.extend(now.columns.iter().cloned());
                }
            }
            if !fault.hides_files() {
                continue;
            }
            let columns = site.columns.iter().map(|column| format!("{}/{column}", site.id));
            for column in columns.filter(|column| !told_otherwise.contains(column)) {
                for path in [format!("feeds/{column}.atom"), format!("feeds/{column}.json")] {
                    let (before, now) = (self.rested.get(&path), documents.get(&path));
                    if before != now {
                        let how = shown_apart(before, now);
                        return Err(format!(
                            "`{path}` changed while its site had {fault:?}:\n{how}"
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// Whoever walks from a feed into its past meets every live item, and nothing else.
    fn walk(&self, slug: &str, holds: &[String], sites: &Sites) -> Broken {
        let (mut met, mut next) = (BTreeSet::new(), Some(format!("feeds/{slug}.atom")));
        let mut steps = 0;
        while let Some(path) = next.take() {
            steps += 1;
            ensure!(steps < 100, "the archives of `{slug}` go round in a circle");
            let Some((bytes, (ids, before))) = self.whole.get(&path) else {
                ensure!(steps == 1, "`{path}` is led to and not there");
                break;
            };
            if steps == 1 {
                self.up_to_date(&path, bytes, ids)?;
            }
            met.extend(ids.iter().cloned());
            next = before.as_ref().and_then(|url| url.strip_prefix(BASE)).map(str::to_owned);
        }
        let held = |item: &&Stored| {
            item.is_live() && item.columns.iter().any(|column| holds.contains(column))
        };
        let wanted: BTreeSet<String> =
            self.items.values().filter(held).map(|item| item.id.clone()).collect();
        // Of a story that several sites tell, one telling is enough.
        let told: BTreeSet<String> = met.iter().filter_map(|id| self.story(id, sites)).collect();
        let untold =
            |id: &&String| self.story(id, sites).is_none_or(|story| !told.contains(&story));
        let lost: Vec<_> = wanted.difference(&met).filter(untold).collect();
        let more: Vec<_> = met.difference(&wanted).collect();
        ensure!(lost.is_empty(), "whoever walks `{slug}` never meets {lost:?}");
        ensure!(more.is_empty(), "whoever walks `{slug}` meets {more:?}");
        Ok(())
    }

    /// A feed tells its items as they stand, whichever column's run saw them change.
    fn up_to_date(&self, path: &str, bytes: &[u8], ids: &[String]) -> Broken {
        let text = String::from_utf8_lossy(bytes);
        for item in ids.iter().filter_map(|id| self.items.get(id)).filter(|item| item.is_live()) {
            ensure!(text.contains(&item.title), "`{path}` has an old title of `{}`", item.id);
            for line in item.text.lines() {
                ensure!(text.contains(line), "`{path}` has an old text of `{}`", item.id);
            }
        }
        Ok(())
    }

    /// The story that an item tells.
    fn story(&self, id: &str, sites: &Sites) -> Option<String> {
        let (site, article) = origin(self.items.get(id)?, sites)?;
        let first = sites.sites[0].id;
        Some(match article.reprints {
            Some(number) => format!("{first} {number}"),
            None => format!("{} {}", site.id, article.number),
        })
    }

    /// In the end, after the sites were well for a while: what their lists show is live, as it stands
    /// there now.
    pub(super) fn in_the_end(&self, sites: &Sites) -> Broken {
        for site in &sites.sites {
            for column in 0..site.columns.len() {
                for at in site.listed(column) {
                    let article = &site.articles[at];
                    let is_it = |item: &&Stored| {
                        origin(item, sites).is_some_and(|(its, one)| {
                            its.id == site.id && one.number == article.number
                        })
                    };
                    let path = &article.path;
                    let Some(item) = self.items.values().find(is_it) else {
                        return Err(format!("`{path}` of `{}` was never taken in", site.id));
                    };
                    ensure!(
                        item.is_live(),
                        "`{path}` of `{}` stands there and is {}",
                        site.id,
                        item.state
                    );
                    ensure!(!item.partial, "`{path}` of `{}` was never read", site.id);
                    let title = &article.versions.last().unwrap().title;
                    ensure!(item.title == *title, "`{path}` of `{}` has its old title", site.id);
                    let name = format!("{}/{}", site.id, site.columns[column]);
                    ensure!(
                        item.columns.contains(&name),
                        "`{path}` is not known to be in `{name}`"
                    );
                }
            }
        }
        Ok(())
    }

    /// The items, as they were found last.
    pub(super) fn items(&self) -> &BTreeMap<String, Stored> {
        &self.items
    }
}

/// Where two documents begin to differ.
fn shown_apart(before: Option<&Bytes>, now: Option<&Bytes>) -> String {
    let text = |bytes: Option<&Bytes>| {
        String::from_utf8_lossy(bytes.map_or(&[][..], |bytes| bytes)).into_owned()
    };
    let (before, now) = (text(before), text(now));
    let differ = before.lines().zip(now.lines()).find(|(before, now)| before != now);
    let (before, now) = differ.unwrap_or(("one ends", "before the other"));
    format!("{before}\n--- now:\n{now}")
}

/// The same bytes in the same place of memory: they were not written again.
fn same(a: &Bytes, b: &Bytes) -> bool {
    a.len() == b.len() && a.as_ptr() == b.as_ptr()
}

/// Not torn.
fn whole(path: &str, bytes: &[u8]) -> Result<Led, String> {
    if path.starts_with("assets/") {
        return Ok(Led::default());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| format!("`{path}` is no UTF-8"))?;
    let told = |error: &dyn std::fmt::Display| format!("`{path}`: {error}");
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("rss" | "atom") => {
            let feed = feed_rs::parser::parse(bytes).map_err(|error| told(&error))?;
            let before = |link: &&feed_rs::model::Link| link.rel.as_deref() == Some("prev-archive");
            let before = feed.links.iter().find(before).map(|link| link.href.clone());
            return Ok((feed.entries.into_iter().map(|entry| entry.id).collect(), before));
        }
        Some("json") => {
            serde_json::from_slice::<serde_json::Value>(bytes).map_err(|error| told(&error))?;
        }
        Some("html") => ensure!(text.trim_end().ends_with("</html>"), "`{path}` has no end"),
        _ => ensure!(!text.trim().is_empty(), "`{path}` is empty"),
    }
    Ok(Led::default())
}

/// Where an item is from.
fn origin<'s>(item: &Stored, sites: &'s Sites) -> Option<(&'s Site, &'s Article)> {
    let url: url::Url = item.url.parse().ok()?;
    let host = url.host_str()?.trim_start_matches("www.");
    let site = sites.sites.iter().find(|site| site.host == host && site.id == item.site)?;
    Some((site, site.article(&url[url::Position::BeforePath..])?))
}

/// The item says what stood there at some time.
fn is_true(item: &Stored, site: &Site, article: &Article) -> Broken {
    let id = &item.id;
    let fine = item.is_live() || article.was_gone;
    ensure!(fine, "`{id}` was withdrawn and never gone");
    let posted = article.posted.to_string();
    ensure!(item.posted.as_ref() == Some(&posted), "`{id}` of {posted} has {:?}", item.posted);
    for column in &item.columns {
        let is_its = article
            .columns
            .iter()
            .any(|&at| *column == format!("{}/{}", site.id, site.columns[at]));
        ensure!(is_its, "`{id}` never stood in `{column}`");
    }
    if item.partial {
        let title = article.versions.iter().any(|version| version.title == item.title);
        ensure!(title, "`{id}` has the title `{}`, which never stood there", item.title);
        return Ok(());
    }
    let version = article
        .versions
        .iter()
        .any(|version| version.title == item.title && version.paragraphs.join("\n") == item.text);
    ensure!(version, "`{id}` says what never stood there: `{}`\n{}", item.title, item.text);
    ensure!(
        item.credit.as_ref() == Some(&article.credit),
        "`{id}` is credited to {:?}",
        item.credit
    );
    ensure!(item.attribution.contains(&article.credit), "`{id}` says {:?}", item.attribution);
    Ok(())
}

/// The feeds with archives, and the columns each holds.
fn slugs(sites: &Sites) -> Vec<(String, Vec<String>)> {
    let columns: Vec<String> = sites
        .sites
        .iter()
        .flat_map(|site| site.columns.iter().map(|column| format!("{}/{column}", site.id)))
        .collect();
    let own = columns.iter().map(|column| (column.clone(), vec![column.clone()]));
    own.chain([("all".to_owned(), columns.clone())]).collect()
}
