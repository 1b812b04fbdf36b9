//! The words of a paragraph while they are read.

use super::super::block::{Run, RunLook};
use super::super::words;

/// Text of which the paragraph is not complete.
#[derive(Default)]
pub(super) struct Runs {
    runs: Vec<Run>,
    /// White space of the source was seen since the last character, with a line end in it or not.
    gap: Option<bool>,
}

impl Runs {
    pub(super) fn push(&mut self, text: &str, look: RunLook, link: Option<&String>, is_code: bool) {
        let text = words::visible(text);
        for c in text.chars() {
            if is_code {
                self.add(if c == '\t' { ' ' } else { c }, look, link);
            } else if matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c') {
                self.gap = Some(self.gap.unwrap_or_default() || c == '\n');
            } else {
                self.space_before(c, look, link);
                self.add(c, look, link);
            }
        }
    }

    pub(super) fn line_break(&mut self) {
        self.gap = None;
        self.add('\n', RunLook::default(), None);
    }

    /// A line end of the source between two Chinese characters is no space. A space belongs to the
    /// plainer side.
    fn space_before(&mut self, next: char, look: RunLook, link: Option<&String>) {
        let Some(had_line_end) = self.gap.take() else { return };
        let Some(run) = self.runs.last_mut() else { return };
        let Some(last) = run.text.chars().next_back() else { return };
        if last == '\n' || (had_line_end && is_wide(last) && is_wide(next)) {
            return;
        }
        if run.look == RunLook::default() && run.link.is_none() {
            run.text.push(' ');
        } else {
            self.add(' ', look, link);
        }
    }

    fn add(&mut self, c: char, look: RunLook, link: Option<&String>) {
        match self.runs.last_mut() {
            Some(run) if run.look == look && run.link.as_ref() == link => run.text.push(c),
            _ => self.runs.push(Run { text: c.to_string(), look, link: link.cloned() }),
        }
    }

    /// The paragraphs read: two line breaks, or one before a line that is set in by full-width
    /// spaces, part them.
    pub(super) fn take(&mut self, is_code: bool) -> Vec<Vec<Run>> {
        self.gap = None;
        let runs = std::mem::take(&mut self.runs);
        if runs.is_empty() {
            return Vec::new();
        }
        let paragraphs = if is_code { vec![runs] } else { parted(runs) };
        let tidied = paragraphs.into_iter().map(|runs| tidied(runs, is_code));
        tidied.filter(|runs| !runs.is_empty()).collect()
    }
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
        || matches!(c, '“' | '”' | '‘' | '’' | '—' | '…' | '·')
}

fn parted(runs: Vec<Run>) -> Vec<Vec<Run>> {
    let all: Vec<char> = runs.iter().flat_map(|run| run.text.chars()).collect();
    let mut paragraphs = vec![Vec::new()];
    let mut at = 0;
    for run in runs {
        let mut text = String::new();
        for c in run.text.chars() {
            at += 1;
            if c == '\n' && parts_here(&all, at) {
                push(&mut paragraphs, &run, std::mem::take(&mut text));
                paragraphs.push(Vec::new());
            } else {
                text.push(c);
            }
        }
        push(&mut paragraphs, &run, text);
    }
    paragraphs
}

/// Whether the line break before `at` parts paragraphs.
fn parts_here(all: &[char], at: usize) -> bool {
    match all.get(at) {
        Some('\n' | '\u{3000}') => true,
        Some('\u{a0}') => all.get(at + 1) == Some(&'\u{a0}'),
        _ => false,
    }
}

fn push(paragraphs: &mut [Vec<Run>], run: &Run, text: String) {
    if let Some(runs) = paragraphs.last_mut().filter(|_| !text.is_empty()) {
        runs.push(Run { text, ..run.clone() });
    }
}

/// No white space at the ends (indents are a matter of style) or around line breaks, and no
/// punctuation cut off from the element before it.
fn tidied(mut runs: Vec<Run>, is_code: bool) -> Vec<Run> {
    let is_edge = |c: char| if is_code { c == '\n' } else { c.is_whitespace() };
    while let Some(first) = runs.first_mut() {
        first.text = first.text.trim_start_matches(is_edge).to_owned();
        if !first.text.is_empty() {
            break;
        }
        runs.remove(0);
    }
    while let Some(last) = runs.last_mut() {
        last.text.truncate(last.text.trim_end_matches(is_edge).len());
        if !last.text.is_empty() {
            break;
        }
        runs.pop();
    }
    for at in 1..runs.len() {
        let (before, after) = runs.split_at_mut(at);
        let (before, after) = (&mut before[at - 1], &mut after[0]);
        if !takes_punctuation(before) || before.text.ends_with('\n') {
            continue;
        }
        let end = after.text.find(|c| !is_hanging(c)).unwrap_or(after.text.len());
        let rest = after.text.split_off(end);
        before.text.push_str(&std::mem::replace(&mut after.text, rest));
    }
    runs.retain(|run| !run.text.is_empty());
    runs
}

/// Bold and slanted text and links that stay links; what is raised would raise a comma with it.
fn takes_punctuation(run: &Run) -> bool {
    let look = run.look;
    let is_marked = (look.strong || look.emphasis) && run.link.is_none();
    (is_marked || run.leads_to_article()) && !look.raised && !look.lowered && !look.code
}

/// Punctuation that must not begin a line.
fn is_hanging(c: char) -> bool {
    matches!(
        c,
        '。' | '，'
            | '、'
            | '；'
            | '：'
            | '！'
            | '？'
            | '）'
            | '》'
            | '」'
            | '』'
            | '】'
            | '”'
            | '’'
            | '…'
    )
}
