//! Periodicals: every `[[digest]]`, and `[issues]`, what holds for all of them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::model::{Both, CoverSpec, DigestKind, DigestSpec, Rgb, SectionSpec, Selection};
use crate::proof::Tables;
use crate::schedule::Timing;

use super::Publication;
use super::account::Account;
use super::feed::selection;
use super::forms::{none_of, not_empty, site_id};
use super::reader::{Section, Sink};
use super::settings::Schedule;
use super::site::Site;
use super::timing;

/// A digest and when its issues are built.
#[derive(Clone, Debug)]
pub struct Digest {
    /// What an issue is.
    pub spec: DigestSpec,
    /// What items are chosen from: any of these.
    pub selections: Vec<Selection>,
    /// How many days an issue looks back, the day that it is dated included.
    pub window_days: u32,
    /// Words in titles that bring an item to the front.
    pub pinned: Vec<String>,
    /// False where overviews are words alone.
    pub illustrated: bool,
    /// 编者按 that new issues begin with.
    pub note: String,
    /// The number within the year and in all that the first issue gets.
    pub first: (u32, u32),
    /// When issues are built; by hand alone where there is none.
    pub timing: Option<Timing>,
    /// The account that drafts go to, by its id.
    pub account: Option<String>,
    /// False where one person may give several approvals.
    pub approvers_differ: bool,
}

/// `[issues]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issues {
    /// Where bundles are written; in the data folder where it is not said.
    pub folder: Option<PathBuf>,
    /// The font for covers, tried before those of the system.
    pub font: Option<PathBuf>,
    /// Tables for proofreading.
    pub proof: Vec<PathBuf>,
}

/// What digests are read with.
struct Ground<'a> {
    sites: &'a [Site],
    feeds: &'a [Publication],
    accounts: &'a [Account],
    schedule: &'a Schedule,
    /// Where the main file stands.
    folder: &'a Path,
}

/// The title of a section that is not named.
const REST: &str = "更多";

impl Issues {
    /// Reads `[issues]`; `folder` is where the main file stands.
    pub(super) fn read(section: &Section<'_>, folder: &Path) -> Self {
        let paths = |key| section.texts(key).iter().map(|path| folder.join(path)).collect();
        let own = section.text("folder").filter(|path| !path.is_empty());
        let issues = Self {
            folder: own.map(|path| folder.join(path)),
            font: section
                .text("font")
                .filter(|path| !path.is_empty())
                .map(|path| folder.join(path)),
            proof: paths("proof"),
        };
        section.finish();
        issues
    }
}

/// The operator's tables for proofreading, all files together.
pub(super) fn proof_tables(files: &[PathBuf], sink: &Sink) -> Tables {
    let mut tables = Tables::default();
    for file in files {
        let name = file.display().to_string();
        let parsed = match std::fs::read_to_string(file) {
            Ok(text) => Tables::parse(&text),
            Err(error) => {
                let zh = format!("{name} 无法读取：{error}");
                Err(vec![(1, Both::new(zh, format!("`{name}` cannot be read: {error}")))])
            }
        };
        match parsed {
            Ok(parsed) => tables = tables.and(parsed),
            Err(faults) => {
                faults.into_iter().for_each(|(line, what)| sink.add(&name, line, "proof", what));
            }
        }
    }
    tables
}

