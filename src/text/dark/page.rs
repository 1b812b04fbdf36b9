//! The dark version of a laid-out article.

use std::collections::HashMap;

use dom_query::{NodeId, NodeRef};

use super::style::{Style, is_border, is_ground, replace};
use super::{Colour, DAY_PAGE, DAY_TEXT, PAGE, TEXT, background_on, ink, mixed};
use crate::text::dom;

/// What an element stands on, and what it hands down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    /// The background at night.
    pub(super) ground: Colour,
    /// The background by day.
    pub(super) day_ground: Colour,
    /// The colour of text at night.
    pub(super) ink: Colour,
    /// The colour of text by day.
    pub(super) day_ink: Colour,
    /// A picture lies under the text: its colour stays.
    pub(super) on_picture: bool,
}

const OUTSIDE: Scene =
    Scene { ground: PAGE, day_ground: DAY_PAGE, ink: TEXT, day_ink: DAY_TEXT, on_picture: false };

/// `html` as readers see it at night.
///
/// Inline styles are converted element by element, as the platform does it. The result is meant to
/// stand on [`PAGE`] with [`TEXT`] as the default; what cannot be parsed (too deep, too large)
/// comes back as it is.
pub fn dark_html(html: &str) -> String {
    let Ok(document) = dom::parse(html) else { return html.to_owned() };
    let Some(body) = body(&document) else { return html.to_owned() };
    each(&body, |node, style, _, scene| {
        if let Some(style) = style {
            node.set_attr("style", &converted(style, scene.0, scene.1).written());
        }
    });
    body.inner_html().to_string()
}

pub(super) fn body(document: &dom_query::Document) -> Option<NodeRef<'_>> {
    dom::descendants(&document.root()).find(|node| node.has_name("body"))
}

/// Visits the elements below `root` with their styles, the scene around each, and the one within.
pub(super) fn each<'a>(
    root: &NodeRef<'a>,
    mut visit: impl FnMut(&NodeRef<'a>, Option<&Style>, Option<&Style>, (Scene, Scene)),
) {
    let mut known: HashMap<NodeId, (Scene, Option<Style>)> = HashMap::new();
    known.insert(root.id, (OUTSIDE, None));
    for node in dom::descendants(root).skip(1).filter(NodeRef::is_element) {
        let parent = node.parent().map_or(root.id, |parent| parent.id);
        let (around, outer) = known.get(&parent).cloned().unwrap_or((OUTSIDE, None));
        let style = node.attr("style").map(|style| Style::parse(&style));
        let within = style.as_ref().map_or(around, |style| inside(style, around));
        visit(&node, style.as_ref(), outer.as_ref(), (around, within));
        known.insert(node.id, (within, style));
    }
}

/// The scene within an element of this style.
fn inside(style: &Style, around: Scene) -> Scene {
    let mut scene = around;
    scene.on_picture |= style.has_picture();
    if let Some(colour) = mixed(&style.grounds()).filter(|colour| colour.alpha >= super::FAINT) {
        scene.ground = background_on(colour, around.ground).over(around.ground);
        scene.day_ground = colour.over(around.day_ground);
        // The platform works out the colour of text anew where a box does not say it.
        scene.ink = ink(around.day_ink, scene.ground);
    }
    if let Some(colour) = style.ink() {
        scene.day_ink = colour;
        scene.ink = if scene.on_picture { colour } else { ink(colour, scene.ground) };
    }
    scene
}

fn converted(style: &Style, around: Scene, within: Scene) -> Style {
    let flat = style.has_gradient().then(|| mixed(&style.grounds())).flatten();
    let mut out = Style::default();
    for (name, value) in &style.0 {
        let value = match name.as_str() {
            "color" => replace(value, |_| Some(within.ink)),
            name if is_ground(name) && !style.has_picture() => {
                let dark = |colour| Some(background_on(flat.unwrap_or(colour), around.ground));
                match flat.and_then(dark).filter(|_| value.contains("gradient(")) {
                    Some(flat) => format!("linear-gradient({flat},{flat})"),
                    None => replace(value, dark),
                }
            }
            "text-shadow" => replace(value, |colour| Some(background_on(colour, around.ground))),
            name if is_border(name) => replace(value, |colour| Some(ink(colour, PAGE))),
            _ => value.clone(),
        };
        out.0.push((name.clone(), value));
    }
    if !style.grounds().is_empty() && style.ink().is_none() {
        out.0.push(("color".to_owned(), within.ink.to_string()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_converted_as_the_platform_does_it() {
        for (light, dark) in [
            ("<p style=\"color:#333\">字</p>", "<p style=\"color:#a3a3a3\">字</p>"),
            (
                "<section style=\"background-color:#f7f7f7;color:#3f3f3f\"><p style=\"color:#888\">字</p></section>",
                "<section style=\"background-color:#212121;color:#a7a7a7\"><p style=\"color:#888888\">字</p></section>",
            ),
            // A box that does not say the colour of its text gets one.
            (
                "<section style=\"background:#fff\">字</section>",
                "<section style=\"background:#191919;color:#a3a3a3\">字</section>",
            ),
            (
                "<section style=\"background:linear-gradient(#c00000, #7a0c10);color:#fff\">字</section>",
                "<section style=\"background:linear-gradient(#7a0c10,#7a0c10);color:#ffffff\">字</section>",
            ),
            (
                "<p style=\"border-bottom:1px solid #c00000;border-radius:3px\">字</p>",
                "<p style=\"border-bottom:1px solid #ff150d;border-radius:3px\">字</p>",
            ),
            (
                "<p style=\"text-shadow:1px 1px #fff\">字</p>",
                "<p style=\"text-shadow:1px 1px #191919\">字</p>",
            ),
            (
                "<section style=\"background:url(a.png)\"><p style=\"color:#333\">字</p></section>",
                "<section style=\"background:url(a.png)\"><p style=\"color:#333333\">字</p></section>",
            ),
            ("<p>字</p><img style=\"width:100%\">", "<p>字</p><img style=\"width:100%\">"),
        ] {
            assert_eq!(dark_html(light), dark);
        }
    }

    #[test]
    fn what_cannot_be_parsed_comes_back() {
        let deep = "<div>".repeat(600);
        assert_eq!(dark_html(&deep), deep);
        assert_eq!(dark_html(""), "");
    }
}
