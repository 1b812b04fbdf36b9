//! Rules for the list page: each is tried, and what it finds again is counted.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use url::Url;

use super::known::Known;
use super::{ENOUGH, selector, written};
use crate::config::{Setting, Wanted};
use crate::discover::{self, ListKind, ListRule};
use crate::model::{Call, Link, Rejection};
use crate::repair::{self, ListLook, RowRule, Way};
use crate::text::web;

/// So many known rows must stand on the page, if so many are known.
pub(super) const FEWEST: usize = 3;

/// What a rule found again on a list page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListScore {
    /// Known items with the right address, title and day.
    pub right: usize,
    /// Known items that the page shows.
    pub of: usize,
    /// Rows in all.
    pub rows: usize,
    /// Rows that look like nothing the column ever listed.
    pub strange: usize,
}

impl ListScore {
    /// 0 to 1: the share of known items, less for strange rows.
    pub fn share(&self) -> f64 {
        let share = |part: usize, all: usize| match all {
            0 => 0.0,
            all => part as f64 / all as f64,
        };
        share(self.right, self.of) * (1.0 - share(self.strange, self.rows))
    }
}

/// What was found on the list page.
#[derive(Clone, Debug, Default)]
pub struct ListFinding {
    /// Links on the page.
    pub links: usize,
    /// Known items that the page shows, by their places among the newest.
    pub shown: Vec<usize>,
    /// Titles that stand on the page under other addresses than known, with where they lead.
    pub moved: Vec<(String, Option<Url>)>,
    /// Titles of shown items that the best rule does not find right.
    pub missed: Vec<String>,
    /// What today's rule finds.
    pub before: ListScore,
    /// What the best other rule finds; `None` where today's is the best.
    pub better: Option<ListScore>,
}

impl ListFinding {
    /// What the best rule finds.
    pub fn after(&self) -> ListScore {
        self.better.unwrap_or(self.before)
    }
}

/// The finding with the best rule, and how a column says it.
pub(super) struct Found {
    pub(super) finding: ListFinding,
    pub(super) rule: ListRule,
    pub(super) settings: Vec<Setting>,
    /// Where the best rule leads for known items, by their places among the newest.
    pub(super) places: HashMap<usize, Url>,
    /// The page leads on to older rows.
    pub(super) older: bool,
}

/// A rule that is tried.
struct Candidate {
    rule: ListRule,
    settings: Vec<Setting>,
    score: ListScore,
    missed: Vec<usize>,
    places: HashMap<usize, Url>,
    older: bool,
}

/// A page at hand, and what must be found on it.
struct Trial<'a> {
    text: &'a str,
    call: &'a Call,
    seen: Option<DateTime<Utc>>,
    present: &'a ListRule,
    known: &'a Known,
    look: ListLook,
    expected: BTreeSet<usize>,
}

/// Looks for the best rule on the list page `text`, which answers `call`.
pub(super) fn find(
    text: &str,
    call: &Call,
    seen: Option<DateTime<Utc>>,
    present: &ListRule,
    known: &Known,
) -> Result<Found, Rejection> {
    let look = repair::list(text, &call.url, seen, &known.rows, &|url| known.leads(url))?;
    let expected = expected(&look, known.rows.len());
    let trial = Trial { text, call, seen, present, known, look, expected };
    let before = trial.tried(present.clone(), Vec::new());
    let mut finding = ListFinding {
        links: trial.look.links,
        shown: trial.expected.iter().copied().collect(),
        moved: trial.moved(),
        missed: trial.titles(&before.missed),
        before: before.score,
        better: None,
    };
    let enough = trial.expected.len() >= FEWEST.min(known.rows.len());
    let best = match enough {
        true => trial.best(before.score),
        false => None,
    };
    let Some(best) = best else {
        let Candidate { rule, places, older, .. } = before;
        return Ok(Found { finding, rule, settings: Vec::new(), places, older });
    };
    finding.missed = trial.titles(&best.missed);
    finding.better = Some(best.score);
    let offered = best.score.share() >= ENOUGH;
    let Candidate { places, older, .. } = best;
    let settings = if offered { best.settings } else { Vec::new() };
    let rule = if offered { best.rule } else { before.rule };
    Ok(Found { finding, rule, settings, places, older })
}

