//! Files that a page shows in a frame: `<iframe src=a.pdf>`, `<embed>`, `<object>`, a viewer with
//! `?file=`, or a script that opens one.

use std::sync::LazyLock;

use dom_query::{Element, NodeRef};
use regex::Regex;

use super::block::Ground;
use crate::model::Attachment;
use crate::text::{plain, web};

/// The file that `element` shows.
pub(super) fn file(
    node: &NodeRef<'_>,
    element: &Element,
    ground: Ground<'_>,
) -> Option<Attachment> {
    let name: &str = &element.name.local;
    let address = match name {
        "iframe" | "embed" | "object" => ["src", "data", "data-src"]
            .iter()
            .filter_map(|key| element.attr(key))
            .find_map(|address| document(&address, ground)),
        "script" => {
            let text = node.text();
            text.contains(".pdf").then(|| {
                let found = IN_SCRIPT.captures(&text)?;
                document(&found[1], ground)
            })?
        }
        _ => element.attr("pdfsrc").and_then(|address| document(&address, ground)),
    }?;
    let title = element.attr("title").map(|title| plain::one_line(&title)).unwrap_or_default();
    let segment = address.path_segments().and_then(Iterator::last).unwrap_or_default();
    let file = percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned();
    let name = if title.is_empty() { file } else { title };
    Some(Attachment { url: address, name })
}

static IN_SCRIPT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"["']([^"'\s<>]+\.pdf)["']"#).expect("the pattern is valid"));

/// `address` where it is a file, or the file that it hands to a viewer.
fn document(address: &str, ground: Ground<'_>) -> Option<url::Url> {
    let url = web::resolve(ground.base, address)?;
    if ground.is_document(&url) {
        return Some(url);
    }
    url.query_pairs().find_map(|(_, value)| {
        let url = web::resolve(&url, &value)?;
        ground.is_document(&url).then_some(url)
    })
}

#[cfg(test)]
mod tests {
    use super::super::block::{self, Kind};
    use super::*;
    use crate::text::dom;

    #[test]
    fn frames_viewers_and_scripts_show_files() {
        for (html, wanted) in [
            ("<iframe src='a.pdf'></iframe>", "http://a.test/x/a.pdf"),
            ("<embed src=/f/b.PDF type=application/pdf>", "http://a.test/f/b.PDF"),
            ("<object data='c.pdf'></object>", "http://a.test/x/c.pdf"),
            (
                "<iframe src='/pdfjs/web/viewer.html?file=/upload/%E9%80%9A%E7%9F%A5.pdf'></iframe>",
                "http://a.test/upload/%E9%80%9A%E7%9F%A5.pdf",
            ),
            ("<div class=player pdfsrc='/u/d.pdf'></div>", "http://a.test/u/d.pdf"),
            ("<script>showPdf(\"/__local/e.pdf\", 600)</script>", "http://a.test/__local/e.pdf"),
            ("<iframe src='/counter.html?id=7'></iframe>", ""),
            ("<script>var a = 'b.js'</script>", ""),
        ] {
            let doc = dom::parse(&format!("<div>{html}</div>")).unwrap();
            let base = "http://a.test/x/y.html".parse().unwrap();
            let dropped = Default::default();
            let ground = Ground { base: &base, dropped: &dropped, endings: &[] };
            let blocks = block::read(&[doc.body().unwrap()], ground);
            let files: Vec<String> = blocks
                .into_iter()
                .filter(|block| block.kind == Kind::Files)
                .flat_map(|block| block.files)
                .map(|file| file.url.to_string())
                .collect();
            assert_eq!(files.join(" "), wanted, "in {html}");
        }
    }
}
