//! Chooses what an issue is made of, and puts together what it prints.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{Duration, NaiveDate};

use crate::model::{
    AssetHash, BEIJING, Chosen, DigestKind, DigestSpec, Extent, Image, Item, ItemId, ItemState,
    Material, Piece, Since,
};
use crate::text::summary;

/// What an issue is chosen from.
#[derive(Clone, Debug)]
pub struct Candidates<'a> {
    /// The day that the issue is dated.
    pub date: NaiveDate,
    /// How many days it looks back, that day included.
    pub window_days: u32,
    /// Items that stand in earlier issues of the digest.
    pub printed: &'a BTreeSet<ItemId>,
    /// Words in titles that bring an item to the front.
    pub pinned: &'a [String],
    /// False where pieces go without pictures in the overview, unless an editor wants one.
    pub illustrated: bool,
}

impl Candidates<'_> {
    /// The first and the last day of the period.
    pub fn period(&self) -> (NaiveDate, NaiveDate) {
        let back = Duration::days(i64::from(self.window_days.max(1)) - 1);
        (self.date.checked_sub_signed(back).unwrap_or(self.date), self.date)
    }

    /// Whether `item` is news for the issue: of its period, and neither it nor another telling of
    /// its story stood in an earlier one.
    fn wants(&self, item: &Item) -> bool {
        let (from, to) = self.period();
        let day = item.published.with_timezone(&BEIJING).date_naive();
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
    /// `item`, in the version that was chosen; `current` is what it is by now.
    pub fn original(&self, item: &Item, current: &Item) -> Original {
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
            also_at: item.also_at.iter().map(|other| named(other.site.as_str())).collect(),
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