/// The known items that the page should show: those whose rows stand together, and those it leads
/// to that are as new. Older ones stand beside the list, as things worth reading.
///
/// Nothing is expected of a page that shows less than half of what it passes over: it is another.
fn expected(look: &ListLook, known: usize) -> BTreeSet<usize> {
    let ranks: Vec<usize> = look.together.iter().copied().collect();
    // Not the last one: what is pinned to the top is often old.
    let typical = ranks.get(ranks.len().saturating_sub(1) * 4 / 5).copied().unwrap_or(0);
    let passed = (typical + 1).min(known);
    let shown = ranks.iter().filter(|rank| **rank <= typical).count();
    if shown * 2 < passed {
        return BTreeSet::new();
    }
    let as_new = look.linked.iter().copied().filter(|rank| *rank <= typical);
    as_new.chain(ranks.iter().copied()).collect()
}

impl Trial<'_> {
    /// The best rule that is better than what finds `before`; of equals the simplest.
    fn best(&self, before: ListScore) -> Option<Candidate> {
        let mut best: Option<Candidate> = None;
        for base in self.bases(before) {
            self.consider(self.candidate(&base, None, [None; 3]), &mut best);
            for rule in &self.look.rules {
                if best.as_ref().is_some_and(|best| best.score.share() >= 1.0) {
                    return better(best, before);
                }
                let candidate = self.with_fields(&base, rule);
                self.consider(candidate, &mut best);
            }
        }
        better(best, before)
    }

    /// Today's rule without what says where rows stand, and as it may have to be besides: of
    /// another kind, with no part of the page left out.
    fn bases(&self, before: ListScore) -> Vec<(ListRule, Vec<Setting>)> {
        let mut bases = vec![(self.present.clone(), Vec::new())];
        let kind = self.present.kind.is_some_and(|kind| kind != ListKind::Html);
        if kind && before.right == 0 {
            let mut rule = self.present.clone();
            rule.kind = Some(ListKind::Html);
            let wanted = Wanted::Text(ListKind::Html.name().to_owned());
            bases.push((rule, vec![setting("kind", wanted)]));
        }
        if !self.present.exclude.is_empty() {
            let more = bases.iter().map(|(rule, settings)| {
                let rule = ListRule { exclude: Vec::new(), ..rule.clone() };
                let cleared = setting("exclude", Wanted::Nothing);
                (rule, settings.iter().cloned().chain([cleared]).collect())
            });
            bases.extend(more.collect::<Vec<_>>());
        }
        bases
    }

    fn consider(&self, candidate: Candidate, best: &mut Option<Candidate>) {
        let worth = |candidate: &Candidate| (candidate.score.share(), candidate.score.right);
        let is_better = best.as_ref().is_none_or(|best| {
            let (new, old) = (worth(&candidate), worth(best));
            new > old || (new == old && candidate.settings.len() < best.settings.len())
        });
        if is_better {
            *best = Some(candidate);
        }
    }

    /// The rule of `rows`, with ways to those fields alone that are not found right without.
    fn with_fields(&self, base: &(ListRule, Vec<Setting>), rows: &RowRule) -> Candidate {
        let mut ways: [Option<&Way>; 3] = [None; 3];
        let mut best = self.candidate(base, Some(rows), ways);
        for (field, proposed) in [&rows.link, &rows.title, &rows.date].into_iter().enumerate() {
            for way in proposed {
                if best.score.right == best.score.of {
                    return best;
                }
                let mut tried = ways;
                tried[field] = Some(way);
                let candidate = self.candidate(base, Some(rows), tried);
                if candidate.score.right > best.score.right {
                    (best, ways) = (candidate, tried);
                }
            }
        }
        // Two fields may be wrong at once, and neither alone make a row right.
        let all = [rows.link.first(), rows.title.first(), rows.date.first()];
        if best.score.right < best.score.of {
            let candidate = self.candidate(base, Some(rows), all);
            if candidate.score.right > best.score.right {
                return candidate;
            }
        }
        best
    }

    /// `base` with `rows` and ways to link, title and date; what is not named is left to the look.
    fn candidate(
        &self,
        base: &(ListRule, Vec<Setting>),
        rows: Option<&RowRule>,
        ways: [Option<&Way>; 3],
    ) -> Candidate {
        let (mut rule, mut settings) = base.clone();
        let had = !rule.item.is_empty();
        rule.item = rows.and_then(|rows| selector(&rows.item)).into_iter().collect();
        match rows {
            Some(rows) => settings.push(setting("item", Wanted::Texts(vec![rows.item.clone()]))),
            None if had => settings.push(setting("item", Wanted::Nothing)),
            None => {}
        }
        let fields = [&mut rule.link, &mut rule.title, &mut rule.date];
        for ((field, key), way) in fields.into_iter().zip(["link", "title", "date"]).zip(ways) {
            let had = !field.is_empty();
            *field = way.and_then(|way| way.alternative().ok()).into_iter().collect();
            match way {
                Some(way) => settings.push(setting(key, written(way))),
                None if had => settings.push(setting(key, Wanted::Nothing)),
                None => {}
            }
        }
        self.tried(rule, settings)
    }

    fn tried(&self, rule: ListRule, settings: Vec<Setting>) -> Candidate {
        let read = discover::read(self.text, self.call, self.seen, &rule);
        let (links, older) =
            read.map(|listing| (listing.links, !listing.next.is_empty())).unwrap_or_default();
        let place = |link: &Link| Some((self.known.leads(&link.url)?, link.url.clone()));
        let places = links.iter().rev().filter_map(place).collect();
        let right: BTreeSet<usize> = links.iter().filter_map(|link| self.known_row(link)).collect();
        let dated = links.iter().filter(|link| link.posted.is_some()).count() * 2 > links.len();
        let score = ListScore {
            right: right.intersection(&self.expected).count(),
            of: self.expected.len(),
            rows: links.len(),
            strange: links.iter().filter(|link| self.is_strange(link, dated)).count(),
        };
        let missed = self.expected.difference(&right).copied().collect();
        Candidate { rule, settings, score, missed, places, older }
    }

    /// The known item that `link` is, with the right title and, where the page shows it, day.
    fn known_row(&self, link: &Link) -> Option<usize> {
        let at = self.known.leads(&link.url)?;
        let row = self.known.rows.get(at)?;
        let told = link.posted.map(|posted| posted.date());
        let day_is_right = told == row.day || !self.look.dated.contains(&at);
        (row.is_titled(&link.title) && day_is_right).then_some(at)
    }

    /// True for a row that is no known item and looks like none: without a date where rows have
    /// one, else with an address unlike theirs.
    fn is_strange(&self, link: &Link, dated: bool) -> bool {
        if self.known.leads(&link.url).is_some() {
            return false;
        }
        if dated {
            return link.posted.is_none();
        }
        let shaped = |url: &Url| shape(url) == shape(&link.url);
        web::same_site(&link.url, &self.call.url)
            && !self.known.items.iter().any(|item| shaped(&item.url))
    }

    fn moved(&self) -> Vec<(String, Option<Url>)> {
        let title = |at: &usize| self.known.items[*at].title.clone();
        self.look.moved.iter().map(|(at, url)| (title(at), url.clone())).collect()
    }

    fn titles(&self, missed: &[usize]) -> Vec<String> {
        missed.iter().map(|at| self.known.items[*at].title.clone()).collect()
    }
}

fn better(best: Option<Candidate>, before: ListScore) -> Option<Candidate> {
    best.filter(|best| {
        let ListScore { right, rows, strange, .. } = best.score;
        let fewer = before.strange.saturating_sub(strange) * 10 > rows;
        let more = best.score.share() > before.share() && (right > before.right || fewer);
        more && !best.settings.is_empty()
    })
}

fn setting(key: &'static str, wanted: Wanted) -> Setting {
    Setting { table: Some("list"), key, wanted }
}

/// An address without what tells one article from another.
fn shape(url: &Url) -> String {
    let text = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let mut shape = String::new();
    for c in text.chars() {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if c != '0' || !shape.ends_with('0') {
            shape.push(c);
        }
    }
    shape
}
