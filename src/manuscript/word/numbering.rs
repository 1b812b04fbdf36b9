//! Numbers and bullets that Word puts before paragraphs: they are not in the text, and would be lost.

use std::collections::HashMap;

use super::super::xml::Element;

/// The lists of a file and how far each has come.
#[derive(Default)]
pub(super) struct Numbering {
    /// The levels of each list, by its number.
    lists: HashMap<String, List>,
    /// How far each has come, by the definition that lists share.
    counts: HashMap<String, [u32; LEVELS]>,
    /// Lists whose own beginning was taken.
    begun: HashMap<String, [bool; LEVELS]>,
}

/// Levels of a list (ECMA-376, 17.9.6).
const LEVELS: usize = 9;

#[derive(Clone, Default)]
struct List {
    shared: String,
    levels: Vec<Level>,
    /// Where levels begin anew with this list.
    starts: [Option<u32>; LEVELS],
}

#[derive(Clone, Debug)]
struct Level {
    format: String,
    text: String,
    start: u32,
    /// Numbers of the levels above are written in digits.
    in_digits: bool,
}

/// What stands before a paragraph.
#[derive(Debug, PartialEq)]
pub(super) enum Marker {
    Bullet,
    Text(String),
}

impl Numbering {
    pub(super) fn of(part: &Element) -> Self {
        let mut shared: HashMap<&str, Vec<Level>> = HashMap::new();
        for node in part.elements().filter(|node| &*node.name == "w:abstractNum") {
            let Some(id) = node.attr("w:abstractNumId") else { continue };
            let mut levels = vec![Level::default(); LEVELS];
            for level in node.elements().filter(|node| &*node.name == "w:lvl") {
                put(&mut levels, level);
            }
            shared.insert(id, levels);
        }
        let mut numbering = Self::default();
        for node in part.elements().filter(|node| &*node.name == "w:num") {
            let (Some(number), Some(id)) = (node.attr("w:numId"), node.value("w:abstractNumId"))
            else {
                continue;
            };
            let mut list = List {
                shared: id.to_owned(),
                levels: shared.get(id).cloned().unwrap_or_default(),
                ..List::default()
            };
            for change in node.elements().filter(|node| &*node.name == "w:lvlOverride") {
                let Some(level) = change.attr("w:ilvl").and_then(|l| l.parse::<usize>().ok())
                else {
                    continue;
                };
                let start = change.value("w:startOverride").and_then(|start| start.parse().ok());
                if let Some(place) = list.starts.get_mut(level) {
                    *place = start;
                }
                if let Some(own) = change.child("w:lvl") {
                    put(&mut list.levels, own);
                }
            }
            numbering.lists.insert(number.to_owned(), list);
        }
        numbering
    }

    /// What stands before the next paragraph of `list`, at its level.
    pub(super) fn marker(&mut self, list: Option<&(String, usize)>) -> Option<Marker> {
        let (number, level) = list?;
        let level = (*level).min(LEVELS - 1);
        let list = self.lists.get(number)?;
        let own = list.levels.get(level)?;
        if own.format == "bullet" {
            return Some(Marker::Bullet);
        }
        let counts = self.counts.entry(list.shared.clone()).or_insert([0; LEVELS]);
        let begun = self.begun.entry(number.clone()).or_insert([false; LEVELS]);
        let anew = list.starts[level].filter(|_| !begun[level]);
        begun[level] = true;
        counts[level] = match (anew, counts[level]) {
            (Some(start), _) => start,
            (None, 0) => own.start,
            (None, count) => count.saturating_add(1),
        };
        counts[level + 1..].fill(0);
        let mut text = own.text.clone();
        for (place, above) in list.levels.iter().enumerate().take(level + 1) {
            let count = if counts[place] == 0 { above.start } else { counts[place] };
            let sign = format!("%{}", place + 1);
            if text.contains(&sign) {
                let in_digits = own.in_digits && place < level;
                let format = if in_digits { "decimal" } else { &above.format };
                text = text.replace(&sign, &written(count, format));
            }
        }
        if text.is_empty() {
            return None;
        }
        // Latin marks are followed by a gap, Chinese ones have theirs.
        let gap = if text.ends_with(|c: char| c.is_ascii()) { " " } else { "" };
        Some(Marker::Text(format!("{text}{gap}")))
    }
}

