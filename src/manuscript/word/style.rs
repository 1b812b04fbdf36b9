//! Styles of paragraphs and letters: what they inherit, and what they say of a paragraph's part.

use std::collections::HashMap;

use super::super::block::{Align, Form, Role};
use super::super::xml::Element;
use super::align;

/// The styles of a file.
#[derive(Default)]
pub(super) struct Styles {
    known: HashMap<String, Style>,
    /// The style of paragraphs that name none.
    usual: Option<String>,
    size: Option<u32>,
}

/// One style as written.
#[derive(Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    look: Look,
}

/// What a style, a paragraph or a run says of itself; what it does not say it inherits.
#[derive(Clone, Default)]
struct Look {
    align: Option<Align>,
    outline: Option<u8>,
    list: Option<(Option<String>, Option<usize>)>,
    letters: Letters,
}

/// How letters look, as far as it is said.
#[derive(Clone, Debug, Default)]
pub(super) struct Letters {
    bold: Option<bool>,
    italic: Option<bool>,
    hidden: Option<bool>,
    struck: Option<bool>,
    below: Option<bool>,
    above: Option<bool>,
    size: Option<u32>,
    /// 黑体 or another face that headings have.
    heading_face: Option<bool>,
}

/// All that is known of a paragraph before its runs.
pub(super) struct OfParagraph {
    pub(super) align: Align,
    pub(super) role: Role,
    /// The list it belongs to, and its level there.
    pub(super) list: Option<(String, usize)>,
    pub(super) form: Form,
    pub(super) is_contents: bool,
    letters: Letters,
}

/// Styles are based on one another so many times at most.
const LONGEST_LINE: usize = 24;

impl Styles {
    pub(super) fn of(part: &Element) -> Self {
        let mut styles = Self {
            size: part
                .child("w:docDefaults")
                .and_then(|defaults| defaults.below("w:rPr"))
                .and_then(|run| run.value("w:sz")?.parse().ok()),
            ..Self::default()
        };
        for node in part.elements().filter(|node| &*node.name == "w:style") {
            let Some(id) = node.attr("w:styleId") else { continue };
            let is_usual = matches!(node.attr("w:default"), Some("1" | "true"))
                && node.attr("w:type") == Some("paragraph");
            if is_usual {
                styles.usual = Some(id.to_owned());
            }
            let style = Style {
                name: node.value("w:name").unwrap_or_default().to_ascii_lowercase(),
                based_on: node.value("w:basedOn").map(str::to_owned),
                look: look(node.child("w:pPr"), node.child("w:rPr")),
            };
            styles.known.insert(id.to_owned(), style);
        }
        styles
    }

    /// What is known of a paragraph with these properties.
    pub(super) fn paragraph(&self, properties: Option<&Element>) -> OfParagraph {
        let id = properties.and_then(|properties| properties.value("w:pStyle"));
        let id = id.or(self.usual.as_deref());
        let mut all = self.inherited(id);
        let own = look(properties, None);
        all.align = own.align.or(all.align);
        all.outline = own.outline.or(all.outline);
        all.list = match (own.list, all.list) {
            (Some((number, level)), Some((number_above, level_above))) => {
                Some((number.or(number_above), level.or(level_above)))
            }
            (own, above) => own.or(above),
        };
        all.letters.size = all.letters.size.or(self.size);
        let names: Vec<&str> = self.line(id).map(|style| style.name.as_str()).collect();
        let list = all.list.and_then(|(number, level)| Some((number?, level.unwrap_or(0))));
        OfParagraph {
            align: all.align.unwrap_or_default(),
            role: role(&names, all.outline),
            list: list.filter(|(number, _)| number != "0"),
            form: form(&all.letters),
            is_contents: names.first().is_some_and(|name| name.starts_with("toc ")),
            letters: all.letters,
        }
    }

    /// The letters of a run in `paragraph`.
    pub(super) fn run(&self, paragraph: &OfParagraph, properties: Option<&Element>) -> Letters {
        let Some(properties) = properties else { return paragraph.letters.clone() };
        let style = self.inherited(properties.value("w:rStyle")).letters;
        let own = look(None, Some(properties)).letters;
        own.over(&style.over(&paragraph.letters))
    }

