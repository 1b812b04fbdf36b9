//! The overview: a few lines of each item, under their headings.

mod entry;

use std::ops::Range;

use self::entry::{Entry, Extent};
use super::budget::{LIMIT, MOST_ARTICLES, balanced, least, packed, part_name, size};
use super::look::{Form, Look, SMALL, STRONG, SUMMARY, Type, section};
use super::remark::{named, remark, severe};
use super::setting::Setting;
use super::write::Writer;
use super::{Written, field, words};
use crate::model::{Piece, Remark};

/// The overview of an issue.
pub(super) struct Overview<'a> {
    setting: &'a Setting<'a>,
    entries: Vec<Entry<'a>>,
    /// Entries whose picture can be left out, and whose summary can be shortened, in the order in
    /// which that is done.
    minor: Vec<usize>,
    long: Vec<usize>,
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
            let own = &self.entries[at].piece.section;
            let is_new = at == 0 || self.entries[at - 1].piece.section != *own;
            if is_new { size(&heading(look, own)) } else { 0 }
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
            let header = look.centred(&self.setting.header, "0");
            html.push_str(&section("margin:0 0 20px", &header));
            if !self.setting.note.is_empty() {
                html.push_str(&look.grey_box("编者按", &self.setting.note));
            }
        }
        let mut open = None;
        for at in range {
            let next = self.entries[at].piece.section.as_str();
            if open != Some(next) {
                html.push_str(&heading(look, next));
                open = Some(next);
            }
            html.push_str(&self.entry(at, self.extent(at, step), &mut writer));
        }
        if part.0 + 1 < part.1 {
            let next = ["（未完，接下一篇）".to_owned()];
            html.push_str(&look.centred(&next, "8px 0 0"));
        }
        html.push_str(&writer.references.list(look));
        html.push_str(&look.foot(&self.setting.footer));
        (look.root(&html), writer.shown)
    }

    fn entry(&self, at: usize, extent: Extent, writer: &mut Writer<'_>) -> String {
        let entry = &self.entries[at];
        let look = writer.look;
        let mut html = String::new();
        let picture = entry.picture.as_ref().filter(|_| extent.picture);
        if let Some(img) = picture.and_then(|picture| writer.img(picture)) {
            html.push_str(&section("margin:0 0 12px", &img));
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
        section("margin:0 0 28px", &html)
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

fn heading(look: Look, name: &str) -> String {
    match words::cut(&words::line(name), 20) {
        name if name.is_empty() => String::new(),
        name => look.plate(&words::escaped(&name), "", "34px 0 20px"),
    }
}
