//! The command `report`: what federations count by hand today.

mod quality;

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Months, NaiveDate};

use crate::config::Config;
use crate::model::{Item, Lang, SiteId};
use crate::store::{Adoption, SqliteStore};
use crate::text::sheet;

use super::args::{AdoptionsArgs, ReportAction};
use super::evaluate::width;
use super::operate::block_on;
use super::problems::ground;
use super::{Args, CANNOT_WORK, FINE, Failure, files, print, say};

const PAIR_HEADS: [&str; 6] =
    ["month", "original_site", "original_name", "reprint_site", "reprint_name", "count"];
const ITEM_HEADS: [&str; 11] = [
    "month",
    "original_site",
    "original_name",
    "original_date",
    "original_title",
    "original_url",
    "reprint_site",
    "reprint_name",
    "reprint_date",
    "reprint_title",
    "reprint_url",
];

/// `lianbo report`.
pub(super) fn report(args: &Args, lang: Lang, action: &ReportAction) -> Result<u8, Failure> {
    match action {
        ReportAction::Adoptions(asked) => adoptions(args, lang, asked),
        ReportAction::Quality(asked) => quality::quality(args, lang, asked),
    }
}

fn adoptions(args: &Args, lang: Lang, asked: &AdoptionsArgs) -> Result<u8, Failure> {
    let ground = ground(args, lang)?;
    ground.wants_database(args, lang)?;
    if let Some(faults) = &ground.faults {
        eprintln!("{}", faults.message);
    }
    let config = Config::load_with(&args.config_file(), args.data.as_deref()).ok();
    let sites = config.map(|config| config.sites).unwrap_or_default();
    let names: BTreeMap<SiteId, String> =
        sites.into_iter().map(|site| (site.id, site.name)).collect();
    let until = asked.month.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
    let found = block_on(async {
        let failed = |error| Failure::of(&anyhow::Error::from(error), lang);
        let store = SqliteStore::open_read_only(&ground.data).map_err(failed)?;
        store.adoptions(asked.month, until).await.map_err(failed)
    })?;
    let month = Month { first: asked.month, adoptions: &found, names: &names, lang };
    let Some(file) = &asked.csv else { return print(&month.text(asked.items)) };
    let csv = if asked.items { month.item_csv() } else { month.pair_csv() };
    if file == "-" {
        return print(&csv);
    }
    // Spreadsheets in China read a file as GBK unless it says otherwise.
    files::put(Path::new(file), format!("{}{csv}", sheet::MARK).as_bytes())
        .map_err(|error| Failure { code: CANNOT_WORK, message: format!("{file}: {error}") })?;
    eprintln!("{}", say::counted(lang, found.len(), file));
    Ok(FINE)
}

/// What was taken over in a month.
struct Month<'a> {
    first: NaiveDate,
    adoptions: &'a [Adoption],
    names: &'a BTreeMap<SiteId, String>,
    lang: Lang,
}

