//! Published feeds: those the operator defines, and one for every site and every column.

use std::collections::{HashMap, HashSet};

use crate::model::{Both, ColumnId, Condition, FeedSpec, Selection, SiteId};
use crate::schedule::Timing;
use crate::text::query;

use super::Publication;
use super::column::Column;
use super::forms::{format, former_slug, level, not_empty, region_prefix, site_id};
use super::reader::Section;
use super::settings::{FeedDefaults, Schedule};
use super::site::Site;
use super::timing;

/// All feeds: the operator's own, then one a site and one a column.
pub(super) fn publications(
    roots: &[Section<'_>],
    sites: &[Site],
    schedule: &Schedule,
    defaults: &FeedDefaults,
) -> Vec<Publication> {
    let tables: Vec<Section<'_>> = roots.iter().flat_map(|root| root.sections("feed")).collect();
    refuse_taken(&tables, roots);
    let mut all: Vec<Publication> =
        tables.iter().filter_map(|table| composite(table, sites, schedule, defaults)).collect();
    for site in sites.iter().filter(|site| site.enabled) {
        all.push(of_site(site, schedule, defaults));
        all.extend(site.columns.iter().map(|column| of_column(site, column, schedule, defaults)));
    }
    name_former(&tables, &mut all);
    all
}

/// The slugs that feeds had before, each of them used no more and named once.
fn name_former(tables: &[Section<'_>], all: &mut [Publication]) {
    for table in tables.iter().filter(|table| table.has("former")) {
        let used: HashSet<&str> = all.iter().flat_map(Publication::slugs).collect();
        let former = table.parsed_list("former", |text| former_slug(text, &used));
        let slug = table.text("id");
        let own = all.iter_mut().find(|feed| Some(&feed.spec.slug) == slug.as_ref());
        if let Some(own) = own {
            own.former = former;
        }
    }
}

/// A feed shares its address with no other feed and no site.
fn refuse_taken(tables: &[Section<'_>], roots: &[Section<'_>]) {
    let mut places: HashMap<String, String> = HashMap::new();
    for site in roots.iter().flat_map(|root| root.sections("site")) {
        places.extend(site.text("id").map(|id| (id, site.place())));
    }
    for table in tables {
        let Some(id) = table.text("id") else { continue };
        match places.get(&id) {
            Some(first) => {
                let zh = format!("地址 /feeds/{id} 已被占用，见 {first}");
                let en = format!("the address `/feeds/{id}` is taken, see {first}");
                table.fault_at("id", Both::new(zh, en));
            }
            None => {
                places.insert(id, table.place());
            }
        }
    }
}

fn composite(
    section: &Section<'_>,
    sites: &[Site],
    schedule: &Schedule,
    defaults: &FeedDefaults,
) -> Option<Publication> {
    section.not_yet(&["publish", "group", "max_age"]);
    let slug = section.required("id", site_id);
    let title = section.required("title", not_empty);
    let selection = selection(section, sites);
    let hold = section.boolean("hold").unwrap_or(false);
    let timing = timing::own(section, schedule);
    let formats = section.parsed_list("formats", format);
    let limit = section.number("limit", 1..1001).and_then(|limit| usize::try_from(limit).ok());
    let description = section.text("description");
    // Read when all feeds are known.
    section.has("former");
    section.finish();
    let (title, slug) = (title?, slug?.to_string());
    let selection = match hold {
        true => Selection::Released { feed: slug.clone(), of: Box::new(selection) },
        false => selection,
    };
    Some(Publication {
        spec: FeedSpec {
            slug,
            description: description.unwrap_or_else(|| title.clone()),
            title,
            home: None,
            selection,
            limit: limit.unwrap_or(defaults.limit),
            ttl_minutes: period(timing.as_ref().unwrap_or(&schedule.refresh)),
            formats: if formats.is_empty() { defaults.formats.clone() } else { formats },
        },
        former: Vec::new(),
        group: String::new(),
        timing: timing.or_else(|| schedule.publish.clone()),
    })
}

/// `sites`, `columns` and `tags` add up to what is looked at (without any of them: everything);
/// `levels` and `regions` leave some of its sites, `contains`, `breadcrumb` and `q` some of its items.
/// One of the eight must be there.
pub(super) fn selection(section: &Section<'_>, sites: &[Site]) -> Selection {
    let faults = section.fault_count();
    let condition = Condition {
        contains: section.parsed_list("contains", not_empty),
        breadcrumb: section.parsed_list("breadcrumb", not_empty),
        ..words(section)
    };
    let levels = section.parsed_list("levels", level);
    let regions = section.parsed_list("regions", region_prefix);
    let named_sites = section.parsed_list("sites", |text| known_site(text, sites));
    let named_columns = section.parsed_list("columns", |text| known_column(text, sites));
    let tagged = section.parsed_list("tags", |text| known_tag(text, sites));
    let any_named = ["sites", "columns", "tags"].into_iter().any(|key| section.has(key));
    let narrowed = section.has("levels") || section.has("regions");
    let understood = section.fault_count() == faults;
    let everything = !any_named || named_sites.iter().any(Option::is_none);

    let left = |site: &Site| {
        let region = site.region.as_deref().unwrap_or_default();
        (levels.is_empty() || levels.contains(&site.level))
            && (regions.is_empty() || regions.iter().any(|prefix| region.starts_with(prefix)))
    };
    let left: Vec<&SiteId> = sites.iter().filter(|site| left(site)).map(|site| &site.id).collect();
    let of = if everything && !narrowed {
        Selection::All
    } else {
        let named = |id: &SiteId| everything || named_sites.iter().flatten().any(|site| site == id);
        let sites = left.iter().filter(|id| named(id)).map(|id| (*id).clone()).collect();
        let columns = named_columns.into_iter().chain(tagged.into_iter().flatten());
        let columns = columns.filter(|column| left.contains(&column.site())).collect();
        Selection::Any { sites, columns }
    };
    let nothing =
        matches!(&of, Selection::Any { sites, columns } if sites.is_empty() && columns.is_empty());
    let nothing = nothing || (!any_named && !narrowed && condition.is_empty());
    // What could not be understood was told already; that nothing is left then is no news.
    if nothing && understood {
        section.fault(Both::new(
            "什么也没有选中；应写 sites、columns、tags、levels、regions、contains、breadcrumb 或 q（全部站点：sites = [\"*\"]）",
            "selects nothing; wanted sites, columns, tags, levels, regions, contains, breadcrumb or q (all sites: sites = [\"*\"])",
        ));
    }
    if condition.is_empty() { of } else { Selection::Only { of: Box::new(of), condition } }
}

/// The words of `q`, as readers search.
fn words(section: &Section<'_>) -> Condition {
    let words = section.parsed("q", |text| {
        query::words(&not_empty(text)?)
            .map_err(|error| Both::new(format!("不是可用的搜索词：{error}"), error.to_string()))
    });
    let (wanted, unwanted) = words.unwrap_or_default();
    Condition { wanted, unwanted, ..Condition::default() }
}

fn of_site(site: &Site, schedule: &Schedule, defaults: &FeedDefaults) -> Publication {
    let crons = site.columns.iter().map(|column| period(&column.timing));
    let spec = FeedSpec {
        slug: site.id.to_string(),
        title: site.name.clone(),
        description: format!("{}网站各栏目的文章", site.name),
        home: site.home.clone(),
        selection: Selection::Any { sites: vec![site.id.clone()], columns: Vec::new() },
        limit: defaults.limit,
        ttl_minutes: crons.min().unwrap_or(60),
        formats: defaults.formats.clone(),
    };
    of_one_site(spec, site, schedule)
}

fn of_one_site(spec: FeedSpec, site: &Site, schedule: &Schedule) -> Publication {
    let timing = schedule.publish.clone();
    Publication { spec, former: Vec::new(), group: site.name.clone(), timing }
}

fn of_column(
    site: &Site,
    column: &Column,
    schedule: &Schedule,
    defaults: &FeedDefaults,
) -> Publication {
    let spec = FeedSpec {
        slug: column.id.to_string(),
        title: format!("{}·{}", site.name, column.name),
        description: format!("{}网站“{}”栏目的文章", site.name, column.name),
        home: Some(column.url.clone()),
        selection: Selection::Any { sites: Vec::new(), columns: vec![column.id.clone()] },
        limit: defaults.limit,
        ttl_minutes: period(&column.timing),
        formats: defaults.formats.clone(),
    };
    of_one_site(spec, site, schedule)
}

/// Minutes between polls that make sense, at least five.
fn period(timing: &Timing) -> u32 {
    timing.period_minutes().clamp(5, 1440)
}

/// A site by its id; `None` for `*`.
fn known_site(text: &str, sites: &[Site]) -> Result<Option<SiteId>, Both> {
    if text == "*" {
        return Ok(None);
    }
    let found = sites.iter().find(|site| site.id.as_str() == text);
    found
        .map(|site| Some(site.id.clone()))
        .ok_or_else(|| Both::new(format!("没有站点“{text}”"), format!("no site `{text}`")))
}

fn known_column(text: &str, sites: &[Site]) -> Result<ColumnId, Both> {
    let mut columns = sites.iter().flat_map(|site| &site.columns);
    let found = columns.find(|column| column.id.to_string() == text);
    found.map(|column| column.id.clone()).ok_or_else(|| {
        Both::new(
            format!("没有栏目“{text}”；应写作 站点/栏目"),
            format!("no column `{text}`; wanted SITE/COLUMN"),
        )
    })
}

/// The columns with a tag.
fn known_tag(text: &str, sites: &[Site]) -> Result<Vec<ColumnId>, Both> {
    let columns = || sites.iter().flat_map(|site| &site.columns);
    let tagged: Vec<ColumnId> = columns()
        .filter(|column| column.tags.iter().any(|tag| tag == text))
        .map(|column| column.id.clone())
        .collect();
    if !tagged.is_empty() {
        return Ok(tagged);
    }
    let mut known: Vec<&str> =
        columns().flat_map(|column| &column.tags).map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    let or_none = |list: String, none: &str| if list.is_empty() { none.to_owned() } else { list };
    Err(Both::new(
        format!("没有栏目带有标签“{text}”；已有：{}", or_none(known.join("、"), "无")),
        format!("no column has the tag `{text}`; known: {}", or_none(known.join(", "), "none")),
    ))
}
