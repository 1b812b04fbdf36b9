//! Numbers of persons that are not for everybody: identity cards, bank cards, mobile phones.
//!
//! Digits are looked at as a reader sees them: `<strong>3201</strong>06…`, `6222 0212 …` and what goes
//! on in the next line are one number.

mod kind;

use std::ops::Range;

pub use kind::Kind;

/// A number and where its digits stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spotted {
    /// What it is.
    pub kind: Kind,
    /// The bytes of each of its digits.
    pub digits: Vec<Range<usize>>,
}

impl Spotted {
    /// From the first digit to the last, with what stands between.
    pub fn range(&self) -> Range<usize> {
        let start = self.digits.first().map_or(0, |digit| digit.start);
        start..self.digits.last().map_or(start, |digit| digit.end)
    }
}

/// One character of a text as it stands there.
struct Glyph {
    at: usize,
    length: usize,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Digit(u8),
    /// A space, a mark or the end of a line, which may stand inside a number.
    Gap,
    Other(char),
    /// A new paragraph or cell: no number goes on behind it.
    Break,
}

/// Digits that follow one another without a gap: their places among the glyphs.
type Group = Range<usize>;

/// The numbers in plain text that are of a kind that is `wanted`.
pub fn in_text(text: &str, wanted: impl Fn(Kind) -> bool) -> Vec<Spotted> {
    let glyphs: Vec<Glyph> = text.char_indices().map(|(at, c)| glyph(at, c)).collect();
    spotted(&glyphs, wanted)
}

/// The same in clean HTML; of tags only the words of `alt` are looked at.
pub fn in_html(html: &str, wanted: impl Fn(Kind) -> bool) -> Vec<Spotted> {
    let mut glyphs = Vec::new();
    let mut at = 0;
    while let Some(c) = html[at..].chars().next() {
        let rest = &html[at..];
        let length = if c == '<' {
            let length = tag_length(rest);
            tag(&mut glyphs, &rest[..length], at);
            length
        } else if rest.starts_with("&nbsp;") {
            glyphs.push(Glyph { at, length: 6, what: What::Gap });
            6
        } else {
            glyphs.push(glyph(at, c));
            c.len_utf8()
        };
        at += length;
    }
    spotted(&glyphs, wanted)
}

/// Up to the `>` that ends the tag: one inside quotes does not.
fn tag_length(rest: &str) -> usize {
    let mut quoted = false;
    for (at, c) in rest.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Elements that stand within a line, so that a number may go on in and behind them.
const INLINE: &[&str] = &["a", "strong", "em", "sub", "sup"];

fn tag(glyphs: &mut Vec<Glyph>, tag: &str, at: usize) {
    let name = tag.trim_start_matches(['<', '/']);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if !INLINE.contains(&name) {
        let what = if name == "br" { What::Gap } else { What::Break };
        glyphs.push(Glyph { at, length: 0, what });
    }
    if let Some((before, rest)) = tag.split_once(" alt=\"") {
        let start = at + before.len() + " alt=\"".len();
        let words = rest.split('"').next().unwrap_or_default();
        glyphs.extend(words.char_indices().map(|(inside, c)| glyph(start + inside, c)));
        glyphs.push(Glyph { at: start + words.len(), length: 0, what: What::Break });
    }
}

fn glyph(at: usize, c: char) -> Glyph {
    let what = match c {
        '0'..='9' => What::Digit(c as u8 - b'0'),
        '０'..='９' => What::Digit((c as u32 - '０' as u32) as u8),
        '-' | '－' | '.' | '．' | '·' | '_' => What::Gap,
        c if c.is_whitespace() => What::Gap,
        c => What::Other(c),
    };
    Glyph { at, length: c.len_utf8(), what }
}

fn spotted(glyphs: &[Glyph], wanted: impl Fn(Kind) -> bool) -> Vec<Spotted> {
    let groups = groups(glyphs);
    let mut found = Vec::new();
    let mut next = 0;
    while next < groups.len() {
        let number = (next + 1..=groups.len())
            .take(MOST_GROUPS)
            .take_while(|&end| joined(glyphs, &groups[next..end]))
            .find_map(|end| Some((end, number(glyphs, &groups[next..end], &wanted)?)));
        next = match number {
            Some((end, number)) => {
                found.push(number);
                end
            }
            None => next + 1,
        };
    }
    found
}

/// A number is written in so many groups of digits at most.
const MOST_GROUPS: usize = 5;
/// Gaps between two groups of one number at most.
const MOST_GAPS: usize = 2;

fn groups(glyphs: &[Glyph]) -> Vec<Group> {
    let is_digit = |glyph: &Glyph| matches!(glyph.what, What::Digit(_));
    let mut groups = Vec::new();
    let mut at = 0;
    while at < glyphs.len() {
        if !is_digit(&glyphs[at]) {
            at += 1;
            continue;
        }
        let end = glyphs[at..].iter().position(|glyph| !is_digit(glyph));
        let end = end.map_or(glyphs.len(), |length| at + length);
        groups.push(at..end);
        at = end;
    }
    groups
}

/// Whether nothing but a gap or two stands between the groups.
fn joined(glyphs: &[Glyph], groups: &[Group]) -> bool {
    groups.windows(2).all(|pair| {
        let between = &glyphs[pair[0].end..pair[1].start];
        between.len() <= MOST_GAPS && between.iter().all(|glyph| glyph.what == What::Gap)
    })
}

/// The number that the groups together are, where it is wanted.
fn number(glyphs: &[Glyph], groups: &[Group], wanted: impl Fn(Kind) -> bool) -> Option<Spotted> {
    let (first, last) = (groups.first()?.start, groups.last()?.end);
    let mut places: Vec<usize> = groups.iter().cloned().flatten().collect();
    let mut digits: Vec<u8> = places.iter().filter_map(|&place| digit(&glyphs[place])).collect();
    let mut end = last;
    let gaps = glyphs[last..].iter().take_while(|glyph| glyph.what == What::Gap).take(MOST_GAPS);
    let next = last + gaps.count();
    let x = glyphs
        .get(next)
        .is_some_and(|glyph| matches!(glyph.what, What::Other('X' | 'x' | 'Ｘ' | 'ｘ')));
    if x && digits.len() == 17 {
        digits.push(10);
        places.push(next);
        end = next + 1;
    }
    if !LENGTHS.contains(&digits.len()) {
        return None;
    }
    let letter = |place: usize| {
        glyphs.get(place).is_some_and(|glyph| match glyph.what {
            What::Other(c) => c.is_ascii_alphanumeric(),
            _ => false,
        })
    };
    if letter(end) || first.checked_sub(1).is_some_and(letter) {
        return None;
    }
    let start = first.saturating_sub(LABEL);
    let label: String = glyphs[start..first]
        .iter()
        .map(|glyph| match glyph.what {
            What::Other(c) => c,
            _ => ' ',
        })
        .collect();
    let lengths: Vec<usize> = groups.iter().map(Group::len).collect();
    let kind = kind::kind(&digits, &lengths, &label).filter(|kind| wanted(*kind))?;
    let bytes = |place: usize| glyphs[place].at..glyphs[place].at + glyphs[place].length;
    Some(Spotted { kind, digits: places.into_iter().map(bytes).collect() })
}

/// Digits of the shortest and of the longest of these numbers.
const LENGTHS: std::ops::RangeInclusive<usize> = 11..=19;
/// What stands before a number tells what it is, so many characters far.
const LABEL: usize = 14;

fn digit(glyph: &Glyph) -> Option<u8> {
    match glyph.what {
        What::Digit(digit) => Some(digit),
        _ => None,
    }
}
