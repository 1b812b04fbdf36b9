//! Chooses what an issue is made of, and puts together what it prints.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::model::{
    AssetHash, BEIJING, Chosen, DigestKind, DigestSpec, Extent, Image, Item, ItemId, ItemState,
    Material, Piece, Since, SiteId,
};
use crate::text::summary;

/// An issue reaches back over so many windows at most: a digest that rested does not begin again with
/// the news of a year.
const MOST_WINDOWS: u32 = 3;

/// What an issue is chosen from.
#[derive(Clone, Debug)]
pub struct Candidates<'a> {
    /// The day that the issue is dated.
    pub date: NaiveDate,
    /// How many days it looks back at least, that day included.
    pub window_days: u32,
    /// The day that the issue before it is dated, and when that was built.
    pub before: Option<(NaiveDate, DateTime<Utc>)>,
    /// Items that stand in earlier issues of the digest.
    pub printed: &'a BTreeSet<ItemId>,
    /// Words in titles that bring an item to the front.
    pub pinned: &'a [String],
    /// False where pieces go without pictures in the overview, unless an editor wants one.
    pub illustrated: bool,
}

impl Candidates<'_> {
    /// The first and the last day of the period: it reaches back to the day of the issue before,
    /// of which the rest was still to come when that was built.
    pub fn period(&self) -> (NaiveDate, NaiveDate) {
        let from = self.back(1);
        let from = self.before.map_or(from, |(day, _)| day.min(from));
        (from.max(self.oldest()), self.date)
    }

    /// The first of so many windows that end with the issue.
    fn back(&self, windows: u32) -> NaiveDate {
        let days = i64::from(self.window_days.max(1)) * i64::from(windows) - 1;
        self.date.checked_sub_signed(Duration::days(days)).unwrap_or(self.date)
    }

    /// What was posted before is no news, whenever it came.
    fn oldest(&self) -> NaiveDate {
        self.back(MOST_WINDOWS)
    }

    /// Whether `item` is news for the issue: of its period, or of the time before and come too late
    /// for the issue before; and neither it nor another telling of its story stood in an earlier one.
    fn wants(&self, item: &Item) -> bool {
        let (from, to) = self.period();
        let day = item.published.with_timezone(&BEIJING).date_naive();
        let came_late = self.before.is_some_and(|(_, built)| item.first_seen > built);
        let from = if came_late { self.oldest() } else { from };
        let tellings = item.also_at.iter().map(|other| &other.id);
        item.state == ItemState::Live
            && (from..=to).contains(&day)
            && !std::iter::once(&item.id).chain(tellings).any(|id| self.printed.contains(id))
    }
}

/// What an issue of `digest` is made of: section after section, in each what is pinned before the
/// rest, the newest first; a story once. `items` may come in any order and more than once.
pub fn choose(digest: &DigestSpec, items: Vec<Item>, from: &Candidates<'_>) -> Vec<Chosen> {
    let mut items: Vec<Item> = items.into_iter().filter(|item| from.wants(item)).collect();
    let pinned = |item: &Item| {
        let place = from.pinned.iter().position(|word| item.title.contains(word.as_str()));
        place.unwrap_or(usize::MAX)
    };
    items.sort_by_cached_key(|item| {
        (pinned(item), std::cmp::Reverse((item.published, item.ordinal)))
    });
    let mut told: HashSet<ItemId> = HashSet::new();
    items.retain(|item| {
        let is_new = !told.contains(&item.id);
        told.insert(item.id.clone());
        told.extend(item.also_at.iter().map(|other| other.id.clone()));
        is_new
    });
    items.truncate(digest.limit);
    let mut placed: Vec<(usize, Item)> =
        items.into_iter().map(|item| (section(digest, &item), item)).collect();
    // Stable: within a section the order stays.
    placed.sort_by_key(|(section, _)| *section);
    let placed = placed.into_iter().zip(1..);
    let illustrated = from.illustrated;
    placed
        .map(|((section, item), number)| Chosen {
            picture: illustrated,
            ..chosen(digest, section, item, number)
        })
        .collect()
}

