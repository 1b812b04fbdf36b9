//! Published feeds: those the operator defines, and one for every site and every column.

use std::collections::BTreeSet;

use crate::model::{ColumnId, FeedSpec, Selection, SiteId};
use crate::schedule::Cron;

use super::reader::Section;
use super::settings::{FeedDefaults, Schedule, format};
use super::site::Site;
use super::{Column, Publication};

/// All feeds: the operator's own, then one a site and one a column.
pub(super) fn publications(
    roots: &[Section<'_>],
    sites: &[Site],
    schedule: &Schedule,
    defaults: &FeedDefaults,
) -> Vec<Publication> {
    let mut slugs: BTreeSet<String> = BTreeSet::new();
    for site in sites {
        slugs.insert(site.id.to_string());
    }
    let mut all = Vec::new();
    for root in roots {
        for section in root.sections("feed") {
            let Some(publication) = composite(&section, sites, schedule, defaults) else {
                continue;
            };
            if !slugs.insert(publication.spec.slug.clone()) {
                let slug = &publication.spec.slug;
                section
                    .fault(format!("the address `/feeds/{slug}` is taken by another feed or site"));
            }
            all.push(publication);
        }
    }
    for site in sites.iter().filter(|site| site.enabled) {
        all.push(of_site(site, schedule, defaults));
        all.extend(site.columns.iter().map(|column| of_column(site, column, schedule, defaults)));
    }
    all
}

fn composite(
    section: &Section<'_>,
    sites: &[Site],
    schedule: &Schedule,
    defaults: &FeedDefaults,
) -> Option<Publication> {
    section.not_yet(&["hold", "publish", "q", "group", "max_age"]);
    let slug = section.required("id", str::parse::<SiteId>);
    let title = section.required("title", |text| {
        if text.trim().is_empty() { Err("must not be empty") } else { Ok(text.trim().to_owned()) }
    });
    let wanted_sites = section.parsed_list("sites", |text| known_sites(text, sites));
    let wanted_columns = section.parsed_list("columns", |text| known_column(text, sites));
    let tags = section.texts("tags");
    let everything = section.texts("sites").iter().any(|site| site == "*");
    let tagged = sites
        .iter()
        .flat_map(|site| &site.columns)
        .filter(|column| column.tags.iter().any(|tag| tags.contains(tag)))
        .map(|column| column.id.clone());
    let columns: Vec<ColumnId> = wanted_columns.into_iter().chain(tagged).collect();
    let sites: Vec<SiteId> = wanted_sites.into_iter().flatten().collect();
    let selection = if everything { Selection::All } else { Selection::Any { sites, columns } };
    if matches!(&selection, Selection::Any { sites, columns } if sites.is_empty() && columns.is_empty())
    {
        section.fault(
            "selects nothing; wanted `sites`, `columns` or `tags` (`sites = [\"*\"]` for all)",
        );
    }
    let cron = section.parsed("cron", |text| Cron::parse(text, schedule.zone));
    let formats = section.parsed_list("formats", format);
    let limit = section.number("limit", 1..1001).and_then(|limit| usize::try_from(limit).ok());
    let description = section.text("description");
    section.finish();
    let title = title?;
    Some(Publication {
        spec: FeedSpec {
            slug: slug?.to_string(),
            description: description.unwrap_or_else(|| title.clone()),
            title,
            home: None,
            selection,
            limit: limit.unwrap_or(defaults.limit),
            ttl_minutes: period(cron.as_ref().unwrap_or(&schedule.refresh)),
            formats: if formats.is_empty() { defaults.formats.clone() } else { formats },
        },
        group: String::new(),
        cron: cron.or_else(|| schedule.publish.clone()),
    })
}

fn of_site(site: &Site, schedule: &Schedule, defaults: &FeedDefaults) -> Publication {
    let crons = site.columns.iter().map(|column| period(&column.cron));
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
    Publication { spec, group: site.name.clone(), cron: schedule.publish.clone() }
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
        ttl_minutes: period(&column.cron),
        formats: defaults.formats.clone(),
    };
    Publication { spec, group: site.name.clone(), cron: schedule.publish.clone() }
}

/// Minutes between polls that make sense, at least five.
fn period(cron: &Cron) -> u32 {
    cron.period_minutes().clamp(5, 1440)
}

fn known_sites(text: &str, sites: &[Site]) -> Result<Vec<SiteId>, String> {
    if text == "*" {
        return Ok(sites.iter().map(|site| site.id.clone()).collect());
    }
    let id: SiteId = text.parse().map_err(|error| format!("{error}"))?;
    if sites.iter().any(|site| site.id == id) {
        Ok(vec![id])
    } else {
        Err(format!("no site `{text}`"))
    }
}

fn known_column(text: &str, sites: &[Site]) -> Result<ColumnId, String> {
    let id: ColumnId = text.parse().map_err(|error| format!("{error}"))?;
    let known = sites.iter().flat_map(|site| &site.columns).any(|column| column.id == id);
    if known { Ok(id) } else { Err(format!("no column `{text}`")) }
}
