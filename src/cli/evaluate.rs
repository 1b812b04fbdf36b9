//! `evaluate`: how well pages are read without any site's rules, against what a person read.
//!
//! In: folders of pages with expected results; out: a table, a CSV on request, and exit code 1 where
//! a figure sank below its floor. Needs no configuration and no network.

mod floors;
mod gold;
mod score;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::model::{Article, Lang};
use crate::text::sheet;

use super::args::EvaluateArgs;
use super::progress::Progress;
use super::{CANNOT_WORK, FINE, Failure, SOME_FAILED, USAGE, offline, print, say};
use floors::{Change, Floors};
use gold::{Page, Set};
use score::Field;
use table::Row;
pub(super) use table::width;

/// The floors beside the source, looked for in the working folder and above it.
const FLOORS: &str = "tests/quality.toml";
/// Longer values are cut in the CSV (characters).
const LONGEST_VALUE: usize = 80;

/// What one page said: of each field what is wanted, what was found, and the score.
struct Judged {
    fields: Vec<(Field, String, String, f64)>,
}

/// `lianbo evaluate`.
pub(super) fn evaluate(lang: Lang, args: &EvaluateArgs) -> Result<u8, Failure> {
    let usage = |message: String| Failure { code: USAGE, message };
    let sets = gold::sets(&args.folder).map_err(usage)?;
    let count: usize = sets.iter().map(|set| set.pages.len()).sum();
    let faults: Vec<&String> = sets.iter().flat_map(|set| &set.faults).collect();
    for fault in &faults {
        eprintln!("{}", say::left_out(lang, fault));
    }
    if count == 0 {
        return Err(usage(say::no_pages(lang, &args.folder.display().to_string())));
    }
    let change = match (args.raise, args.lower_floors) {
        (_, true) => Change::Lower,
        (true, false) => Change::Raise,
        (false, false) => Change::Keep,
    };
    let file = floors_file(args);
    let mut floors = match &file {
        Some(file) if file.exists() || args.floors.is_some() && change == Change::Keep => {
            let named = |error: String| usage(format!("{}: {error}", file.display()));
            let text = fs::read_to_string(file).map_err(|e| named(e.to_string()))?;
            Floors::parse(&text).map_err(|e| named(e.to_string()))?
        }
        Some(_) => Floors::default(),
        None if change == Change::Keep => Floors::default(),
        None => return Err(usage(say::no_floors(lang, FLOORS))),
    };
    let judged = judge(&sets, count);
    let rows = rows(&sets, &judged);
    if args.floors.is_some() {
        for name in floors.unmatched(&rows) {
            eprintln!("{}", say::unmatched_floor(lang, name));
        }
    }
    print(&table::table(&with_total(&rows, &judged, lang), lang))?;
    if let Some(file) = &args.csv {
        write(file, &csv(&sets, &judged))?;
    }
    for row in rows.iter().filter(|row| floors.is_of_other_pages(row)) {
        eprintln!("{}", say::other_pages(lang, &row.name));
    }
    // Floors are not measured on some of the pages.
    if let Some(file) = file.filter(|_| change != Change::Keep && faults.is_empty()) {
        rows.iter().for_each(|row| floors.change(row, change));
        let cannot = |e: toml::ser::Error| Failure { code: CANNOT_WORK, message: e.to_string() };
        write(&file, &floors.text().map_err(cannot)?)?;
    }
    let missed: Vec<_> = rows.iter().flat_map(|row| floors.missed(row)).collect();
    for missed in &missed {
        let (field, wanted, measured) = (missed.field, &missed.wanted, &missed.measured);
        eprintln!("{}", say::below_floor(lang, &missed.row, field, measured, wanted));
    }
    Ok(match (faults.is_empty(), missed.is_empty()) {
        (false, _) => USAGE,
        (true, false) => SOME_FAILED,
        (true, true) => FINE,
    })
}

fn floors_file(args: &EvaluateArgs) -> Option<PathBuf> {
    if args.floors.is_some() {
        return args.floors.clone();
    }
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join(FLOORS)).find(|file| file.is_file())
}

