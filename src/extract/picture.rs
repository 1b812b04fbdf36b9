//! One picture: its real address behind lazy loading, its words, and whether it is one at all.

use std::sync::LazyLock;

use dom_query::Element;
use regex::Regex;
use url::Url;

use crate::model::Image;
use crate::text::{plain, web};

/// Where templates put the real address; `src` is often a placeholder.
const ADDRESSES: &[&str] = &[
    "data-original",
    "data-src",
    "data-lazy-src",
    "data-lazyload",
    "data-echo",
    "_src",
    "src",
    "oldsrc",
];

/// Smaller pictures are bullets and buttons (pixels).
const SMALLEST: u32 = 40;

/// The picture that `element` shows, unless it is decoration.
pub(super) fn of(element: &Element, base: &Url) -> Option<Image> {
    let size = |key: &str| {
        let value = element.attr(key)?;
        value.trim().trim_end_matches("px").parse::<u32>().ok()
    };
    let tiny = |key: &str| size(key).is_some_and(|size| size < SMALLEST);
    if tiny("width") || tiny("height") {
        return None;
    }
    let url = ADDRESSES
        .iter()
        .filter_map(|key| element.attr(key))
        .filter_map(|value| web::resolve(base, &value))
        .find(|url| !PLACEHOLDER.is_match(url.path()))?;
    if DECORATION.is_match(url.path()) {
        return None;
    }
    let words =
        |key: &str| element.attr(key).map(|value| plain::one_line(&value)).unwrap_or_default();
    let alt = [words("alt"), words("title")].into_iter().find(|words| !words.is_empty());
    let alt = alt.unwrap_or_default();
    if alt.contains("二维码") || alt.contains("扫一扫") {
        return None;
    }
    let alt = if is_file_name(&alt) { String::new() } else { alt };
    Some(Image { url, alt, caption: String::new() })
}

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)/(?:blank|spacer|loading|placeholder|grey|gray|lazy(?:load)?|pixel|transparent|1x1|space|nopic|default)[\w-]*\.(?:gif|png|jpe?g|svg)$")
        .expect("the pattern is valid")
});

static DECORATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)/(?:icons?|fileicons?|filetypes?|file_type|sysimage|emoticons?|smil\w*|face|skins?|templ(?:ate|et)s?|themes?|css)/|/(?:(?:next|prev)_?page|ico|icon|btn|arrow|logo|ewm|erweima|qrcode)[\w-]*\.(?:gif|png|jpe?g|svg)$")
        .expect("the pattern is valid")
});

/// True for texts that are the name of a file rather than words.
pub(super) fn is_file_name(text: &str) -> bool {
    FILE_NAME.is_match(text.trim())
}

static FILE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\S.{0,120}\.(?:jpe?g|png|gif|bmp|webp|tiff?)$|^(?:微信图片_?|img_?|dsc_?|image|图片|w0?20)[\d_\-()（）]*$|^[\d_\-]{6,}$|^[a-z\d_\-]*\d{6}[a-z\d_\-]*$")
        .expect("the pattern is valid")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_no_words() {
        for name in
            ["IMG_2026.jpg", "微信图片_20260102", "003abc20260925", "20260102_1", "合影.png"]
        {
            assert!(is_file_name(name), "{name}");
        }
        for words in ["座谈会现场", "A股走势", "2026年会", "Chamber 2026"] {
            assert!(!is_file_name(words), "{words}");
        }
    }

    #[test]
    fn pictures_of_the_template_are_decoration() {
        for path in
            ["/skin/a/banner.jpg", "/images/qrcode.png", "/img/next_page.jpg", "/templates/x/1.jpg"]
        {
            assert!(DECORATION.is_match(path), "{path}");
        }
        for path in ["/upload/a.jpg", "/W020260102.jpg", "/images/202601/page.jpg"] {
            assert!(!DECORATION.is_match(path), "{path}");
        }
    }
}
