//! Placeholders of a draft → addresses and materials of the account.

use super::words;

/// A text with its placeholders filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub content: String,
    /// The placeholders that nothing was known for, each once, in reading order: `asset:3fa8…`.
    /// They stand in the text as they were.
    pub left: Vec<String>,
}

/// Fills the placeholders of a field of a draft: `value` is asked for `asset:SHA256`, `cover` and
/// `cover:SHA256`. Values are escaped for HTML; material ids have nothing to escape.
pub fn fill(content: &str, mut value: impl FnMut(&str) -> Option<String>) -> Filled {
    let mut filled = Filled::default();
    let mut rest = content;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.content.push_str(before);
        let name = after.split_once("}}").map(|(name, _)| name).filter(|name| is_placeholder(name));
        let Some(name) = name else {
            filled.content.push_str("{{");
            rest = after;
            continue;
        };
        match value(name) {
            Some(value) => filled.content.push_str(&words::attribute(&value)),
            None => {
                filled.content.extend(["{{", name, "}}"]);
                if !filled.left.iter().any(|left| left == name) {
                    filled.left.push(name.to_owned());
                }
            }
        }
        rest = &after[name.len() + 2..];
    }
    filled.content.push_str(rest);
    filled
}

fn is_placeholder(name: &str) -> bool {
    let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    name == "cover"
        || ["asset:", "cover:"].iter().any(|kind| name.strip_prefix(kind).is_some_and(is_hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_those_that_stay_are_named() {
        let (one, two) = ("a".repeat(64), "b".repeat(64));
        let content = format!(
            "{{{{x}}}}<img src=\"{{{{asset:{one}}}}}\">{{{{asset:{two}}}}}{{{{asset:{two}}}}}{{{{"
        );
        let filled = fill(&content, |name| {
            name.ends_with(&one).then(|| "https://m.test/0?a=1&b=\"".to_owned())
        });
        assert_eq!(filled.left, [format!("asset:{two}")]);
        assert!(
            filled
                .content
                .starts_with("{{x}}<img src=\"https://m.test/0?a=1&amp;b=&quot;\">{{asset:bb")
        );
        assert!(filled.content.ends_with("}}{{"));
        assert_eq!(fill("{{cover}}", |_| Some("id_-1".to_owned())).content, "id_-1");
        assert_eq!(fill("", |_| None), Filled::default());
    }
}