impl Default for Level {
    fn default() -> Self {
        Self { format: "none".to_owned(), text: String::new(), start: 1, in_digits: false }
    }
}

/// Puts a level of a definition into its place.
fn put(levels: &mut [Level], node: &Element) {
    let at = node.attr("w:ilvl").and_then(|level| level.parse::<usize>().ok());
    if let Some(place) = at.and_then(|at| levels.get_mut(at)) {
        // Private signs of symbol fonts are bullets of some shape.
        *place = Level {
            format: node.value("w:numFmt").unwrap_or("decimal").to_owned(),
            text: node.value("w:lvlText").unwrap_or_default().chars().take(40).collect(),
            start: node.value("w:start").and_then(|start| start.parse().ok()).unwrap_or(1),
            in_digits: node.switch("w:isLgl") == Some(true),
        };
    }
}

/// A number as a format writes it (ECMA-376, 17.18.59).
fn written(count: u32, format: &str) -> String {
    let of = |signs: &str| {
        let at = (count.max(1) as usize - 1) % signs.chars().count();
        signs.chars().nth(at).map(String::from).unwrap_or_default()
    };
    let circled = |first: u32| char::from_u32(first + count - 1).map(String::from);
    match format {
        "none" => String::new(),
        "decimalZero" => format!("{count:02}"),
        "upperLetter" => of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        "lowerLetter" => of("abcdefghijklmnopqrstuvwxyz"),
        "upperRoman" => roman(count),
        "lowerRoman" => roman(count).to_lowercase(),
        "ideographTraditional" => of("甲乙丙丁戊己庚辛壬癸"),
        "ideographZodiac" => of("子丑寅卯辰巳午未申酉戌亥"),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if (1..=20).contains(&count) => {
            circled(0x2460).unwrap_or_default()
        }
        "decimalFullWidth" => {
            let wide = |c: char| char::from_u32(c as u32 + 0xFEE0).unwrap_or(c);
            count.to_string().chars().map(wide).collect()
        }
        "chineseLegalSimplified" => chinese(count, "零壹贰叁肆伍陆柒捌玖", "拾佰仟"),
        "chineseCounting"
        | "chineseCountingThousand"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "ideographDigital"
        | "koreanDigital" => chinese(count, "〇一二三四五六七八九", "十百千"),
        _ => count.to_string(),
    }
}

fn roman(count: u32) -> String {
    let steps = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let (mut left, mut text) = (count.min(3_999), String::new());
    for (value, sign) in steps {
        while left >= value {
            text.push_str(sign);
            left -= value;
        }
    }
    text
}

/// 一 to 九千九百九十九; larger numbers in digits.
fn chinese(count: u32, digits: &str, units: &str) -> String {
    let digit = |n: u32| digits.chars().nth(n as usize).unwrap_or('〇');
    if count == 0 || count > 9_999 {
        return count.to_string();
    }
    let (mut text, mut zero) = (String::new(), false);
    for place in (0..4_u32).rev() {
        let n = count / 10_u32.pow(place) % 10;
        if n == 0 {
            zero = !text.is_empty();
            continue;
        }
        if std::mem::take(&mut zero) {
            text.push(if digits.starts_with('零') { '零' } else { '〇' });
        }
        // Ten is 十, not 一十.
        if !(n == 1 && place == 1 && text.is_empty()) {
            text.push(digit(n));
        }
        text.extend(place.checked_sub(1).and_then(|unit| units.chars().nth(unit as usize)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_word_writes_them() {
        for (count, format, wanted) in [
            (3, "decimal", "3"),
            (3, "chineseCounting", "三"),
            (10, "chineseCountingThousand", "十"),
            (21, "chineseCountingThousand", "二十一"),
            (105, "japaneseCounting", "一百〇五"),
            (12, "chineseLegalSimplified", "拾贰"),
            (4, "upperRoman", "IV"),
            (28, "lowerLetter", "b"),
            (2, "ideographTraditional", "乙"),
            (3, "decimalEnclosedCircle", "③"),
            (21, "decimalEnclosedCircle", "21"),
            (12, "decimalFullWidth", "１２"),
            (0, "upperLetter", "A"),
            (u32::MAX, "chineseCounting", "4294967295"),
        ] {
            assert_eq!(written(count, format), wanted, "{format}");
        }
    }
}
