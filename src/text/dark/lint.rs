//! What makes an article ugly, or hard to read, at night.

use dom_query::{NodeData, NodeRef};

use super::page::{Scene, body, each};
use super::style::Style;
use super::{BRIGHTEST_BACKGROUND, WHITE};
use crate::text::{dom, plain};

/// Text with less contrast is hard to read at night (WCAG 2.2 asks that much of large text).
const CONTRAST: f64 = 3.0;
/// Characters of the words that a trap is known by.
const WORDS: usize = 20;

/// Something that makes an article ugly at night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// What it is.
    pub kind: TrapKind,
    /// The first words in the element, so that it can be found.
    pub words: String,
    /// Its inline style.
    pub style: String,
}

/// What makes an article ugly at night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrapKind {
    /// A pale coloured background stays a bright box.
    BrightBox,
    /// A gradient under text becomes one flat colour.
    Gradient,
    /// A box in a box says only its background, or only the colour of its text.
    HalfColoured,
    /// `!important` is taken away, and beats the converted colour before that.
    Important,
    /// Text can hardly be told from its background once both are converted.
    LowContrast,
}

impl TrapKind {
    /// Stable and kebab-case: `dark-bright-box`.
    pub fn code(self) -> &'static str {
        match self {
            Self::BrightBox => "dark-bright-box",
            Self::Gradient => "dark-gradient",
            Self::HalfColoured => "dark-half-coloured",
            Self::Important => "dark-important",
            Self::LowContrast => "dark-low-contrast",
        }
    }

    /// What it is and what to do, in Chinese and in English.
    pub fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::BrightBox => (
                "浅彩色底框在深色模式下会成为刺眼的亮块：请改用中性灰底，或深色实底配白字",
                "a pale coloured box stays bright at night: use neutral grey, or a solid dark colour with white text",
            ),
            Self::Gradient => (
                "文字下的渐变在深色模式下会变成单一颜色：请改用实色",
                "a gradient under text becomes one flat colour at night: use a solid colour",
            ),
            Self::HalfColoured => (
                "嵌套的框只设了底色或只设了字色：请两者都设",
                "a nested box sets only its background or only its text colour: set both",
            ),
            Self::Important => (
                "样式中有 !important，平台会将其删除：请去掉",
                "a style says !important, which the platform removes: take it out",
            ),
            Self::LowContrast => (
                "深色模式下文字与底色过于接近：请调整颜色",
                "text can hardly be told from its background at night: change the colours",
            ),
        }
    }
}

/// What in `html` becomes ugly at night, in reading order, each kind once an element.
pub fn traps(html: &str) -> Vec<Trap> {
    let mut found = Vec::new();
    let Ok(document) = dom::parse(html) else { return found };
    let Some(body) = body(&document) else { return found };
    each(&body, |node, style, outer, (_, within)| {
        let plain = Style::default();
        let style = style.unwrap_or(&plain);
        let kinds = kinds(node, style, outer.unwrap_or(&plain), within);
        found.extend(kinds.into_iter().map(|kind| Trap {
            kind,
            words: plain::one_line(&dom::visible_text(node)).chars().take(WORDS).collect(),
            style: style.written(),
        }));
    });
    found
}

fn kinds(node: &NodeRef<'_>, style: &Style, outer: &Style, within: Scene) -> Vec<TrapKind> {
    let grounds = style.grounds();
    let is_pale = |brightness: f64| brightness > BRIGHTEST_BACKGROUND && brightness <= WHITE;
    let bright = grounds.iter().any(|colour| colour.is_coloured() && is_pale(colour.brightness()));
    let has_ground = !grounds.is_empty();
    let nested = !outer.grounds().is_empty() && !is_inline(node);
    let lacks_ink = has_ground && style.ink().is_none();
    let lacks_ground = !has_ground && style.ink().is_some() && outer.ink().is_none();
    let apart = within.ink.over(within.ground).contrast(within.ground);
    let speaks = has_text(node) && !within.on_picture;
    [
        (TrapKind::BrightBox, bright),
        (TrapKind::Gradient, style.has_gradient() && !dom::visible_text(node).is_empty()),
        (TrapKind::HalfColoured, nested && (lacks_ink || lacks_ground)),
        (TrapKind::Important, style.is_important()),
        (TrapKind::LowContrast, speaks && apart < CONTRAST),
    ]
    .into_iter()
    .filter_map(|(kind, is_there)| is_there.then_some(kind))
    .collect()
}

fn is_inline(node: &NodeRef<'_>) -> bool {
    let is_block = node.qual_name_ref().is_some_and(|name| dom::is_block(&name.local));
    !is_block && !node.has_name("section")
}

/// Whether text stands in the element itself.
fn has_text(node: &NodeRef<'_>) -> bool {
    node.children_it(false).any(|child| {
        child.query_or(false, |inner| match &inner.data {
            NodeData::Text { contents } => contents.chars().any(|c| !c.is_whitespace()),
            _ => false,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(html: &str) -> Vec<&'static str> {
        traps(html).into_iter().map(|trap| trap.kind.code()).collect()
    }

    #[test]
    fn each_trap_is_found() {
        for (html, code) in [
            ("<p style=\"background:#fdf3f3;color:#c00000\">字</p>", "dark-bright-box"),
            (
                "<p style=\"background:linear-gradient(#c00000,#7a0c10);color:#fff\">字</p>",
                "dark-gradient",
            ),
            (
                "<section style=\"background:#f7f7f7;color:#333\"><section style=\"background:#eee\">字</section></section>",
                "dark-half-coloured",
            ),
            (
                "<section style=\"background:#f7f7f7\"><p style=\"color:#333\">字</p></section>",
                "dark-half-coloured",
            ),
            ("<p style=\"color:#333 !important\">字</p>", "dark-important"),
            ("<p style=\"background:#8fd08f;color:#fff\">字</p>", "dark-low-contrast"),
        ] {
            assert_eq!(codes(html), [code], "{html}");
        }
    }

    #[test]
    fn the_house_style_is_fine() {
        let html = "<section style=\"color:#3f3f3f\"><section style=\"background:#b01318;color:#fff\">\
                    <p style=\"color:#fff\">苏商一周</p></section><section style=\"background:#f7f7f7;\
                    color:#595959\"><p style=\"color:#595959\">编者按</p></section>\
                    <p style=\"color:#888\">来源</p></section>";
        assert_eq!(codes(html), <[&str; 0]>::default());
        assert_eq!(codes(""), <[&str; 0]>::default());
    }

    #[test]
    fn a_trap_names_its_place() {
        let trap = &traps("<p style=\"background:#fffbe6;color:#333\">会议 <b>强调</b></p>")[0];
        assert_eq!((trap.words.as_str(), trap.kind), ("会议 强调", TrapKind::BrightBox));
        assert!(trap.style.contains("#fffbe6"));
    }
}
