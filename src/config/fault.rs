//! Faults of a configuration: where, which key, what is wrong.

use std::fmt;

use crate::model::{Both, Lang};

/// One fault, printed as `file:line: key.path: what is wrong`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1; 0 for a file that cannot be read at all.
    pub line: usize,
    /// The key with its tables: `site.column.cron`; empty for the file as a whole.
    pub key: String,
    /// What was wanted and what was found.
    pub what: Both,
}

impl Fault {
    /// The line for people.
    pub fn text(&self, lang: Lang) -> String {
        let Self { file, line, key, what } = self;
        let place = if *line > 0 { format!("{file}:{line}") } else { file.clone() };
        let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
        format!("{place}: {key}{}", what.text(lang))
    }
}

/// All faults of a configuration, in the order of files and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// A line a fault.
    pub fn text(&self, lang: Lang) -> String {
        self.0.iter().map(|fault| fault.text(lang)).collect::<Vec<_>>().join("\n")
    }
}

/// English, as in logs.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::error::Error for Faults {}

/// Names that keys go by elsewhere, and ours.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("recipe", "family"),
    ("detail", "article"),
    ("source", "credit"),
    ("date", "posted"),
    ("channel", "column"),
    ("interval", "gap"),
    ("timezone", "zone"),
    ("hub", "websub"),
];

/// The known key that a wrong one most likely means: another name of it, or at most two edits away.
pub(super) fn nearest<'k>(
    wrong: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Option<&'k str> {
    let meant = OTHER_NAMES.iter().find(|(other, _)| *other == wrong).map(|(_, ours)| *ours);
    if let Some(ours) = known.clone().find(|key| Some(*key) == meant) {
        return Some(ours);
    }
    known
        .map(|key| (edits(wrong, key), key))
        .filter(|&(distance, key)| distance <= 2 && distance < key.len())
        .min()
        .map(|(_, key)| key)
}

/// Edits from one word to another, two neighbours swapped counting as one (optimal string
/// alignment), over bytes: keys are short ASCII words.
fn edits(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let substituted = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
                let least = substituted.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                let swapped =
                    i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                if swapped { least.min(rows[i - 2][j - 2] + 1) } else { least }
            };
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        let known = ["enabled", "home", "cron"];
        assert_eq!(nearest("enabeld", known.into_iter()), Some("enabled"));
        assert_eq!(nearest("hom", known.into_iter()), Some("home"));
        assert_eq!(nearest("hoem", ["hold", "home"].into_iter()), Some("home"));
        assert_eq!(nearest("publisher", known.into_iter()), None);
    }

    #[test]
    fn a_name_used_elsewhere_leads_to_ours() {
        assert_eq!(nearest("source", ["title", "credit"].into_iter()), Some("credit"));
        assert_eq!(nearest("source", ["title", "posted"].into_iter()), None);
    }
}
