//! What is normal of a column's list, learned from earlier readings, and what breaks it.

use std::collections::BTreeSet;

use crate::model::{Observation, ProblemCode, Registration};

use super::identity::Identity;
use super::{Breach, Look};

/// Nothing is normal before so many readings that met known rows.
const LEARNED: usize = 3;
/// Lists shorter than this are not compared row by row.
const FEW: usize = 3;
/// A list that never had fewer rows than this...
const LONG: usize = 8;
/// ...and now has so many times fewer, has lost them.
const SHORTENED: usize = 4;
/// Of the newest rows of the last reading...
const NEWEST: usize = 3;
/// ...so many are not lost at once.
const LOST: usize = 2;
/// Two pages of one template share at least this much of all their marks.
const SAME_TEMPLATE: f64 = 0.5;
/// Pages with fewer marks tell nothing of their template.
const MARKS: usize = 4;

/// What an operator says that a column shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Rows on its first list page, at least.
    pub items_min: usize,
    /// Whether its rows print dates; `None` where that is to be learned.
    pub dates: Option<bool>,
}

/// What of `now` breaks with what was seen `before`, newest first, and with what is `expected`.
///
/// The first breach is the plainest; where one is certain, nothing of the reading is to be believed.
/// `look` names what a page is that shows nothing known.
pub fn judge(
    now: &Observation,
    look: Option<&Look>,
    before: &[Observation],
    printed: Option<Registration>,
    expected: Expected,
) -> Vec<Breach> {
    let mut breaches: Vec<Breach> = Vec::new();
    let printed =
        Registration::always(before.iter().map(|seen| seen.registration.clone())).or(printed);
    breaches.extend(printed.and_then(|usual| Identity::learned(usual, &now.registration)));
    let usual: Vec<&Observation> = before.iter().filter(|seen| seen.known > 0).collect();
    let learned = usual.len() >= LEARNED;
    if learned {
        let instead = look.and_then(|look| look.instead.as_ref());
        if let Some((code, detail)) = instead.filter(|_| now.known + now.foreign == 0) {
            breaches.push(Breach::certain(*code, detail.clone()));
        }
        breaches.extend(another_list(now, &usual));
        breaches.extend(other_rows(now, &usual));
    }
    breaches.extend(short(now, learned.then_some(usual.as_slice()), expected));
    breaches.extend(undated(now, learned.then_some(usual.as_slice()), expected));
    breaches.extend(before.first().and_then(|last| stale(now, last)));
    if let Some(last) = before.first().filter(|_| learned) {
        breaches.extend(template(now, last, &usual));
        breaches.extend(coding(now, last));
        breaches.extend(date_form(now, &usual));
    }
    breaches
}

/// The rows are those of another column, or no articles at all.
fn another_list(now: &Observation, usual: &[&Observation]) -> Option<Breach> {
    let foreign = usual.iter().map(|seen| share(seen.foreign, seen.rows));
    let few = now.rows < FEW && now.foreign < now.rows;
    if now.known == 0 && now.foreign * 2 > now.rows && !few && median(foreign) < 0.2 {
        let detail = format!(
            "{} of {} rows are articles of another column of the site, none is one of this",
            now.foreign, now.rows
        );
        return Some(Breach::certain(ProblemCode::ColumnSwapped, detail));
    }
    if now.rows < FEW {
        return None;
    }
    let shapes: BTreeSet<&String> = usual.iter().flat_map(|seen| &seen.shapes).collect();
    let strange: Vec<&String> = now.shapes.iter().filter(|shape| !shapes.contains(shape)).collect();
    let unlike = now.rows - (now.known + now.foreign).min(now.rows);
    if strange.len() * 2 > now.shapes.len() && unlike * 2 > now.rows {
        let detail = format!(
            "{unlike} of {} rows are unknown, and their addresses look like `{}`, which no article of \
             the column does",
            now.rows, strange[0]
        );
        return Some(Breach::certain(ProblemCode::ListStrange, detail));
    }
    None
}

/// Known rows say something else of their articles than before.
fn other_rows(now: &Observation, usual: &[&Observation]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let known = now.known + now.foreign;
    let usually = median(usual.iter().map(|seen| share(seen.retitled, seen.known + seen.foreign)));
    if known >= FEW && now.retitled * 2 > known && usually <= 0.2 {
        let detail =
            format!("{} of {known} known rows print another title than before", now.retitled);
        breaches.push(Breach::certain(ProblemCode::TitlesChanged, detail));
    }
    let usually = median(usual.iter().map(|seen| share(seen.redated, seen.comparable)));
    if now.comparable >= FEW && now.redated * 2 > now.comparable && usually <= 0.2 {
        let (changed, all) = (now.redated, now.comparable);
        let detail = format!("{changed} of {all} known rows print another day than before");
        breaches.push(Breach::certain(ProblemCode::DatesChanged, detail));
    }
    breaches
}

