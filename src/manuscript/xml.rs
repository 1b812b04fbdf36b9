//! A small tree of the XML in office files, within limits. Nothing is fetched and no entity is
//! declared: a document type is refused.

use encoding_rs::Encoding;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Elements stand in one another at most so deep; Word itself stays below 100.
const DEEPEST: usize = 200;
/// Elements and attributes in a part at most.
const MOST: usize = 1_000_000;

/// An element with its prefix as written: `w:p`.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: Box<str>,
    attributes: Vec<(Box<str>, Box<str>)>,
    pub(super) nodes: Vec<Node>,
}

#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The elements in it.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element in it called `name`.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| &*element.name == name)
    }

    /// The first element below it called `name`, at whatever depth.
    pub(super) fn below(&self, name: &str) -> Option<&Self> {
        self.elements().find_map(|element| match &*element.name == name {
            true => Some(element),
            false => element.below(name),
        })
    }

    /// An attribute by its name as written.
    pub(super) fn attr(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }

    /// `w:val` of the child called `name`.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.child(name)?.attr("w:val")
    }

    /// Whether the child called `name` switches something on: it does unless it says otherwise.
    pub(super) fn switch(&self, name: &str) -> Option<bool> {
        let value = self.child(name)?.attr("w:val").unwrap_or("true");
        Some(!matches!(value, "0" | "false" | "off" | "none"))
    }

    /// The text in it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for node in &self.nodes {
            match node {
                Node::Text(words) => text.push_str(words),
                Node::Element(element) => text.push_str(&element.text()),
            }
        }
        text
    }
}

/// The root element of a part.
pub(super) fn parse(bytes: &[u8]) -> Result<Element, String> {
    let (encoding, skip) = Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
    let (text, lossy) = encoding.decode_without_bom_handling(&bytes[skip..]);
    if lossy {
        return Err(format!("it is not {}", encoding.name()));
    }
    let mut reader = Reader::from_str(&text);
    let mut open = vec![Element::default()];
    let mut count = 0;
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(tag) => {
                if open.len() > DEEPEST {
                    return Err(format!("elements stand in one another more than {DEEPEST} deep"));
                }
                open.push(element(&tag, &mut count)?);
            }
            Event::Empty(tag) => {
                let element = element(&tag, &mut count)?;
                add(&mut open, Node::Element(element));
            }
            Event::End(_) => {
                let Some(done) = open.pop().filter(|_| !open.is_empty()) else {
                    return Err("an element ends that never began".to_owned());
                };
                add(&mut open, Node::Element(done));
            }
            Event::Text(text) => add_text(&mut open, &text.xml10_content()),
            Event::CData(text) => add_text(&mut open, &text.xml10_content()),
            Event::GeneralRef(entity) => {
                match entity.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(c) => add_text(&mut open, c.encode_utf8(&mut [0; 4])),
                    None => {
                        let known = resolve_predefined_entity(&entity);
                        let known =
                            known.ok_or_else(|| format!("unknown entity `{}`", &*entity))?;
                        add_text(&mut open, known);
                    }
                }
            }
            Event::DocType(_) => return Err("it declares a document type".to_owned()),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty()).ok_or("it ends within an element")?;
    let first = root.nodes.into_iter().find_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    });
    first.ok_or_else(|| "it is empty".to_owned())
}

fn element(tag: &BytesStart<'_>, count: &mut usize) -> Result<Element, String> {
    let mut attributes = Vec::new();
    *count += 1;
    // Whether a name comes twice would take the square of their number to find out.
    for attribute in tag.attributes().with_checks(false) {
        *count += 1;
        if *count > MOST {
            break;
        }
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| error.to_string())?;
        attributes.push((attribute.key.0.into(), value.into()));
    }
    if *count > MOST {
        return Err(format!("it has more than {MOST} elements"));
    }
    Ok(Element { name: tag.name().0.into(), attributes, nodes: Vec::new() })
}

fn add(open: &mut [Element], node: Node) {
    if let Some(last) = open.last_mut() {
        last.nodes.push(node);
    }
}

fn add_text(open: &mut [Element], text: &str) {
    let Some(last) = open.last_mut() else { return };
    match last.nodes.last_mut() {
        Some(Node::Text(before)) => before.push_str(text),
        _ => last.nodes.push(Node::Text(text.to_owned())),
    }
}
