//! `[[calendar]]`: the holidays of one year.

use std::collections::{BTreeSet, HashMap};

use crate::model::Both;
use crate::schedule::{Calendar, CalendarYear, calendar_days};

use super::reader::Section;

/// The years of `builtin` and of the operator's `own` files, which replace those.
pub(super) fn calendar(builtin: &[Section<'_>], own: &[Section<'_>]) -> Calendar {
    let own = tables(own);
    let mut places: HashMap<u64, String> = HashMap::new();
    for table in &own {
        let Some(year) = table.number("year", YEARS) else { continue };
        if let Some(first) = places.insert(year, table.place()) {
            let zh = format!("{year} 年重复；先已写于 {first}");
            table.fault_at(
                "year",
                Both::new(zh, format!("{year} is there twice; first at {first}")),
            );
        }
    }
    Calendar::new(tables(builtin).iter().chain(&own).filter_map(year))
}

fn tables<'a>(roots: &[Section<'a>]) -> Vec<Section<'a>> {
    roots.iter().flat_map(|root| root.sections("calendar")).collect()
}

const YEARS: std::ops::Range<u64> = 2000..2101;

fn year(section: &Section<'_>) -> Option<CalendarYear> {
    let year = section.number("year", YEARS);
    if year.is_none() && !section.has("year") {
        section.fault(Both::new("缺少“year”", "`year` is missing"));
    }
    let days = |text: &str| calendar_days(text).map_err(|error| error.both());
    let off: Vec<_> = section.pairs("off", |_, text| days(text));
    let working = section.parsed_list("working", days);
    section.finish();
    let set = |ranges: Vec<Vec<_>>| ranges.into_iter().flatten().collect::<BTreeSet<_>>();
    let year = i32::try_from(year?).ok()?;
    match CalendarYear::new(year, set(off), set(working)) {
        Ok(year) => Some(year),
        Err(error) => {
            section.fault(error.both());
            None
        }
    }
}