    /// A style and what it is based on.
    fn line<'s>(&'s self, id: Option<&str>) -> impl Iterator<Item = &'s Style> {
        let first = id.and_then(|id| self.known.get(id));
        let next = |style: &&Style| self.known.get(style.based_on.as_deref()?);
        std::iter::successors(first, next).take(LONGEST_LINE)
    }

    fn inherited(&self, id: Option<&str>) -> Look {
        self.line(id).fold(Look::default(), |own, above| {
            let above = &above.look;
            Look {
                align: own.align.or(above.align),
                outline: own.outline.or(above.outline),
                list: own.list.or_else(|| above.list.clone()),
                letters: own.letters.over(&above.letters),
            }
        })
    }
}

impl Letters {
    fn over(&self, above: &Self) -> Self {
        Self {
            bold: self.bold.or(above.bold),
            italic: self.italic.or(above.italic),
            hidden: self.hidden.or(above.hidden),
            struck: self.struck.or(above.struck),
            below: self.below.or(above.below),
            above: self.above.or(above.above),
            size: self.size.or(above.size),
            heading_face: self.heading_face.or(above.heading_face),
        }
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.hidden == Some(true)
    }

    pub(super) fn is_struck(&self) -> bool {
        self.struck == Some(true)
    }

    pub(super) fn size(&self) -> Option<u32> {
        self.size
    }
}

/// How letters look in a body: 黑体 is the bold of documents.
pub(super) fn form(letters: &Letters) -> Form {
    Form {
        bold: letters.bold == Some(true) || letters.heading_face == Some(true),
        italic: letters.italic == Some(true),
        below: letters.below == Some(true),
        above: letters.above == Some(true),
        link: None,
    }
}

fn look(paragraph: Option<&Element>, run: Option<&Element>) -> Look {
    let number = paragraph.and_then(|properties| properties.child("w:numPr"));
    let outline = paragraph.and_then(|properties| properties.value("w:outlineLvl")?.parse().ok());
    Look {
        align: paragraph.and_then(|properties| Some(align(properties.value("w:jc")?))),
        // Nine and above is text.
        outline: outline.filter(|&level: &u8| level < 9),
        list: number.map(|number| {
            let level = number.value("w:ilvl").and_then(|level| level.parse().ok());
            (number.value("w:numId").map(str::to_owned), level)
        }),
        letters: run.map(letters).unwrap_or_default(),
    }
}

fn letters(run: &Element) -> Letters {
    let place = run.value("w:vertAlign");
    let either = |a: Option<bool>, b: Option<bool>| match (a, b) {
        (None, None) => None,
        (a, b) => Some(a == Some(true) || b == Some(true)),
    };
    let face = run.child("w:rFonts").and_then(|fonts| fonts.attr("w:eastAsia"));
    Letters {
        bold: run.switch("w:b"),
        italic: run.switch("w:i"),
        hidden: run.switch("w:vanish"),
        struck: either(run.switch("w:strike"), run.switch("w:dstrike")),
        below: place.map(|place| place == "subscript"),
        above: place.map(|place| place == "superscript"),
        size: run.value("w:sz").and_then(|size| size.parse().ok()),
        heading_face: face.map(|face| matches!(face, "黑体" | "SimHei" | "方正黑体_GBK")),
    }
}

/// What a paragraph is by the names of its style and of those above it, and by its outline level.
fn role(names: &[&str], outline: Option<u8>) -> Role {
    for name in names {
        match *name {
            "title" | "标题" | "文章标题" | "正文标题" => return Role::Title,
            "caption" | "题注" | "图注" => return Role::Caption,
            _ => {}
        }
        let level = name.strip_prefix("heading ").or_else(|| name.strip_prefix("标题 "));
        if let Some(level) = level.and_then(|level| level.trim().parse::<u8>().ok()) {
            return Role::Heading(level.clamp(1, 3));
        }
    }
    outline.map_or(Role::Text, |level| Role::Heading((level + 1).min(3)))
}
