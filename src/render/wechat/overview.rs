//! The overview: a few lines of each item, under their headings.

use std::ops::Range;

use super::article::site;
use super::block::Picture;
use super::budget::{LIMIT, MOST_ARTICLES, balanced, least, packed, part_name, size};
use super::look::{Form, LINE, Look, SMALL, STRONG, SUMMARY, Type};
use super::remark::{named, remark, severe};
use super::setting::{Setting, source};
use super::write::Writer;
use super::{Written, field, words};
use crate::model::{Piece, Remark};

/// Characters of a summary that is shortened to one sentence, at most.
const SENTENCE: usize = 100;
/// Characters that even an edited summary has at most.
const LONGEST_SUMMARY: usize = 3_000;
/// Characters of a title in the list.
const LONGEST_TITLE: usize = 120;
/// So many other sites are named.
const ELSEWHERE: usize = 4;

/// The overview of an issue.
pub(super) struct Overview<'a> {
    setting: &'a Setting<'a>,
    entries: Vec<Entry<'a>>,
    /// Entries whose picture can be left out, and whose summary can be shortened, in the order in
    /// which that is done.
    minor: Vec<usize>,
    long: Vec<usize>,
}

/// An item of the overview.
struct Entry<'a> {
    piece: &'a Piece,
    title: String,
    picture: Option<Picture>,
    summary: String,
    short: String,
}

/// How much of an entry is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    picture: bool,
    is_short: bool,
}

