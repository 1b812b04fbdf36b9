//! The first sentences of a body.

use crate::model::Body;

/// Characters at most.
const LIMIT: usize = 120;
/// A summary of so many characters does not run on into the next paragraph.
const PLENTY: usize = 50;

/// The first whole sentences, captions left out; cut at a comma only where the first sentence
/// alone is too long.
pub(super) fn of(body: &Body) -> String {
    let is_caption =
        |line: &str| body.images.iter().any(|image| !line.is_empty() && line == image.caption);
    let mut summary = String::new();
    for line in body.text.lines().filter(|line| !is_caption(line)) {
        if !add(&mut summary, line) || summary.chars().count() >= PLENTY {
            break;
        }
    }
    summary
}

/// Adds the sentences of `line` that fit; false when some did not.
fn add(summary: &mut String, line: &str) -> bool {
    let mut first = true;
    for sentence in sentences(line) {
        let gap = if first { joint(summary) } else { "" };
        first = false;
        let length = summary.chars().count() + gap.len() + sentence.chars().count();
        if length > LIMIT {
            if summary.is_empty() {
                *summary = cut(sentence);
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

fn cut(sentence: &str) -> String {
    let head: String = sentence.chars().take(LIMIT - 1).collect();
    let at = head.rfind(['，', '、', '：', ',']).filter(|&at| at * 2 > head.len());
    format!("{}…", &head[..at.unwrap_or(head.len())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Image;

    fn summary(text: &str) -> String {
        of(&Body { text: text.to_owned(), ..Body::default() })
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
        let body = Body {
            text: "图为会场\n会议召开。".to_owned(),
            images: vec![image],
            ..Body::default()
        };
        assert_eq!(of(&body), "会议召开。");
    }
}
