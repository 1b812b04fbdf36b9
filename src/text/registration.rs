//! What websites print of their registration: ICP number (ICP 备案) and 网站标识码.

use std::sync::LazyLock;

use regex::Regex;

static CODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^(?:\d{10}|bm\d{8})$").expect("the pattern is valid"));
static LABELLED_CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)标识码\s*[:：]?\s*(\d{10}|bm\d{8})\b").expect("the pattern is valid")
});
static ICP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"([\u{4e00}-\u{9fff}]ICP备\s?\d{6,10}号)(?:-\d+)?").expect("the pattern is valid")
});

/// The first ICP number in `text`, with its suffix where it has one.
pub fn icp(text: &str) -> Option<&str> {
    ICP.find(text).map(|found| found.as_str())
}

/// All ICP numbers in `text`, each without the suffix that counts the sites under it.
pub fn icps(text: &str) -> impl Iterator<Item = String> {
    ICP.captures_iter(text).map(|found| bare(&found[1]))
}

/// The number that `text` is as a whole, without its suffix; `None` for anything else.
pub fn whole_icp(text: &str) -> Option<String> {
    let found = ICP.captures(text.trim())?;
    (found[0] == *text.trim()).then(|| bare(&found[1]))
}

/// Whether `text` is a 网站标识码: six digits of the area and four of the site, or `bm` and eight.
pub fn is_code(text: &str) -> bool {
    CODE.is_match(text)
}

/// The 网站标识码 that `text` prints behind its label.
pub fn labelled_code(text: &str) -> Option<String> {
    LABELLED_CODE.captures(text).map(|found| found[1].to_lowercase())
}

fn bare(number: &str) -> String {
    number.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_apart_without_their_suffix() {
        let text = "版权所有 某市工商联 苏ICP备07010100号-1 苏ICP备 12345678号 京公网安备110";
        assert_eq!(icp(text), Some("苏ICP备07010100号-1"));
        assert_eq!(icps(text).collect::<Vec<_>>(), ["苏ICP备07010100号", "苏ICP备12345678号"]);
        assert_eq!(whole_icp(" 苏ICP备07010100号-3 ").as_deref(), Some("苏ICP备07010100号"));
        for wrong in ["", "苏ICP备号", "ICP备07010100号", "苏ICP备07010100号，以及别的"]
        {
            assert_eq!(whole_icp(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn codes_of_sites() {
        assert!(is_code("3204000058") && is_code("BM12345678"));
        assert!(!is_code("320400005") && !is_code("32040000580"));
        assert_eq!(labelled_code("网站标识码：3204000058 苏").as_deref(), Some("3204000058"));
        assert_eq!(labelled_code("标识码: bm00000001").as_deref(), Some("bm00000001"));
        assert_eq!(labelled_code("邮编 3204000058"), None);
    }
}