/// Which section `item` stands in: the first that holds it, else the one that takes the rest.
fn section(digest: &DigestSpec, item: &Item) -> usize {
    let holds = |spec: &crate::model::SectionSpec| {
        spec.selections.iter().any(|selection| selection.holds(item))
    };
    let rest = digest.sections.iter().position(|spec| spec.selections.is_empty());
    digest.sections.iter().position(holds).or(rest).unwrap_or(0)
}

fn chosen(digest: &DigestSpec, section: usize, item: Item, number: usize) -> Chosen {
    Chosen {
        key: key(number),
        also_at: item.told_at(),
        from: Material::Item { id: item.id, revision: item.revision },
        section: digest.sections.get(section).map(|spec| spec.title.clone()).unwrap_or_default(),
        title: None,
        summary: None,
        picture: true,
    }
}

/// The name of the `number`th thing chosen for an issue.
fn key(number: usize) -> String {
    format!("a{number}")
}

/// `chosen` anew, and behind it the manuscripts of `before`, which keep their names.
pub fn with_manuscripts(mut chosen: Vec<Chosen>, before: &[Chosen]) -> Vec<Chosen> {
    let is_manuscript = |chosen: &&Chosen| matches!(chosen.from, Material::Manuscript { .. });
    let kept: Vec<Chosen> = before.iter().filter(is_manuscript).cloned().collect();
    let mut free = (1..).map(key).filter(|key| kept.iter().all(|kept| kept.key != *key));
    for (chosen, key) in chosen.iter_mut().zip(&mut free) {
        chosen.key = key;
    }
    chosen.extend(kept);
    chosen
}

/// A name that nothing in `chosen` has.
pub fn free_key(chosen: &[Chosen]) -> String {
    let numbers = chosen.iter().filter_map(|chosen| chosen.key.strip_prefix('a')?.parse().ok());
    key(numbers.max().unwrap_or(0) + 1)
}

/// A text for an issue, before what editors made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Original {
    /// Its title.
    pub title: String,
    /// Sanitised body HTML.
    pub html: String,
    /// Body text, one paragraph a line.
    pub text: String,
    /// Pictures in reading order.
    pub images: Vec<Image>,
    /// Whose text it is.
    pub source: String,
    /// The sentence that prints under it.
    pub attribution: String,
    /// Who wrote, edited and photographed, in words.
    pub byline: String,
    /// The address of the article.
    pub url: Option<url::Url>,
    /// The site and column that it was read from.
    pub site: String,
    /// The day it was posted.
    pub posted: Option<NaiveDate>,
    /// Whether it is by others than party, government or a member site.
    pub third_party: bool,
    /// Whether its site permits no more than the summary.
    pub summary_only: bool,
    /// What became of its item.
    pub since: Since,
    /// Other sites that tell the same story.
    pub also_at: Vec<String>,
}

/// What is known of the sites that items come from.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// What each site, and each column, is called.
    pub names: BTreeMap<String, String>,
    /// Names under which member sites are credited, all of them.
    pub credits: BTreeSet<String>,
}

impl Members {
    /// `item`, in the version that was chosen, when its story stood at `also_at`; `current` is what it
    /// is by now.
    pub fn original(&self, item: &Item, current: &Item, also_at: &[SiteId]) -> Original {
        let named = |id: &str| self.names.get(id).cloned().unwrap_or_default();
        let column = item.columns.first().map(|column| named(&column.to_string()));
        let site = std::iter::once(named(item.site.as_str())).chain(column);
        let site: Vec<String> = site.filter(|name| !name.is_empty()).collect();
        let source = item.source().to_owned();
        Original {
            title: item.title.clone(),
            html: item.html.clone(),
            text: item.text.clone(),
            images: item.images.clone(),
            third_party: self.is_third_party(item.credit.as_deref(), &source),
            source,
            attribution: item.attribution.clone(),
            byline: byline(item),
            url: Some(item.url.clone()),
            site: site.join("·"),
            posted: Some(item.posted.map_or_else(
                || item.published.with_timezone(&BEIJING).date_naive(),
                |posted| posted.date(),
            )),
            summary_only: current.extent == Extent::Summary,
            since: match current.state {
                ItemState::Withdrawn => Since::Withdrawn,
                _ if current.revision > item.revision => Since::Revised,
                _ => Since::Same,
            },
            also_at: also_at
                .iter()
                .filter(|site| item.also_at.iter().any(|other| other.site == **site))
                .map(|site| named(site.as_str()))
                .collect(),
        }
    }

