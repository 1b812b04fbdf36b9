//! What two texts share, clause by clause, and what stands otherwise in the same sentence.

use std::collections::{HashMap, HashSet};

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_normalization::UnicodeNormalization;

use super::Veto;
use super::number::{Number, is_digit, numbers};

/// More of a text is not looked at.
const MOST_SIGNS: usize = 30_000;
const MOST_CLAUSES: usize = 1_500;
/// Differing passages are compared sign by sign up to this length.
const PASSAGE: usize = 400;
/// Without so many clauses in common, two texts are not compared any further.
const COMMON: f64 = 0.25;
/// Two passages are the same one, edited, from so much in common on.
const EDITED: f64 = 0.5;
/// Lines on who wrote, sent or took over a text are no part of it.
const BYLINES: &[&str] = &[
    "来源",
    "信息来源",
    "稿源",
    "转自",
    "转载自",
    "供稿",
    "撰稿",
    "作者",
    "记者",
    "通讯员",
    "编辑",
    "责任编辑",
    "责编",
    "审核",
    "校对",
    "监制",
    "摄影",
    "图文",
    "本网讯",
    "本报讯",
    "点击",
    "浏览",
];
/// The ends of names of bodies and firms.
const BODIES: &[&str] = &[
    "公司",
    "集团",
    "商会",
    "协会",
    "工商联",
    "联合会",
    "工厂",
    "银行",
    "合作社",
    "学院",
    "大学",
    "研究院",
    "事务所",
    "基金会",
    "委员会",
    "企业",
];
/// A name in full has so many signs.
const FULL_NAME: usize = 6;
/// How sites speak of themselves and of today: others put names and dates there.
const OWN: &str = "我本全该今昨前近日";

/// The clauses of a text: its words without punctuation, white space and width, bylines left out.
pub(super) fn clauses(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut clause = String::new();
    let mut end = |clause: &mut String| {
        let done = std::mem::take(clause);
        if !done.is_empty() && !BYLINES.iter().any(|label| done.starts_with(label)) {
            all.push(done);
        }
    };
    for c in text.nfkc().take(MOST_SIGNS) {
        if matches!(c, '。' | '!' | '?' | ';' | ',' | '\n') {
            end(&mut clause);
        } else if c.is_alphanumeric() || c == '.' && clause.ends_with(|c: char| c.is_ascii_digit())
        {
            clause.extend(c.to_lowercase());
        }
    }
    end(&mut clause);
    all.truncate(MOST_CLAUSES);
    all
}

/// The clauses in one.
pub(super) fn joined(clauses: &[String]) -> String {
    clauses.concat()
}

/// What two texts share.
#[derive(Debug)]
pub(super) struct Share {
    shared: usize,
    ours: usize,
    theirs: usize,
    pub(super) veto: Option<Veto>,
}

impl Share {
    /// Where nothing is to be compared.
    pub(super) fn none(ours: &[String], theirs: &[String]) -> Self {
        Self { shared: 0, ours: length(ours), theirs: length(theirs), veto: None }
    }

    /// What `ours` and `theirs` share.
    pub(super) fn of(ours: &[String], theirs: &[String]) -> Self {
        let mut share = Self::none(ours, theirs);
        if common(ours, theirs) < COMMON {
            return share;
        }
        let mut otherwise = Otherwise::default();
        for op in capture_diff_slices(Algorithm::Myers, ours, theirs) {
            match op {
                DiffOp::Equal { old_index, len, .. } => {
                    share.shared += length(&ours[old_index..old_index + len]);
                }
                DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                    let ours = signs(&ours[old_index..old_index + old_len]);
                    let theirs = signs(&theirs[new_index..new_index + new_len]);
                    share.shared += otherwise.passage(&ours, &theirs);
                }
                DiffOp::Delete { .. } | DiffOp::Insert { .. } => {}
            }
        }
        share.veto = otherwise.veto();
        share
    }

    /// Signs of the shorter text.
    pub(super) fn shorter(&self) -> usize {
        self.ours.min(self.theirs)
    }

    /// The part of the shorter and that of the longer text.
    pub(super) fn parts(&self) -> (f64, f64) {
        let part = |whole: usize| ratio(self.shared, whole);
        (part(self.shorter()), part(self.ours.max(self.theirs)))
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

fn length(clauses: &[String]) -> usize {
    clauses.iter().map(|clause| clause.chars().count()).sum()
}

fn signs(clauses: &[String]) -> Vec<char> {
    clauses.iter().flat_map(|clause| clause.chars()).collect()
}

/// How much a passage weighs: a number is one sign of it, however long.
fn weight(passage: &[char]) -> usize {
    let same = |a: &char, b: &char| a.is_ascii_digit() && b.is_ascii_digit();
    passage.chunk_by(same).count()
}

/// How much of the shorter text are clauses that the other has too, wherever.
fn common(ours: &[String], theirs: &[String]) -> f64 {
    let (shorter, longer) =
        if length(ours) <= length(theirs) { (ours, theirs) } else { (theirs, ours) };
    let known: HashSet<&String> = longer.iter().collect();
    let both = shorter.iter().filter(|clause| known.contains(clause));
    ratio(both.map(|clause| clause.chars().count()).sum(), length(shorter))
}

/// A place where two passages differ.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) ours: Vec<char>,
    pub(super) theirs: Vec<char>,
    /// What follows in both.
    after: Vec<char>,
}