fn short(now: &Observation, usual: Option<&[&Observation]>, expected: Expected) -> Option<Breach> {
    let least = usual.unwrap_or_default().iter().map(|seen| seen.rows).min().unwrap_or(0);
    let told = now.rows < expected.items_min;
    let lost = least >= LONG && now.rows * SHORTENED < least;
    let wanted = if told { expected.items_min } else { least };
    let detail = format!("{} rows, where there are {wanted} at least", now.rows);
    (told || lost).then(|| Breach::certain(ProblemCode::ListShort, detail))
}

fn undated(
    now: &Observation,
    usual: Option<&[&Observation]>,
    expected: Expected,
) -> Option<Breach> {
    let usually = usual.map(|usual| median(usual.iter().map(|seen| share(seen.dated, seen.rows))));
    let wanted = expected.dates.unwrap_or(usually.is_some_and(|share| share >= 0.8));
    let lost = now.rows >= FEW && share(now.dated, now.rows) <= 0.3;
    let detail = format!("{} of {} rows print a date that can be read", now.dated, now.rows);
    (wanted && lost).then(|| Breach::certain(ProblemCode::DatesMissing, detail))
}

/// The list is one of before: what was newest is gone, and nothing is newer.
fn stale(now: &Observation, last: &Observation) -> Option<Breach> {
    let top = last.keys.iter().take(NEWEST);
    let lost = top.filter(|key| !now.keys.contains(key)).count();
    let older = now.newest.zip(last.newest).is_some_and(|(now, last)| now < last);
    (older && lost >= LOST).then(|| {
        let detail = format!(
            "the newest row is of {}, where one of {} stood before",
            now.newest.unwrap_or_default(),
            last.newest.unwrap_or_default()
        );
        Breach::certain(ProblemCode::ListStale, detail)
    })
}

/// The page has another template: its names are others, or its rows stand in something else.
fn template(now: &Observation, last: &Observation, usual: &[&Observation]) -> Option<Breach> {
    let (shared, all) =
        (now.marks.intersection(&last.marks).count(), now.marks.union(&last.marks).count());
    let renamed = last.marks.len() >= MARKS && share(shared, all) < SAME_TEMPLATE;
    let moved = !now.frames.is_empty()
        && usual.iter().any(|seen| !seen.frames.is_empty())
        && usual.iter().all(|seen| seen.frames.is_disjoint(&now.frames));
    let detail = match (renamed, now.frames.first().filter(|_| moved)) {
        (_, Some(frame)) => format!("rows stand in `{frame}`, where none did before"),
        (true, None) => format!("{shared} of {all} names of classes and ids are those of before"),
        (false, None) => return None,
    };
    Some(Breach::doubtful(ProblemCode::TemplateChanged, detail))
}

fn coding(now: &Observation, last: &Observation) -> Option<Breach> {
    let told = !now.charset.is_empty() && !last.charset.is_empty();
    (told && now.charset != last.charset).then(|| {
        let detail = format!("the page is read as {}, before as {}", now.charset, last.charset);
        Breach::doubtful(ProblemCode::CharsetChanged, detail)
    })
}

/// Dates are printed in a form that they never had.
fn date_form(now: &Observation, usual: &[&Observation]) -> Option<Breach> {
    let form = now.date_forms.first()?;
    let known: BTreeSet<&String> = usual.iter().flat_map(|seen| &seen.date_forms).collect();
    let new = !known.is_empty() && !known.contains(form);
    new.then(|| {
        let detail = format!("dates are printed as `{form}`, as never before");
        Breach::doubtful(ProblemCode::TemplateChanged, detail)
    })
}

fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
    let share = part as f64 / whole.max(1) as f64;
    share
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(frame: &str) -> BTreeSet<String> {
        BTreeSet::from([frame.to_owned()])
    }

    /// A reading of a list of twenty rows, of which all but `fresh` are known.
    fn reading(fresh: usize, newest: &str, first: usize) -> Observation {
        Observation {
            rows: 20,
            known: 20 - fresh,
            dated: 20,
            comparable: 20 - fresh,
            newest: newest.parse().ok(),
            keys: (0..20).map(|n| format!("trs-{}", first + 20 - n)).collect(),
            shapes: BTreeSet::from(["a.test 0_0.html".to_owned()]),
            marks: (0..30).collect(),
            frames: frame("td < tr < tbody.list"),
            date_forms: vec!["0-0-0".to_owned(), "0-0".to_owned()],
            charset: "UTF-8 (header)".to_owned(),
            ..Observation::default()
        }
    }

    fn usual() -> Vec<Observation> {
        vec![
            reading(0, "2026-11-04", 103),
            reading(1, "2026-11-03", 102),
            reading(2, "2026-11-02", 100),
        ]
    }

    fn codes(now: &Observation) -> Vec<ProblemCode> {
        codes_after(now, &usual())
    }

    fn codes_after(now: &Observation, before: &[Observation]) -> Vec<ProblemCode> {
        judge(now, None, before, None, Expected::default())
            .into_iter()
            .map(|breach| breach.code)
            .collect()
    }

    #[test]
    fn ordinary_readings_break_nothing() {
        for now in [
            reading(0, "2026-11-04", 103),
            // A burst, and one that leaves nothing known behind.
            reading(12, "2026-11-05", 115),
            reading(20, "2026-11-05", 140),
            // The newest article was taken back.
            Observation { keys: usual()[0].keys[1..].to_vec(), ..reading(0, "2026-11-03", 103) },
            // A title and a date were corrected, two rows have none.
            Observation { retitled: 1, redated: 2, dated: 18, ..reading(0, "2026-11-04", 103) },
            // A block more on the page.
            Observation { marks: (0..42).collect(), ..reading(1, "2026-11-05", 104) },
            // Half the rows of before.
            Observation { rows: 10, known: 10, dated: 10, ..reading(0, "2026-11-04", 103) },
        ] {
            assert_eq!(codes(&now), [], "{now:?}");
        }
    }

    #[test]
    fn each_break_has_its_code() {
        let now = || reading(0, "2026-11-04", 103);
        let strange = BTreeSet::from(["a.test index.html".to_owned(), "a.test yw/".to_owned()]);
        for (code, now) in [
            (ProblemCode::ColumnSwapped, Observation { known: 0, foreign: 18, ..now() }),
            (
                ProblemCode::ListStrange,
                Observation { rows: 9, known: 0, shapes: strange, dated: 9, ..now() },
            ),
            (ProblemCode::TitlesChanged, Observation { retitled: 15, ..now() }),
            (ProblemCode::DatesChanged, Observation { redated: 15, ..now() }),
            (ProblemCode::DatesMissing, Observation { dated: 2, comparable: 2, ..now() }),
            (ProblemCode::ListShort, Observation { rows: 4, known: 4, dated: 4, ..now() }),
            (ProblemCode::ListStale, reading(0, "2026-10-20", 60)),
            (ProblemCode::TemplateChanged, Observation { marks: (25..60).collect(), ..now() }),
            (
                ProblemCode::CharsetChanged,
                Observation { charset: "UTF-8 (statistics)".to_owned(), ..now() },
            ),
        ] {
            assert_eq!(codes(&now), [code], "{now:?}");
        }
    }

    #[test]
    fn what_was_always_so_is_normal() {
        let before: Vec<Observation> = usual()
            .into_iter()
            .map(|seen| Observation { dated: 0, comparable: 0, newest: None, retitled: 15, ..seen })
            .collect();
        let now = Observation {
            dated: 0,
            comparable: 0,
            newest: None,
            retitled: 16,
            ..reading(0, "", 103)
        };
        assert_eq!(codes_after(&now, &before), []);
    }

    #[test]
    fn nothing_is_normal_at_first_but_what_an_operator_says() {
        let now = Observation { rows: 2, known: 0, dated: 0, ..reading(0, "2026-11-04", 103) };
        assert_eq!(codes_after(&now, &usual()[..2]), [ProblemCode::ListStale][..0]);
        let expected = Expected { items_min: 5, dates: Some(true) };
        let told: Vec<ProblemCode> =
            judge(&now, None, &[], None, expected).into_iter().map(|b| b.code).collect();
        assert_eq!(told, [ProblemCode::ListShort]);
        let undated = Observation { dated: 0, ..reading(20, "", 1) };
        let told: Vec<ProblemCode> =
            judge(&undated, None, &[], None, expected).into_iter().map(|b| b.code).collect();
        assert_eq!(told, [ProblemCode::DatesMissing]);
        let loose = Expected { items_min: 0, dates: Some(false) };
        assert_eq!(judge(&undated, None, &usual(), None, loose), []);
    }
}
