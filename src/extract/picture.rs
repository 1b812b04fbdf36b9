//! One picture: its real address behind lazy loading, its words, and whether it is one at all.

use std::sync::LazyLock;

use dom_query::{Element, NodeData, NodeRef};
use regex::Regex;
use url::Url;

use crate::model::Image;
use crate::text::{dom, plain, web};

/// Where templates put the real address; `src` is often a placeholder then.
const LAZY: &[&str] =
    &["data-original", "data-src", "data-lazy-src", "data-lazyload", "data-echo", "_src"];

/// Where some put it too, and others something else: only the address of a picture counts.
const PERHAPS: &[&str] = &[
    "data-original-src",
    "data-lazy-original",
    "data-lazy",
    "data-actualsrc",
    "data-url",
    "data-img",
    "lazy-src",
    "lazysrc",
    "original",
    "zoomfile",
    "file",
];

/// Smaller pictures are bullets and buttons (pixels).
const SMALLEST: u32 = 40;

/// The picture that the `img` at `node` shows, unless it is decoration.
pub(super) fn of(node: &NodeRef<'_>, element: &Element, base: &Url) -> Option<Image> {
    let size = |key: &str| {
        let value = element.attr(key)?;
        value.trim().trim_end_matches("px").parse::<u32>().ok()
    };
    let tiny = |key: &str| size(key).is_some_and(|size| size < SMALLEST);
    if tiny("width") || tiny("height") {
        return None;
    }
    image(address(element, base).or_else(|| source(node, base))?, element)
}

/// The picture at `url` with the words of `element`.
fn image(url: Url, element: &Element) -> Option<Image> {
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

/// The real address of an `img`.
fn address(element: &Element, base: &Url) -> Option<Url> {
    let one = |key: &str| {
        let url = web::resolve(base, &element.attr(key)?)?;
        (!PLACEHOLDER.is_match(url.path())).then_some(url)
    };
    let set = |key: &str| largest(&element.attr(key)?, base);
    let lazy = LAZY.iter().find_map(|key| one(key));
    let lazy = lazy.or_else(|| {
        PERHAPS.iter().find_map(|key| one(key).filter(|url| PICTURE.is_match(url.path())))
    });
    lazy.or_else(|| set("data-srcset"))
        .or_else(|| one("src"))
        .or_else(|| set("srcset"))
        .or_else(|| one("oldsrc"))
}

/// The address that the `picture` around an `img` without one offers.
fn source(img: &NodeRef<'_>, base: &Url) -> Option<Url> {
    let around = img.parent().filter(|parent| parent.has_name("picture"))?;
    let sources = around.children_it(false).filter(|child| child.has_name("source"));
    sources.into_iter().find_map(|source| {
        let set = source.attr("data-srcset").or_else(|| source.attr("srcset"))?;
        largest(&set, base)
    })
}

/// The largest picture of a `srcset`, by width or density.
fn largest(set: &str, base: &Url) -> Option<Url> {
    let mut best: Option<(f64, Url)> = None;
    // An address may hold commas, but none stands at its end (HTML, "parse a srcset attribute").
    let mut rest = set.trim_start_matches([',', ' ', '\t', '\n', '\r']);
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (address, after) = rest.split_at(end);
        let (descriptor, next) = match address.ends_with(',') {
            true => ("", after),
            false => after.split_once(',').unwrap_or((after, "")),
        };
        let size = descriptor.trim().trim_end_matches(['w', 'x']).parse().unwrap_or(1.0);
        let url = web::resolve(base, address.trim_end_matches(','));
        let url = url.filter(|url| !PLACEHOLDER.is_match(url.path()));
        if let Some(url) = url.filter(|_| best.as_ref().is_none_or(|(most, _)| size > *most)) {
            best = Some((size, url));
        }
        rest = next.trim_start_matches([',', ' ', '\t', '\n', '\r']);
    }
    best.map(|(_, url)| url)
}

/// The picture in the background of an element that holds nothing else: such a one has a height of
/// its own, or it could not be seen.
pub(super) fn background(node: &NodeRef<'_>, element: &Element, base: &Url) -> Option<Image> {
    let style = element.attr("style").filter(|style| style.contains("url("))?;
    let address = BACKGROUND.captures(&style)?.extract::<1>().1[0];
    let height = HEIGHT.captures(&style)?;
    let pixels = height.get(1).and_then(|pixels| pixels.as_str().parse::<u32>().ok());
    if pixels.is_some_and(|pixels| pixels < SMALLEST) {
        return None;
    }
    let url = web::resolve(base, address).filter(|url| !PLACEHOLDER.is_match(url.path()))?;
    let speaks = |inner: &NodeRef<'_>| {
        inner.has_name("img") || (inner.is_text() && !inner.text().trim().is_empty())
    };
    if dom::descendants(node).any(|inner| speaks(&inner)) { None } else { image(url, element) }
}