impl Edit {
    /// Something of `least` signs or more stands for something else of that length.
    pub(super) fn replaces(&self, least: usize) -> bool {
        self.ours.len() >= least && self.theirs.len() >= least
    }

    fn side(&self, own: &[char]) -> String {
        own.iter().chain(&self.after).collect()
    }

    fn numbers(&self, own: &[char]) -> Vec<Number> {
        let all: Vec<char> = own.iter().chain(self.after.iter().take(1)).copied().collect();
        numbers(&all)
    }
}

/// What two passages share, and where they differ.
pub(super) struct Edits {
    pub(super) shared: usize,
    pub(super) edits: Vec<Edit>,
}

/// Sign by sign. A sign in common between two differences is chance, and digits stay together.
pub(super) fn edits(a: &[char], b: &[char]) -> Edits {
    let mut kept: Vec<(usize, usize, usize)> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, a, b) {
        if let DiffOp::Equal { old_index: mut from, new_index: mut to, mut len } = op {
            let cut = |c: &char| is_digit(*c);
            if from > 0 || to > 0 {
                let digits = a[from..from + len].iter().take_while(|c| cut(c)).count();
                (from, to, len) = (from + digits, to + digits, len - digits);
            }
            if from + len < a.len() || to + len < b.len() {
                len -= a[from..from + len].iter().rev().take_while(|c| cut(c)).count();
            }
            let at_an_end =
                (from == 0 && to == 0) || (from + len == a.len() && to + len == b.len());
            if len >= 2 || (len == 1 && at_an_end) {
                kept.push((from, to, len));
            }
        }
    }
    let shared = kept.iter().map(|(.., len)| len).sum();
    let (mut x, mut y) = (0, 0);
    let mut edits = Vec::new();
    kept.push((a.len(), b.len(), 0));
    for (from, to, len) in kept {
        if from > x || to > y {
            let after = a[from..].iter().take(8).copied().collect();
            edits.push(Edit { ours: a[x..from].to_vec(), theirs: b[y..to].to_vec(), after });
        }
        (x, y) = (from + len, to + len);
    }
    Edits { shared, edits }
}

/// What stands otherwise in sentences that are the same.
#[derive(Debug, Default)]
struct Otherwise {
    dates: usize,
    figures: usize,
    names: usize,
    /// How often one thing stands for another.
    replaced: HashMap<(Vec<char>, Vec<char>), usize>,
}

impl Otherwise {
    /// Takes in two passages that stand between what both texts share; gives what they share.
    fn passage(&mut self, ours: &[char], theirs: &[char]) -> usize {
        if ours.len().max(theirs.len()) > PASSAGE {
            return 0;
        }
        let compared = edits(ours, theirs);
        if ratio(2 * compared.shared, weight(ours) + weight(theirs)) < EDITED {
            return 0;
        }
        for edit in &compared.edits {
            self.edit(edit);
        }
        compared.shared
    }

    fn edit(&mut self, edit: &Edit) {
        let (ours, theirs) = (edit.numbers(&edit.ours), edit.numbers(&edit.theirs));
        if !ours.is_empty() && !theirs.is_empty() {
            if ours.iter().map(|number| &number.value).ne(theirs.iter().map(|number| &number.value))
            {
                let essential = |all: &[Number]| all.iter().any(|number| number.is_essential);
                match essential(&ours) && essential(&theirs) {
                    true => self.dates += 1,
                    false => self.figures += 1,
                }
            }
            return;
        }
        let own = |side: &[char]| side.iter().any(|c| OWN.contains(*c));
        let inside = |a: &[char], b: &[char]| {
            let (a, b): (String, String) = (a.iter().collect(), b.iter().collect());
            a.contains(&b) || b.contains(&a)
        };
        if !edit.replaces(2)
            || own(&edit.ours)
            || own(&edit.theirs)
            || inside(&edit.ours, &edit.theirs)
        {
            return;
        }
        let names = |side: &[char]| {
            let text = edit.side(side);
            BODIES.iter().any(|end| text.contains(end))
        };
        // A name in full for something else, or one name for another.
        let whole = |side: &[char]| {
            let text: String = side.iter().collect();
            side.len() >= FULL_NAME && BODIES.iter().any(|end| *end != "企业" && text.contains(end))
        };
        let full = edit.replaces(3) && (whole(&edit.ours) || whole(&edit.theirs));
        if full || (names(&edit.ours) && names(&edit.theirs)) {
            self.names += 1;
        }
        *self.replaced.entry((edit.ours.clone(), edit.theirs.clone())).or_default() += 1;
    }

    /// One figure may have been corrected; two are another notice.
    fn veto(&self) -> Option<Veto> {
        if self.dates > 0 || self.figures >= 2 {
            return Some(Veto::NumbersInTexts);
        }
        let again = self.replaced.values().any(|count| *count >= 2);
        (self.names > 0 || again).then_some(Veto::NamesInTexts)
    }
}