    /// Whether a text with this credit is by others than party, government or a member site. What
    /// is not credited is the site's own.
    pub fn is_third_party(&self, credit: Option<&str>, source: &str) -> bool {
        if credit.is_none() {
            return false;
        }
        let own = |name: &str| self.credits.contains(name) || is_official(name);
        !source.split(['、', '/', ' ', ',', '，']).all(|name| name.is_empty() || own(name.trim()))
    }
}

/// How the names of party and government bodies and of their federations end.
const OFFICIAL: [&str; 22] = [
    "工商联",
    "总商会",
    "商会",
    "工商业联合会",
    "统战部",
    "委员会",
    "人民政府",
    "办公厅",
    "办公室",
    "政协",
    "人大",
    "省委",
    "市委",
    "区委",
    "县委",
    "党委",
    "厅",
    "局",
    "政府",
    "政府网",
    "工商联网站",
    "商会网站",
];

/// How a site calls a department of its own.
const DEPARTMENTS: [&str; 5] = ["处", "部", "科", "室", "秘书处"];
/// Names of departments are no longer than this, in characters.
const DEPARTMENT_CHARS: usize = 8;

fn is_official(name: &str) -> bool {
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let is_department = name.chars().count() <= DEPARTMENT_CHARS && !name.ends_with("俱乐部");
    ends(&OFFICIAL) || (is_department && ends(&DEPARTMENTS))
}

/// `作者：… 编辑：… 摄影：…`, of those that are known.
fn byline(item: &Item) -> String {
    let parts = [("作者", &item.author), ("编辑", &item.editor), ("摄影", &item.photographer)];
    let known = parts.iter().filter_map(|(label, name)| {
        let name = name.as_deref().map(str::trim).filter(|name| !name.is_empty())?;
        Some(format!("{label}：{name}"))
    });
    known.collect::<Vec<_>>().join("　")
}

/// What prints of `original`, under what editors made of it. Of what was withdrawn nothing but its title
/// is left.
pub fn piece(digest: &DigestSpec, chosen: &Chosen, original: Original) -> Piece {
    let edited = chosen.summary.is_some();
    let limit = match digest.kind {
        DigestKind::Bulletin => summary::LIMIT,
        _ => digest.summary_chars,
    };
    let withdrawn = original.since == Since::Withdrawn;
    let summary = match &chosen.summary {
        _ if withdrawn => String::new(),
        Some(summary) => summary.clone(),
        None => summary::of(&original.text, &original.images, limit),
    };
    let kept = |text: String| if withdrawn { String::new() } else { text };
    Piece {
        key: chosen.key.clone(),
        item: match &chosen.from {
            Material::Item { id, .. } => Some(id.clone()),
            Material::Manuscript { .. } => None,
        },
        section: chosen.section.clone(),
        title: chosen.title.clone().unwrap_or_else(|| original.title.clone()),
        original_title: original.title,
        summary,
        summary_edited: edited && !withdrawn,
        html: kept(original.html),
        text: kept(original.text),
        images: if withdrawn { Vec::new() } else { original.images },
        picture: chosen.picture && !withdrawn,
        source: original.source,
        attribution: original.attribution,
        byline: original.byline,
        url: original.url,
        site: original.site,
        posted: original.posted,
        third_party: original.third_party,
        summary_only: original.summary_only,
        since: original.since,
        also_at: original.also_at,
    }
}

/// The held pictures of `items`, by the address that stands in their bodies: those that `held` gives.
pub fn pictures<'a>(
    images: impl IntoIterator<Item = &'a Image>,
    held: impl Fn(&str) -> Option<AssetHash>,
) -> BTreeMap<String, AssetHash> {
    let addresses = images.into_iter().map(|image| image.url.to_string());
    addresses.filter_map(|address| Some((address.clone(), held(&address)?))).collect()
}

#[cfg(test)]
mod tests;