/// Reads all pages on all cores; the answers stand in the order of the pages.
fn judge(sets: &[Set], count: usize) -> Vec<Judged> {
    let pages: Vec<&Page> = sets.iter().flat_map(|set| &set.pages).collect();
    let progress = Progress::new(count);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(count.max(1));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, page)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    pages.get(at).map(|page| (at, page))
                } {
                    let judged = judged(page);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((at, judged));
                    progress.advance(1);
                }
            });
        }
    });
    progress.finish();
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, judged)| judged).collect()
}

fn judged(page: &Page) -> Judged {
    let article = offline::article(&page.path, page.url.as_deref()).ok();
    let fields = Field::ALL.into_iter().filter_map(|field| {
        let wanted = page.wanted(field);
        let found = article.as_ref().map(|article| found(article, field)).unwrap_or_default();
        let score = field.score(&wanted, &found)?;
        Some((field, wanted, found, score))
    });
    Judged { fields: fields.collect() }
}

fn found(article: &Article, field: Field) -> String {
    let text = |found: &Option<crate::model::Found<String>>| {
        found.as_ref().map(|found| found.value.clone()).unwrap_or_default()
    };
    match field {
        Field::Text => article.body.value.text.clone(),
        Field::Title => article.title.value.clone(),
        Field::Posted => {
            article.posted.as_ref().map(|found| found.value.to_string()).unwrap_or_default()
        }
        Field::Credit => text(&article.credit),
        Field::Author => text(&article.author),
    }
}

/// A row for each set, and below it one for each of its kinds.
fn rows(sets: &[Set], judged: &[Judged]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut judged = judged.iter();
    for set in sets {
        let mut whole = Row::new(&set.name);
        whole.digest = Some(set.digest.clone());
        let mut kinds: Vec<Row> = Vec::new();
        for (page, judged) in set.pages.iter().zip(judged.by_ref()) {
            add(&mut whole, judged);
            let Some(kind) = &page.kind else { continue };
            let name = format!("{}/{kind}", set.name);
            match kinds.iter_mut().find(|row| row.name == name) {
                Some(row) => add(row, judged),
                None => {
                    let mut row = Row::new(&name);
                    add(&mut row, judged);
                    kinds.push(row);
                }
            }
        }
        kinds.sort_by(|a, b| a.name.cmp(&b.name));
        rows.push(whole);
        rows.extend(kinds);
    }
    rows
}

fn add(row: &mut Row, judged: &Judged) {
    row.pages += 1;
    for (field, _, _, score) in &judged.fields {
        row.add(*field, *score);
    }
}

fn with_total(rows: &[Row], judged: &[Judged], lang: Lang) -> Vec<Row> {
    let mut total = Row::new(say::pick(lang, "合计", "total"));
    judged.iter().for_each(|judged| add(&mut total, judged));
    rows.iter().cloned().chain([total]).collect()
}

/// One line a page and field.
fn csv(sets: &[Set], judged: &[Judged]) -> String {
    let mut text = sheet::row(["file", "kind", "field", "score", "wanted", "found"]);
    let pages = sets.iter().flat_map(|set| set.pages.iter().map(move |page| (set, page)));
    for ((set, page), judged) in pages.zip(judged) {
        for (field, wanted, found, score) in &judged.fields {
            let file = format!("{}/{}", set.name, page.file);
            let kind = page.kind.as_deref().unwrap_or_default();
            let score = format!("{score:.4}");
            let cells = [&file, kind, field.name(), &score, &shortened(wanted), &shortened(found)];
            text.push_str(&sheet::row(cells.map(AsRef::as_ref)));
        }
    }
    text
}

fn shortened(text: &str) -> String {
    let line = text.replace(['\n', '\r'], " ");
    match line.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[expect(clippy::disallowed_methods, reason = "the operator named the file")]
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text)
        .map_err(|e| Failure { code: CANNOT_WORK, message: format!("{}: {e}", file.display()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut() {
        assert_eq!(shortened("一\n二"), "一 二");
        assert_eq!(shortened(&"长".repeat(200)).chars().count(), LONGEST_VALUE + 1);
    }
}