impl Month<'_> {
    fn name(&self, site: &SiteId) -> String {
        self.names.get(site).cloned().unwrap_or_else(|| site.to_string())
    }

    fn month(&self) -> String {
        self.first.format("%Y-%m").to_string()
    }

    /// How many items of the first site the second one took over; the most first.
    fn pairs(&self) -> Vec<(&SiteId, &SiteId, usize)> {
        let mut counts: BTreeMap<(&SiteId, &SiteId), usize> = BTreeMap::new();
        for adoption in self.adoptions {
            *counts.entry((&adoption.original.site, &adoption.reprint.site)).or_default() += 1;
        }
        let mut pairs: Vec<_> =
            counts.into_iter().map(|((from, by), count)| (from, by, count)).collect();
        pairs.sort_by_key(|&(.., count)| std::cmp::Reverse(count));
        pairs
    }

    /// For each site: items of it that were taken over at least once, how often, and how many it
    /// took over itself.
    fn totals(&self) -> Vec<(&SiteId, [usize; 3])> {
        let mut totals: BTreeMap<&SiteId, [usize; 3]> = BTreeMap::new();
        let mut known = std::collections::BTreeSet::new();
        for Adoption { original, reprint } in self.adoptions {
            let given = totals.entry(&original.site).or_default();
            given[0] += usize::from(known.insert(original.id.as_str()));
            given[1] += 1;
            totals.entry(&reprint.site).or_default()[2] += 1;
        }
        let mut totals: Vec<_> = totals.into_iter().collect();
        totals
            .sort_by_key(|(_, [items, times, taken])| std::cmp::Reverse((*times, *items, *taken)));
        totals
    }

    fn text(&self, with_items: bool) -> String {
        let lang = self.lang;
        let mut text =
            format!("{}\n", say::adoptions_head(lang, &self.month(), self.adoptions.len()));
        if self.adoptions.is_empty() {
            return text;
        }
        let pairs = self.pairs().into_iter();
        let pairs =
            pairs.map(|(from, by, count)| [self.name(from), self.name(by), count.to_string()]);
        text.push_str(&table(say::adoption_pairs(lang), pairs));
        text.push('\n');
        let totals = self.totals().into_iter().map(|(site, [items, times, taken])| {
            [self.name(site), items.to_string(), times.to_string(), taken.to_string()]
        });
        text.push_str(&table(say::adoption_totals(lang), totals));
        if with_items {
            text.push('\n');
            self.adoptions.iter().for_each(|adoption| text.push_str(&self.item_lines(adoption)));
        }
        text
    }

    fn item_lines(&self, Adoption { original, reprint }: &Adoption) -> String {
        let line = |item: &Item| {
            let (date, site) = (item.published.format("%Y-%m-%d"), self.name(&item.site));
            format!("{date}  {site}  {}\n            {}\n", item.title, item.url)
        };
        let by = say::taken_over_from(self.lang);
        format!("{}  {by} {}", line(reprint), line(original))
    }

    fn pair_csv(&self) -> String {
        let mut text = sheet::row(PAIR_HEADS);
        for (from, by, count) in self.pairs() {
            let (month, count) = (self.month(), count.to_string());
            let (from_name, by_name) = (self.name(from), self.name(by));
            let cells = [&month, from.as_str(), &from_name, by.as_str(), &by_name, &count];
            text.push_str(&sheet::row(cells));
        }
        text
    }

    fn item_csv(&self) -> String {
        let mut text = sheet::row(ITEM_HEADS);
        for Adoption { original, reprint } in self.adoptions {
            let side = |item: &Item| {
                let date = item.published.format("%Y-%m-%d").to_string();
                let site = item.site.to_string();
                [site, self.name(&item.site), date, item.title.clone(), item.url.to_string()]
            };
            let month = self.month();
            let (from, by) = (side(original), side(reprint));
            let cells = std::iter::once(&month).chain(&from).chain(&by).map(String::as_str);
            text.push_str(&sheet::row(cells));
        }
        text
    }
}

/// A table for people: names to the left, figures to the right.
pub(super) fn table<const N: usize>(
    head: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let head = head.map(str::to_owned);
    let lines: Vec<[String; N]> = std::iter::once(head).chain(rows).collect();
    let widest = |at: usize| lines.iter().map(|line| width(&line[at])).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(widest);
    let mut text = String::new();
    for line in &lines {
        let mut said = String::new();
        for (cell, wanted) in line.iter().zip(widths) {
            let gap = " ".repeat(wanted - width(cell));
            let is_figure = cell.bytes().all(|b| b.is_ascii_digit());
            let parts = if is_figure { [&gap, cell.as_str()] } else { [cell.as_str(), &gap] };
            said.extend(parts.into_iter().chain(["  "]));
        }
        text.push_str(said.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let rows = [["江苏省工商联".to_owned(), "12".to_owned()], ["b".to_owned(), "3".to_owned()]];
        let text = table(["网站", "篇数"], rows.into_iter());
        assert_eq!(text, "网站          篇数\n江苏省工商联    12\nb                3\n");
    }
}