impl<'a> Overview<'a> {
    pub(super) fn of(
        setting: &'a Setting<'a>,
        pieces: &[&'a Piece],
        remarks: &mut Vec<Remark>,
    ) -> Self {
        let entry = |piece: &&'a Piece| Entry::of(setting, piece, remarks);
        let entries: Vec<Entry<'a>> = pieces.iter().map(entry).collect();
        let last_first = (0..entries.len()).rev();
        let minor =
            last_first.clone().filter(|&at| at > 0 && entries[at].picture.is_some()).collect();
        let long = last_first.filter(|&at| entries[at].can_shorten()).collect();
        Self { setting, entries, minor, long }
    }

    /// Its articles: one where it fits, else as few as they can be.
    pub(super) fn lay(&self, remarks: &mut Vec<Remark>) -> Vec<Written> {
        let steps = self.minor.len() + self.long.len();
        for parts in 1..=MOST_ARTICLES {
            let laid = |step: usize| balanced(&self.costs(step), parts, self.room());
            if let Some((step, ranges)) = least(steps, laid) {
                self.remark_reduced(step, ranges.len(), remarks);
                return self.written(&ranges, step, remarks);
            }
        }
        let mut ranges = packed(&self.costs(steps), self.room());
        ranges.truncate(MOST_ARTICLES);
        let end = ranges.last().map_or(0, |range| range.end);
        for entry in &self.entries[end..] {
            remarks.push(severe(
                "piece-left-out",
                Some(entry.piece),
                format!("全部篇位用尽，{}未编入，请减少条目或缩短摘要", named(entry.piece)),
                "all articles are full: this piece is left out; choose fewer or shorten summaries"
                    .to_owned(),
            ));
        }
        self.remark_reduced(steps, ranges.len(), remarks);
        self.written(&ranges, steps, remarks)
    }

    /// What is printed of an entry after so many steps of saving.
    fn extent(&self, at: usize, step: usize) -> Extent {
        let pictures = step.min(self.minor.len());
        let summaries = step - pictures;
        Extent {
            picture: !self.minor[..pictures].contains(&at),
            is_short: self.long[..summaries].contains(&at),
        }
    }

    fn costs(&self, step: usize) -> Vec<usize> {
        let look = self.setting.look(Form::Draft);
        let heading = |at: usize| {
            let section = &self.entries[at].piece.section;
            let is_new = at == 0 || self.entries[at - 1].piece.section != *section;
            if is_new { size(&heading(look, section)) } else { 0 }
        };
        let cost = |at: usize| {
            let mut writer = Writer::new(look, &self.setting.composition.pictures);
            let html = self.entry(at, self.extent(at, step), &mut writer);
            // Numbers may have more digits than in an article of its own.
            size(&html) + writer.references.cost() + heading(at) + 4
        };
        (0..self.entries.len()).map(cost).collect()
    }

    /// Characters that the entries of one article may take.
    fn room(&self) -> usize {
        let look = self.setting.look(Form::Draft);
        let html = self.html(0..0, (0, 2), 0, Form::Draft).0;
        let sections = self.entries.iter().map(|entry| size(&heading(look, &entry.piece.section)));
        // A part may begin within a section, and then has its heading again; it has references.
        let repeated = sections.max().unwrap_or(0) + 300;
        LIMIT.saturating_sub(size(&html) + repeated)
    }

    fn written(
        &self,
        ranges: &[Range<usize>],
        step: usize,
        remarks: &mut Vec<Remark>,
    ) -> Vec<Written> {
        let of = ranges.len();
        let one = |(at, range): (usize, &Range<usize>)| {
            let pieces = self.entries[range.clone()].iter().map(|entry| entry.piece);
            let name = part_name(at, of);
            // The first part speaks for the title of all.
            let mut heard = Vec::new();
            let title = field::title(&self.setting.composition.title(), name, None, &mut heard);
            if at == 0 {
                remarks.append(&mut heard);
            }
            let (draft, pictures) = self.html(range.clone(), (at, of), step, Form::Draft);
            let (paste, _) = self.html(range.clone(), (at, of), step, Form::Paste);
            Written {
                title,
                draft,
                paste,
                pictures,
                pieces: pieces.clone().map(|piece| piece.key.clone()).collect(),
                address: String::new(),
                digest: field::digest_of_titles(pieces.map(|piece| piece.title.as_str())),
            }
        };
        ranges.iter().enumerate().map(one).collect()
    }

    fn html(
        &self,
        range: Range<usize>,
        part: (usize, usize),
        step: usize,
        form: Form,
    ) -> (String, Vec<String>) {
        let look = self.setting.look(form);
        let mut writer = Writer::new(look, &self.setting.composition.pictures);
        let number = format!("{}{}", self.setting.number, part_name(part.0, part.1));
        let mut html = look.masthead(&self.setting.name, &number, &self.setting.date);
        if part.0 == 0 {
            if !self.setting.header.is_empty() {
                let header = look.centred(&self.setting.header, "0");
                html.push_str(&format!("<section style=\"margin:0 0 20px\">{header}</section>"));
            }
            if !self.setting.note.is_empty() {
                html.push_str(&look.grey_box("编者按", &self.setting.note));
            }
        }
        let mut section = None;
        for at in range {
            let next = self.entries[at].piece.section.as_str();
            if section != Some(next) {
                html.push_str(&heading(look, next));
                section = Some(next);
            }
            html.push_str(&self.entry(at, self.extent(at, step), &mut writer));
        }
        if part.0 + 1 < part.1 {
            let next = ["（未完，接下一篇）".to_owned()];
            html.push_str(&look.centred(&next, "8px 0 0"));
        }
        html.push_str(&writer.references.list(look));
        if !self.setting.footer.is_empty() {
            let footer = look.centred(&self.setting.footer, "0");
            html.push_str(&format!(
                "<section style=\"margin:28px 0 0;padding:16px 0 0;border-top:{LINE}\">{footer}</section>"
            ));
        }
        (look.root(&html), writer.shown)
    }

    fn entry(&self, at: usize, extent: Extent, writer: &mut Writer<'_>) -> String {
        let entry = &self.entries[at];
        let look = writer.look;
        let mut html = String::new();
        let picture = entry.picture.as_ref().filter(|_| extent.picture);
        if let Some(img) = picture.and_then(|picture| writer.img(picture)) {
            html.push_str(&format!("<section style=\"margin:0 0 12px\">{img}</section>"));
        }
        let large = if at == 0 { 19 } else { 17 };
        let title = Type(large, "1.5", STRONG);
        html.push_str(&look.p(
            title,
            "margin:0 0 8px;font-weight:bold;text-align:left",
            &words::escaped(&entry.title),
        ));
        let summary = if extent.is_short { &entry.short } else { &entry.summary };
        if !summary.is_empty() {
            html.push_str(&look.p(SUMMARY, "margin:0 0 8px", &words::escaped(summary)));
        }
        let origin = entry.origin(self.setting, extent, writer);
        if !origin.is_empty() {
            html.push_str(&look.p(SMALL, "margin:0;text-align:left", &origin));
        }
        format!("<section style=\"margin:0 0 28px\">{html}</section>")
    }

    fn remark_reduced(&self, step: usize, parts: usize, remarks: &mut Vec<Remark>) {
        let pictures = step.min(self.minor.len());
        for &at in &self.minor[..pictures] {
            let piece = self.entries[at].piece;
            remarks.push(remark(
                "pictures-left-out",
                Some(piece),
                format!("速览超出单篇上限，{}的配图未编入", named(piece)),
                "the overview is too long: the picture of this piece is left out".to_owned(),
            ));
        }
        for &at in &self.long[..step - pictures] {
            let entry = &self.entries[at];
            let zh = format!("速览超出单篇上限，{}的摘要缩为一句", named(entry.piece));
            let en =
                "the overview is too long: this summary is shortened to one sentence".to_owned();
            let words = entry.summary.clone();
            remarks
                .push(Remark { words, ..remark("summary-shortened", Some(entry.piece), zh, en) });
        }
        if step > pictures {
            self.remark_kept(remarks);
        }
        if parts > 1 {
            remarks.push(remark(
                "split",
                None,
                format!("速览超出单篇上限，分为 {parts} 篇"),
                format!("the overview is longer than an article may be: it is split into {parts}"),
            ));
        }
    }

    /// Summaries that editors wrote stay as they are.
    fn remark_kept(&self, remarks: &mut Vec<Remark>) {
        let is_long =
            |entry: &&Entry<'_>| entry.piece.summary_edited && entry.short != entry.summary;
        for entry in self.entries.iter().filter(is_long) {
            let piece = entry.piece;
            remarks.push(remark(
                "summary-kept",
                Some(piece),
                format!("速览偏长，{}的摘要为编辑所写，未作压缩，如需要请自行缩短", named(piece)),
                "the overview is too long; this summary was written by an editor and is not shortened".to_owned(),
            ));
        }
    }
}

impl<'a> Entry<'a> {
    fn of(setting: &Setting<'_>, piece: &'a Piece, remarks: &mut Vec<Remark>) -> Self {
        let whole = words::line(&piece.title);
        let title = words::cut(&whole, LONGEST_TITLE);
        if title != whole {
            let zh = format!("{}的标题超过 {LONGEST_TITLE} 字，速览中已截短，请改写", named(piece));
            let en = format!(
                "the title has more than {LONGEST_TITLE} characters and was cut: give it another"
            );
            remarks.push(Remark { words: whole, ..remark("title-cut", Some(piece), zh, en) });
        }
        let whole = words::line(&piece.summary);
        let summary = words::whole_sentences(&whole, LONGEST_SUMMARY);
        if summary != whole {
            let zh =
                format!("{}的摘要超过 {LONGEST_SUMMARY} 字，速览中已截短，请改写", named(piece));
            let en = format!(
                "the summary has more than {LONGEST_SUMMARY} characters and was cut: write another"
            );
            remarks.push(severe("summary-cut", Some(piece), zh, en));
        }
        let short = words::first_sentence(&summary, SENTENCE);
        let picture = if piece.picture { setting.picture_of(piece) } else { None };
        Self { piece, title, picture, summary, short }
    }