/// The picture that a `noscript` right behind a lazy one shows to readers without scripts.
pub(super) fn without_script(noscript: &NodeRef<'_>, base: &Url) -> Option<Image> {
    let before = std::iter::successors(noscript.prev_sibling(), NodeRef::prev_sibling);
    let lazy = before.into_iter().find(NodeRef::is_element)?;
    if !lazy.has_name("img") {
        return None;
    }
    let img = dom::descendants(noscript).find(|node| node.has_name("img"))?;
    img.query_or(None, |inner| match &inner.data {
        NodeData::Element(element) => of(&img, element, base),
        _ => None,
    })
}

static BACKGROUND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\bbackground(?:-image)?\s*:[^;]*?url\(\s*['"]?\s*([^'")]+?)\s*['"]?\s*\)"#)
        .expect("the pattern is valid")
});

static HEIGHT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[;\s])(?:(?:min-)?height\s*:\s*(?:(\d+)(?:\.\d+)?px|[\d.]*(?:r?em|v[hw]|%))|padding(?:-(?:top|bottom))?\s*:\s*[\d.]+%|aspect-ratio\s*:)")
        .expect("the pattern is valid")
});

/// Addresses that end as pictures do.
static PICTURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\.(?:jpe?g|png|gif|webp|bmp)$").expect("the pattern is valid")
});

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)/(?:blank|spacer|loading|placeholder|grey|gray|lazy(?:load)?|pixel|transparent|1x1|space|nopic|none|default)[\w-]*\.(?:gif|png|jpe?g|svg)$")
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
    use super::super::block::{self, Kind};
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

    #[track_caller]
    fn addresses(html: &str, wanted: &[&str]) {
        let doc = dom::parse(html).unwrap();
        let url = Url::parse("http://a.test/x/y.html").unwrap();
        let dropped = Default::default();
        let ground = block::Ground { base: &url, dropped: &dropped, endings: &[] };
        let blocks = block::read(&[doc.body().unwrap()], ground);
        let found: Vec<String> = blocks
            .into_iter()
            .filter_map(|block| match block.kind {
                Kind::Picture(image) => Some(image.url.path().to_owned()),
                _ => None,
            })
            .collect();
        assert_eq!(found, wanted, "in {html}");
    }

    #[test]
    fn lazy_pictures_are_found_wherever_their_address_stands() {
        let dot = "src='data:image/gif;base64,R0lGODlhAQABAAAAACw='";
        for html in [
            format!("<img {dot} data-src=1.jpg>"),
            format!("<img {dot} data-original=1.jpg>"),
            "<img src=/images/loading.gif data-lazy-src=1.jpg>".to_owned(),
            "<img src=static/image/common/none.gif zoomfile=1.jpg file=1.jpg>".to_owned(),
            format!("<img {dot} data-url=http://a.test/page.html data-img=1.jpg>"),
            format!("<img {dot} data-srcset='0.jpg 320w, 1.jpg 1280w,2.jpg 640w'>"),
            "<img srcset='0.jpg, 1.jpg 2x'>".to_owned(),
            "<picture><source srcset='1.jpg 2x, 0.jpg'><img alt=a></picture>".to_owned(),
            format!("<img {dot} class=lazy>\n<noscript><img src=1.jpg></noscript>"),
            "<img src=1.jpg><noscript><img src=1.jpg></noscript>".to_owned(),
            "<div style=\"height:300px;background:#eee url('1.jpg') no-repeat\"></div>".to_owned(),
            "<p><span style='background-image: url( 1.jpg );padding-bottom:56%'></span></p>"
                .to_owned(),
        ] {
            addresses(&format!("<p>第一段。</p>{html}<p>第二段。</p>"), &["/x/1.jpg"]);
        }
    }

    #[test]
    fn what_is_only_set_dressing_is_no_picture() {
        for html in [
            "<div style=\"height:300px;background:url(1.jpg)\">字</div>",
            "<div style=\"background:url(1.jpg)\"></div>",
            "<div style=\"height:20px;background:url(1.jpg)\"></div>",
            "<div style=\"height:200px;background:url(/skin/a/1.jpg)\"></div>",
            "<div style=\"height:200px;background:url(data:image/png;base64,AA)\"></div>",
            "<noscript><img src=//c.stat.test/count.gif></noscript>",
            "<img srcset='data:image/png;base64,AA 2x'>",
        ] {
            addresses(&format!("<p>第一段。</p>{html}<p>第二段。</p>"), &[]);
        }
    }

    #[test]
    fn a_srcset_may_hold_commas() {
        let base = Url::parse("http://a.test/").unwrap();
        let set = "/w_1,h_2/a.jpg 300w, /w_2,h_4/a.jpg 600w";
        assert_eq!(largest(set, &base).unwrap().path(), "/w_2,h_4/a.jpg");
        assert_eq!(largest("a.jpg,\nb.jpg 3x ,", &base).unwrap().path(), "/b.jpg");
        assert_eq!(largest(" , ", &base), None);
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
