//! The floors under which quality must not sink, in a file of their own.
//!
//! A table for each set of pages and for each kind within it (`corpus`, `corpus/news`). What no run
//! measured stays as it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::score::Field;
use super::table::Row;

/// The file's tables by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Floors {
    /// The comment at the top of the file.
    head: String,
    tables: BTreeMap<String, Floor>,
}

/// The floors of one set or kind.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Floor {
    /// Of the pages that were measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<f64>,
    /// Pages whose text may score under one half.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posted: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<f64>,
}

/// What may be done to the floors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing.
    Keep,
    /// Upward to what was measured.
    Raise,
    /// To what was measured, downward too.
    Lower,
}

/// A figure below its floor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Missed {
    pub(super) row: String,
    pub(super) field: &'static str,
    pub(super) wanted: String,
    pub(super) measured: String,
}

/// Figures are kept to the thousandth, rounded down, so that the same figures pass again.
const THOUSAND: f64 = 1000.0;

const HEAD: &str = "\
# Floors of `lianbo evaluate`: what reading without any site's rules must reach.
# `lost` is the number of pages whose text may score under one half; the rest are means.
# `lianbo evaluate DIR --raise` raises them to what was measured.
";

impl Floors {
    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let head: Vec<&str> =
            text.lines().take_while(|line| line.is_empty() || line.starts_with('#')).collect();
        let head = head.join("\n");
        Ok(Self { head, tables: toml::from_str(text)? })
    }

    /// The file's new text.
    pub(super) fn text(&self) -> Result<String, toml::ser::Error> {
        let head = if self.head.trim().is_empty() { HEAD } else { &self.head };
        Ok(format!("{}\n\n{}", head.trim_end(), toml::to_string(&self.tables)?))
    }

    /// True where the pages of `row` are not those that the floors were measured on.
    pub(super) fn is_of_other_pages(&self, row: &Row) -> bool {
        let known = self.tables.get(&row.name).and_then(|floor| floor.digest.as_deref());
        matches!((known, row.digest.as_deref()), (Some(known), Some(now)) if known != now)
    }

    /// The tables that name none of `rows`.
    pub(super) fn unmatched<'f>(&'f self, rows: &'f [Row]) -> impl Iterator<Item = &'f str> {
        let names = self.tables.keys().map(String::as_str);
        names.filter(|name| rows.iter().all(|row| row.name != *name))
    }

    /// What of `row` lies below its floors.
    pub(super) fn missed(&self, row: &Row) -> Vec<Missed> {
        let Some(floor) = self.tables.get(&row.name) else { return Vec::new() };
        let mut missed = Vec::new();
        for field in Field::ALL {
            // What no page was judged by is not below anything.
            let (Some(wanted), Some(measured)) = (floor.of(field), row.mean(field)) else {
                continue;
            };
            if measured + 1e-9 < wanted {
                missed.push(Missed {
                    row: row.name.clone(),
                    field: field.name(),
                    wanted: format!("{wanted:.3}"),
                    measured: format!("{measured:.4}"),
                });
            }
        }
        if let Some(wanted) = floor.lost.filter(|wanted| row.lost() > *wanted) {
            missed.push(Missed {
                row: row.name.clone(),
                field: "lost",
                wanted: wanted.to_string(),
                measured: row.lost().to_string(),
            });
        }
        missed
    }

    /// Moves the floors of `row` to what was measured, as far as `change` allows.
    pub(super) fn change(&mut self, row: &Row, change: Change) {
        if change == Change::Keep {
            return;
        }
        let floor = self.tables.entry(row.name.clone()).or_default();
        floor.digest.clone_from(&row.digest);
        for field in Field::ALL {
            let Some(mean) = row.mean(field) else { continue };
            let measured = ((mean + 1e-9) * THOUSAND).floor() / THOUSAND;
            let slot = floor.slot(field);
            if change == Change::Lower || slot.is_none_or(|known| known < measured) {
                *slot = Some(measured);
            }
        }
        let is_lower = floor.lost.is_none_or(|known| known > row.lost());
        if row.mean(Field::Text).is_some() && (change == Change::Lower || is_lower) {
            floor.lost = Some(row.lost());
        }
    }
}

impl Floor {
    fn of(&self, field: Field) -> Option<f64> {
        *self.clone().slot(field)
    }

    fn slot(&mut self, field: Field) -> &mut Option<f64> {
        match field {
            Field::Text => &mut self.text,
            Field::Title => &mut self.title,
            Field::Posted => &mut self.posted,
            Field::Credit => &mut self.credit,
            Field::Author => &mut self.author,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# Ours.\n\n[a]\ntext = 0.9\nlost = 1\nauthor = 1\n\n[b]\ntitle = 0.5\n";

    fn row(text: &[f64], author: &[f64]) -> Row {
        let mut row = Row::new("a");
        row.digest = Some("d2".to_owned());
        text.iter().for_each(|score| row.add(Field::Text, *score));
        author.iter().for_each(|score| row.add(Field::Author, *score));
        row
    }

    #[test]
    fn each_figure_below_its_floor_is_named() {
        let floors = Floors::parse(FILE).unwrap();
        let named = |row: &Row| -> Vec<&'static str> {
            floors.missed(row).iter().map(|missed| missed.field).collect()
        };
        assert_eq!(named(&row(&[0.9], &[1.0])), [""; 0]);
        assert_eq!(named(&row(&[0.89], &[0.5])), ["text", "author"]);
        assert_eq!(named(&row(&[0.4, 0.3], &[1.0])), ["text", "lost"]);
        assert_eq!(named(&row(&[0.9], &[])), [""; 0], "unmeasured");
        assert_eq!(floors.missed(&Row::new("unknown")), []);
    }

    #[test]
    fn floors_rise_and_sink_only_as_asked() {
        let mut floors = Floors::parse(FILE).unwrap();
        assert!(!floors.is_of_other_pages(&row(&[1.0], &[])));
        floors.change(&row(&[1.0], &[0.5]), Change::Keep);
        assert_eq!(floors, Floors::parse(FILE).unwrap());
        floors.change(&row(&[0.98765], &[0.5]), Change::Raise);
        let raised = floors.text().unwrap();
        assert_eq!(
            raised,
            "# Ours.\n\n[a]\ndigest = \"d2\"\ntext = 0.987\nlost = 0\nauthor = 1.0\n\n[b]\ntitle = 0.5\n"
        );
        let mut again = Floors::parse(&raised).unwrap();
        assert_eq!(again, floors);
        assert!(!again.is_of_other_pages(&row(&[1.0], &[])));
        again.change(&row(&[0.3], &[0.5]), Change::Lower);
        assert_eq!(again.missed(&row(&[0.3], &[0.5])), []);
        assert!(Floors::parse("[a]\ntxet = 1").is_err());
    }
}