/// All digests; their ids are unique over all files.
/// `schedule` comes with the folder of the main file.
pub(super) fn digests(
    roots: &[Section<'_>],
    sites: &[Site],
    feeds: &[Publication],
    accounts: &[Account],
    (schedule, folder): (&Schedule, &Path),
) -> Vec<Digest> {
    let ground = Ground { sites, feeds, accounts, schedule, folder };
    let mut places: HashMap<String, String> = HashMap::new();
    let mut digests = Vec::new();
    for section in roots.iter().flat_map(|root| root.sections("digest")) {
        let digest = digest(&section, &ground);
        let Some(id) = section.text("id") else { continue };
        if let Some(first) = places.insert(id.clone(), section.place()) {
            let zh = format!("编号“{id}”已被占用，见 {first}");
            section.fault_at("id", Both::new(zh, format!("the id `{id}` is taken, see {first}")));
        }
        digests.extend(digest);
    }
    digests
}

fn digest(section: &Section<'_>, ground: &Ground<'_>) -> Option<Digest> {
    let slug = section.required("id", site_id);
    let title = section.required("title", not_empty);
    let kind = section.parsed("kind", kind).unwrap_or(DigestKind::Overview);
    let sections = sections(section, ground);
    let selections = looked_at(section, ground);
    let whole = |key, range, otherwise| {
        section.number(key, range).and_then(|n| u32::try_from(n).ok()).unwrap_or(otherwise)
    };
    let text = |key| section.text(key).unwrap_or_default();
    let account = section.parsed("account", |text| known_account(text, ground.accounts));
    let cover = section.text("cover").filter(|cover| cover != "drawn");
    let limit = whole("limit", 1..201, 40);
    let spec = DigestSpec {
        slug: slug.as_ref().map(ToString::to_string).unwrap_or_default(),
        title: title.clone().unwrap_or_default(),
        kind,
        numbering: section
            .parsed("numbering", numbering)
            .unwrap_or_else(|| "第{n}期（总第{total}期）".to_owned()),
        sections,
        header: text("header"),
        footer: text("footer"),
        author: section.parsed("author", author).unwrap_or_default(),
        cover: cover.map_or(CoverSpec::Drawn, |path| CoverSpec::File(ground.folder.join(path))),
        approvals: approvals(section),
        summary_chars: whole("summary_chars", 20..301, 90) as usize,
        limit: limit as usize,
        brand: section.parsed("brand", brand).unwrap_or(Rgb(0xb0, 0x13, 0x18)),
    };
    let digest = Digest {
        spec,
        selections,
        window_days: whole("window_days", 1..367, 7),
        pinned: section.parsed_list("pinned", not_empty),
        illustrated: section.parsed("template", template).unwrap_or(true),
        note: text("note"),
        first: (whole("first_number", 1..100_000, 1), whole("first_total", 1..1_000_000, 1)),
        timing: timing::own(section, ground.schedule),
        account,
        approvers_differ: section.boolean("approvers_differ").unwrap_or(true),
    };
    section.finish();
    (slug.is_some() && title.is_some()).then_some(digest)
}

/// What `[[digest.section]]` tables say; without any, everything stands under one unnamed heading.
fn sections(section: &Section<'_>, ground: &Ground<'_>) -> Vec<SectionSpec> {
    let tables = section.sections("section");
    let specs = tables.iter().map(|table| {
        let title = table.parsed("title", not_empty).unwrap_or_else(|| REST.to_owned());
        let selections = if names_items(table) { looked_at(table, ground) } else { Vec::new() };
        table.finish();
        SectionSpec { title, selections }
    });
    let mut specs: Vec<SectionSpec> = specs.collect();
    let open = specs.iter().filter(|spec| spec.selections.is_empty()).count();
    if open > 1 {
        section.fault_at(
            "section",
            Both::new(
                "只能有一个栏目不写选择条件（收录其余条目）",
                "only one section may go without a selection (it takes the rest)",
            ),
        );
    }
    if open == 0 && !specs.is_empty() {
        // What no section wants is not lost.
        specs.push(SectionSpec { title: REST.to_owned(), selections: Vec::new() });
    }
    specs
}

/// The keys that select items.
const SELECTING: [&str; 9] =
    ["feeds", "sites", "columns", "tags", "levels", "regions", "contains", "breadcrumb", "q"];

fn names_items(section: &Section<'_>) -> bool {
    // Each is asked, so that each counts as read.
    SELECTING.map(|key| section.has(key)).contains(&true)
}

/// `feeds` names published feeds; the other keys select as those of a feed do. Both add up.
fn looked_at(section: &Section<'_>, ground: &Ground<'_>) -> Vec<Selection> {
    let mut selections: Vec<Selection> =
        section.parsed_list("feeds", |text| known_feed(text, ground.feeds));
    let own = SELECTING[1..].iter().any(|key| section.has(key));
    if own || !section.has("feeds") {
        selections.push(selection(section, ground.sites));
    }
    selections
}

fn known_feed(text: &str, feeds: &[Publication]) -> Result<Selection, Both> {
    let found = feeds.iter().find(|feed| feed.spec.slug == text);
    found
        .map(|feed| feed.spec.selection.clone())
        .ok_or_else(|| Both::new(format!("没有订阅“{text}”"), format!("no feed `{text}`")))
}

fn known_account(text: &str, accounts: &[Account]) -> Result<String, Both> {
    if accounts.iter().any(|account| account.id == text) {
        return Ok(text.to_owned());
    }
    let known: Vec<&str> = accounts.iter().map(|account| account.id.as_str()).collect();
    Err(Both::new(
        format!("没有公众号“{text}”；[[account]] 中有：{}", known.join("、")),
        format!("no account `{text}`; known: {}", known.join(", ")),
    ))
}

fn kind(text: &str) -> Result<DigestKind, Both> {
    match text {
        "overview" => Ok(DigestKind::Overview),
        "articles" => Ok(DigestKind::Articles),
        "both" => Ok(DigestKind::Both),
        "bulletin" => Ok(DigestKind::Bulletin),
        _ => Err(none_of(text, &["overview", "articles", "both", "bulletin"])),
    }
}

/// Whether overviews have pictures.
fn template(text: &str) -> Result<bool, Both> {
    match text {
        "illustrated" => Ok(true),
        "plain" => Ok(false),
        _ => Err(none_of(text, &["illustrated", "plain"])),
    }
}

fn numbering(text: &str) -> Result<String, Both> {
    if text.contains("{total}") || text.contains("{n}") {
        return Ok(text.to_owned());
    }
    Err(Both::new(
        "应含 {n}（年内期号）或 {total}（总期号），否则各期无法区分",
        "wanted {n} (within the year) or {total}, else issues cannot be told apart",
    ))
}

/// Characters of a signature at most.
const AUTHOR_CHARS: usize = 16;

fn author(text: &str) -> Result<String, Both> {
    let length = text.chars().count();
    if length <= AUTHOR_CHARS {
        return Ok(text.to_owned());
    }
    Err(Both::new(
        format!("共 {length} 字；公众号的作者至多 {AUTHOR_CHARS} 字"),
        format!("has {length} characters; the platform takes {AUTHOR_CHARS} at most"),
    ))
}

/// How many approvals an issue needs.
fn approvals(section: &Section<'_>) -> u8 {
    match section.number("approvals", 0..4) {
        Some(0) => 0,
        Some(1) => 1,
        Some(2) => {
            let zh = "应为 3（初审、二审、终审）、1 或 0";
            section.fault_at("approvals", Both::new(zh, "wanted 3 (three reviews), 1 or 0"));
            3
        }
        _ => 3,
    }
}

fn brand(text: &str) -> Result<Rgb, Both> {
    text.parse().map_err(|()| {
        Both::new(
            format!("“{text}”不是颜色；应如 #b01318"),
            format!("`{text}` is no colour; wanted such as #b01318"),
        )
    })
}
