//! An item of the overview: title, a few lines, where it comes from.

use super::super::article::site;
use super::super::block::Picture;
use super::super::remark::{named, remark, severe};
use super::super::setting::{Setting, source};
use super::super::words;
use super::super::write::Writer;
use crate::model::{Piece, Remark};

/// Characters of a summary that is shortened to one sentence, at most.
const SENTENCE: usize = 100;
/// Characters that even an edited summary has at most.
const LONGEST_SUMMARY: usize = 3_000;
/// Characters of a title in the list.
const LONGEST_TITLE: usize = 120;
/// So many other sites are named.
const ELSEWHERE: usize = 4;

/// An item of the overview.
pub(super) struct Entry<'a> {
    pub(super) piece: &'a Piece,
    pub(super) title: String,
    pub(super) picture: Option<Picture>,
    pub(super) summary: String,
    pub(super) short: String,
}

/// How much of an entry is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) picture: bool,
    pub(super) is_short: bool,
}

impl<'a> Entry<'a> {
    pub(super) fn of(setting: &Setting<'_>, piece: &'a Piece, remarks: &mut Vec<Remark>) -> Self {
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

    pub(super) fn can_shorten(&self) -> bool {
        !self.piece.summary_edited && (self.short != self.summary || !self.piece.also_at.is_empty())
    }

    /// Where it comes from, with the number of its address.
    pub(super) fn origin(
        &self,
        setting: &Setting<'_>,
        extent: Extent,
        writer: &mut Writer<'_>,
    ) -> String {
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
