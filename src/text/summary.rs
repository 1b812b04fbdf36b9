//! The first sentences of a body.

use crate::model::Image;

/// Characters of the summary of an item at most.
pub const LIMIT: usize = 120;

/// The first whole sentences of `text`, `limit` characters at most.
///
/// The text has a paragraph on each line; captions of `images` are left out. Cut at a comma only where
/// the first sentence alone is too long. It does not run on into a further paragraph once it has two
/// fifths of the limit.
pub fn of(text: &str, images: &[Image], limit: usize) -> String {
    let plenty = limit * 2 / 5;
    let is_caption =
        |line: &str| images.iter().any(|image| !line.is_empty() && line == image.caption);
    let mut summary = String::new();
    for line in text.lines().filter(|line| !is_caption(line)) {
        if !add(&mut summary, line, limit) || summary.chars().count() >= plenty {
            break;
        }
    }
    summary
}

/// Adds the sentences of `line` that fit; false when some did not.
fn add(summary: &mut String, line: &str, limit: usize) -> bool {
    let mut first = true;
    for sentence in sentences(line) {
        let gap = if first { joint(summary) } else { "" };
        first = false;
        let length = summary.chars().count() + gap.len() + sentence.chars().count();
        if length > limit {
            if summary.is_empty() {
                *summary = cut(sentence, limit);
            }
            return false;
        }
        summary.push_str(gap);
        summary.push_str(sentence);
    }
    true
}

/// A space after what has no final punctuation, such as a heading.
fn joint(summary: &str) -> &'static str {
    if summary.is_empty() || summary.ends_with(is_end) { "" } else { " " }
}

fn sentences(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line.trim();
    std::iter::from_fn(move || {
        let end = rest.find(is_end)?;
        // Closing quotes and brackets belong to the sentence.
        let after = rest[end..].find(|c| !is_end(c) && !"”’）」』)\"".contains(c));
        let (sentence, left) = rest.split_at(after.map_or(rest.len(), |after| end + after));
        rest = left;
        Some(sentence)
    })
    .chain(std::iter::once_with(move || tail(line.trim())))
    .filter(|sentence| !sentence.is_empty())
}

/// What stands behind the last sentence end.
fn tail(line: &str) -> &str {
    let Some(end) = line.rfind(is_end) else { return line };
    line[end..].trim_start_matches(|c| is_end(c) || "”’）」』)\"".contains(c))
}

fn is_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；')
}

fn cut(sentence: &str, limit: usize) -> String {
    let head: String = sentence.chars().take(limit.saturating_sub(1)).collect();
    let at = head.rfind(['，', '、', '：', ',']).filter(|&at| at * 2 > head.len());
    format!("{}…", &head[..at.unwrap_or(head.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(text: &str) -> String {
        of(text, &[], LIMIT)
    }

    #[test]
    fn whole_sentences_are_kept() {
        assert_eq!(
            summary("会议召开。会议强调“要走出去！”。散会"),
            "会议召开。会议强调“要走出去！”。散会"
        );
        let long = format!("{}。{}。", "前".repeat(80), "后".repeat(80));
        assert_eq!(summary(&long), format!("{}。", "前".repeat(80)));
        assert_eq!(summary("小标题\n正文开始。"), "小标题 正文开始。");
        assert_eq!(summary(""), "");
        let enough = format!("{}。\n下一段。", "前".repeat(60));
        assert_eq!(summary(&enough), format!("{}。", "前".repeat(60)));
    }

    #[test]
    fn a_long_sentence_is_cut_at_a_comma() {
        let long = format!("{}，{}。", "前".repeat(100), "后".repeat(80));
        assert_eq!(summary(&long), format!("{}…", "前".repeat(100)));
        assert_eq!(summary(&"字".repeat(300)).chars().count(), 120);
    }

    #[test]
    fn a_caption_is_no_summary() {
        let image = Image {
            url: "http://a.test/1.jpg".parse().unwrap(),
            alt: String::new(),
            caption: "图为会场".to_owned(),
        };
        assert_eq!(of("图为会场\n会议召开。", &[image], LIMIT), "会议召开。");
    }
}
