//! Whether two texts are the same, whatever their punctuation, width and markup.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

/// Letters of a cut title that must stand for the whole of it.
const STEM: usize = 6;
/// Letters that are compared at once.
const GRAM: usize = 4;

/// The letters and digits of a text, of one width and one case.
pub(super) fn letters(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// True where `found` is `known`, or as much of it as a list shows before it cuts.
pub fn is_same_title(found: &str, known: &str) -> bool {
    let (ours, theirs) = (letters(found), letters(known));
    if ours.is_empty() {
        return false;
    }
    let cut = |text: &str| text.trim_end().ends_with(['…', '.']);
    let stands_for =
        |short: &str, long: &str| short.chars().count() >= STEM && long.starts_with(short);
    ours == theirs
        || (cut(found) && stands_for(&ours, &theirs))
        || (cut(known) && stands_for(&theirs, &ours))
}

/// How much two texts have in common, 0 to 1: twice the runs of four letters that both have, of all
/// that they have.
pub fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (letters(a), letters(b));
    let (ours, theirs) = (grams(&a), grams(&b));
    let size = |grams: &HashMap<&str, u32>| grams.values().map(|&n| f64::from(n)).sum::<f64>();
    let all = size(&ours) + size(&theirs);
    if all == 0.0 || a == b {
        return if a == b { 1.0 } else { 0.0 };
    }
    let shared: f64 = ours
        .iter()
        .map(|(gram, &count)| f64::from(count.min(theirs.get(gram).copied().unwrap_or(0))))
        .sum();
    2.0 * shared / all
}

/// The runs of letters of a text with how often they occur; a shorter text is one run.
fn grams(text: &str) -> HashMap<&str, u32> {
    let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    starts.push(text.len());
    let mut grams = HashMap::new();
    if starts.len() <= GRAM && !text.is_empty() {
        grams.insert(text, 1);
    }
    for window in starts.windows(GRAM + 1) {
        *grams.entry(&text[window[0]..window[GRAM]]).or_insert(0) += 1;
    }
    grams
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_the_same_whatever_stands_around_them() {
        let known = "市工商联召开“民营企业”座谈会听取意见建议";
        for (found, wanted) in [
            ("·市工商联召开 民营企业 座谈会听取意见建议", true),
            ("市工商联召开“民营企业”座谈会…", true),
            ("市工商联召开“民营企业”座谈会", false),
            ("2026-11-18市工商联召开“民营企业”座谈会听取意见建议", false),
            ("市工…", false),
            ("", false),
            ("…", false),
        ] {
            assert_eq!(is_same_title(found, known), wanted, "{found}");
        }
        assert!(is_same_title("ＡＩ＋制造业😀2026", "AI+制造业 2026"));
        assert!(!is_same_title("…", "…"));
    }

    #[test]
    fn likeness_falls_with_what_is_missing_and_with_what_is_too_much() {
        let text = "第一段说明会议的背景。第二段记录代表的发言。第三段写明下一步的安排。";
        assert_eq!(likeness(text, &text.replace('。', "，\n")), 1.0);
        assert_eq!((likeness("", ""), likeness(text, ""), likeness("会", "会")), (1.0, 0.0, 1.0));
        let half = &text[..text.len() / 2 / 3 * 3];
        assert!(likeness(text, half) < 0.75);
        assert!(
            likeness(text, &format!("{text}上一篇下一篇打印关闭版权所有联系我们网站地图")) < 0.85
        );
    }
}
