//! Dates as another template prints them.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use regex::Captures;

use crate::model::BEIJING;

use super::super::table::Table;
use super::regex;

/// How a template prints a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `11/03/2026`: the month first.
    MonthFirst,
    /// `03/11/2026`: the day first.
    DayFirst,
    /// `3天前`.
    Relative,
}

impl Form {
    /// The form that a site's new template has.
    pub(super) fn of(host: &str) -> Self {
        match blake3::hash(host.as_bytes()).as_bytes()[2] % 3 {
            0 => Self::MonthFirst,
            1 => Self::DayFirst,
            _ => Self::Relative,
        }
    }

    fn print(self, day: NaiveDate, today: NaiveDate) -> String {
        match self {
            Self::MonthFirst => day.format("%m/%d/%Y").to_string(),
            Self::DayFirst => day.format("%d/%m/%Y").to_string(),
            Self::Relative => match (today - day).num_days() {
                ..=0 => "今天".to_owned(),
                days => format!("{days}天前"),
            },
        }
    }
}

/// A date with or without a year, and the time behind it.
const DATE: &str = r"(?x) (?:(?<year>20\d\d)[-/.年])? \b(?<month>\d{1,2})[-/.月](?<day>\d{1,2})\b日?
    (?<time>\x20\d{1,2}:\d{2}(?::\d{2})?)?";
/// What stands beside the date of an article.
const LABELS: [&str; 4] = ["来源", "日期", "时间", "发布"];

/// The page with the dates of its rows, or the one beside an article's source, in `form`.
pub(super) fn printed(
    text: &str,
    table: &Table,
    is_list: bool,
    form: Form,
    now: DateTime<Utc>,
) -> String {
    let today = now.with_timezone(&BEIJING).date_naive();
    if let (true, Some(row)) = (is_list, &table.row) {
        let change =
            |row: &Captures<'_>| outside_tags(&row[0], |text| rewritten(text, form, today));
        return row.replace_all(text, change).into_owned();
    }
    let mut is_done = false;
    outside_tags(text, |text| {
        if is_done || !is_printed_by_template(text) {
            return text.to_owned();
        }
        let changed = rewritten(text, form, today);
        is_done = changed != text;
        changed
    })
}

fn is_printed_by_template(text: &str) -> bool {
    let is_alone = regex(DATE).find(text).is_some_and(|date| date.as_str() == text.trim());
    is_alone || LABELS.iter().any(|label| text.contains(label))
}

/// `text` with its first date in `form`.
fn rewritten(text: &str, form: Form, today: NaiveDate) -> String {
    let change = |found: &Captures<'_>| {
        let number = |name: &str| found.name(name).and_then(|text| text.as_str().parse().ok());
        let (month, day) = (number("month").unwrap_or(0), number("day").unwrap_or(0));
        let year = found.name("year").and_then(|year| year.as_str().parse().ok());
        let date = NaiveDate::from_ymd_opt(year.unwrap_or_else(|| today.year()), month, day);
        let Some(date) = date else { return found[0].to_owned() };
        let time = found.name("time").map_or("", |time| time.as_str());
        match form {
            Form::Relative => form.print(date, today),
            _ if year.is_none() => form.print(date, today)[..5].to_owned(),
            _ => form.print(date, today) + time,
        }
    };
    regex(DATE).replace(text, change).into_owned()
}

/// `html` with `change` made to what stands between its tags.
fn outside_tags(html: &str, mut change: impl FnMut(&str) -> String) -> String {
    let tag =
        regex(r"(?is)<script.*?</script>|<style.*?</style>|<title.*?</title>|<!--.*?-->|<[^>]*>");
    let mut result = String::with_capacity(html.len());
    let mut at = 0;
    for tag in tag.find_iter(html) {
        result += &change(&html[at..tag.start()]);
        result += tag.as_str();
        at = tag.end();
    }
    result + &change(&html[at..])
}
