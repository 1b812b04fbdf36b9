//! Any body at all.

use proptest::prelude::*;

use super::sample::{of, piece};
use super::*;
use crate::render::wechat::block::{Block, text_of};
use crate::render::wechat::{convert, words};

/// Markup as careless as people and programs write it.
fn markup() -> impl Strategy<Value = String> {
    let tag = prop::sample::select(vec![
        "p",
        "/p",
        "b",
        "/b",
        "strong",
        "/strong",
        "ul",
        "/ul",
        "ol",
        "/ol",
        "li",
        "/li",
        "table",
        "/table",
        "tr",
        "td",
        "th",
        "/td",
        "td colspan=3",
        "td rowspan=2",
        "br",
        "h2",
        "/h2",
        "blockquote",
        "/blockquote",
        "figure",
        "figcaption",
        "/figure",
        "/figcaption",
        "pre",
        "/pre",
        "a href='http://js.test/x.pdf'",
        "a href='https://mp.weixin.qq.com/s/1'",
        "a href='javascript:x'",
        "/a",
        "img src='http://js.test/1.jpg'",
        "img src='data:x'",
        "img",
        "p style='text-align:center;color:red' class=x id=y onclick=z",
        "section",
        "/section",
        "sup",
        "/sup",
        "sub",
        "/sub",
        "code",
        "/code",
        "div",
        "/div",
        "em",
        "svg",
        "math",
        "template",
        "caption",
        "hr",
        "form",
        "input",
        "font color=red",
        "center",
        "/center",
    ]);
    let words = prop_oneof![
        "[一-龥。，“”（）]{0,12}",
        "[ \\n\\t\u{3000}\u{a0}]{0,4}",
        "[a-z0-9<>&;{}\"' ]{0,8}",
        "[\u{200b}\u{feff}\u{202e}\u{200d}\u{1f468}\u{fe0f}\u{20000}]{0,4}",
        "\\PC{0,6}",
    ];
    let part = prop_oneof![tag.prop_map(|tag| format!("<{tag}>")), words];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

fn words_of(blocks: &[Block]) -> String {
    let one = |block: &Block| match block {
        Block::Text(paragraph) => text_of(&paragraph.runs),
        Block::Picture(picture) => text_of(&picture.caption),
        Block::Table(table) => {
            table.rows.iter().flatten().map(|cell| words_of(&cell.blocks)).collect()
        }
    };
    blocks.iter().map(one).collect()
}

fn squeezed(text: &str) -> String {
    // Whether a joiner joins depends on how the text is cut up by markup.
    words::visible(text).chars().filter(|c| !c.is_whitespace() && *c != '\u{200d}').collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_body_survives_and_is_laid_out_alike_twice(html in markup()) {
        let composition = of(DigestKind::Articles, vec![piece(1, &html)]);
        let layout = lay(&composition);
        prop_assert_eq!(&layout, &lay(&composition));
        assert_survives(&layout.articles[0].draft.content);
        assert_survives(&layout.articles[0].paste);
    }

    /// Nothing that can be read is lost, and nothing is added but markers.
    #[test]
    fn the_words_of_a_body_are_kept(html in markup()) {
        let Some(blocks) = convert::blocks(&html) else { return Ok(()) };
        if html.trim().is_empty() {
            return Ok(());
        }
        let document = dom::parse(&html).unwrap();
        let mut sorted: Vec<char> = squeezed(&dom::visible_text(&document.root())).chars().collect();
        let mut kept: Vec<char> = squeezed(&words_of(&blocks)).chars().collect();
        // Captions are told after their pictures, wherever they stood.
        sorted.sort_unstable();
        kept.sort_unstable();
        prop_assert_eq!(String::from_iter(sorted), String::from_iter(kept));
    }

    #[test]
    fn the_words_of_a_body_are_printed(paragraphs in prop::collection::vec("[一-龥a-z<&。]{1,30}", 1..12)) {
        let html: String = paragraphs.iter().map(|text| format!("<p>{}</p>", words::escaped(text))).collect();
        let layout = lay(&of(DigestKind::Articles, vec![piece(1, &html)]));
        prop_assert!(seen(&layout.articles[0].draft.content).contains(&paragraphs.concat()));
        prop_assert!(seen(&layout.articles[0].paste).contains(&paragraphs.concat()));
    }
}