    fn can_shorten(&self) -> bool {
        !self.piece.summary_edited && (self.short != self.summary || !self.piece.also_at.is_empty())
    }

    /// Where it comes from, with the number of its address.
    fn origin(&self, setting: &Setting<'_>, extent: Extent, writer: &mut Writer<'_>) -> String {
        let mut parts = vec![words::escaped(&source(self.piece)), setting.day(self.piece)];
        let number = self
            .piece
            .url
            .as_ref()
            .and_then(|url| writer.references.number(url.as_str(), &site(self.piece)));
        parts.extend(number.map(|number| format!("[{number}]")));
        parts.retain(|part| !part.is_empty());
        let mut lines = vec![parts.join("　")];
        if !extent.is_short && !self.piece.also_at.is_empty() {
            lines.push(format!("另见：{}", words::escaped(&elsewhere(&self.piece.also_at))));
        }
        lines.retain(|line| !line.is_empty());
        lines.join("<br>")
    }
}

fn elsewhere(names: &[String]) -> String {
    let named: Vec<String> =
        names.iter().take(ELSEWHERE).map(|name| words::cut(&words::line(name), 20)).collect();
    let more = if names.len() > ELSEWHERE { "等" } else { "" };
    named.join("、") + more
}

fn heading(look: Look, section: &str) -> String {
    match words::cut(&words::line(section), 20) {
        name if name.is_empty() => String::new(),
        name => look.plate(&words::escaped(&name), "", "34px 0 20px"),
    }
}
