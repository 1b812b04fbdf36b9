//! Where known items stand on a list page: what leads to them, and what bears their titles.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use dom_query::{Document, NodeId, NodeRef};
use regex::Regex;
use url::Url;

use super::Way;
use super::rows::KnownRow;
use super::same::{is_same_title, letters};
use crate::text::{dom, web};

/// Known items that are looked for at most: one bit each.
pub(super) const MOST_KNOWN: usize = 64;
/// Attributes of scripted rows that name where they lead.
const LEADING: &[&str] = &["data-href", "data-url", "data-link"];
/// An address in the call of a script.
const IN_CALL: &str = r#"['"]([^'"]+)['"]"#;

static CALLED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(IN_CALL).expect("the pattern is valid"));

/// An element that leads to a known item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'a> {
    pub(super) node: NodeRef<'a>,
    pub(super) known: usize,
    /// The attribute that says where.
    pub(super) attr: &'static str,
    /// The address is an argument of a call.
    pub(super) called: bool,
}

impl Spot<'_> {
    /// How the address is had of an element that `selector` names.
    pub(super) fn way(&self, selector: &str) -> Way {
        Way::Css {
            selector: selector.to_owned(),
            attr: (self.attr != "href" || self.called).then_some(self.attr),
            regex: self.called.then(|| IN_CALL.to_owned()),
        }
    }
}

/// The spots of a page and what follows from them.
pub(super) struct Spots<'a> {
    pub(super) all: Vec<Spot<'a>>,
    /// Which items each element leads to, by itself or by what stands in it: a bit each.
    inside: HashMap<NodeId, u64>,
    /// Elements that lead anywhere.
    linked: std::collections::HashSet<NodeId>,
    pub(super) links: usize,
}

impl<'a> Spots<'a> {
    pub(super) fn of(
        document: &'a Document,
        url: &Url,
        leads: &dyn Fn(&Url) -> Option<usize>,
    ) -> Self {
        let base = dom::base(document, url);
        let mut spots = Self {
            all: Vec::new(),
            inside: HashMap::new(),
            linked: std::collections::HashSet::new(),
            links: 0,
        };
        for node in dom::descendants(&document.root()).filter(NodeRef::is_element) {
            for (attr, value) in leading(&node) {
                let called = CALLED.captures(&value).map(|found| found[1].to_owned());
                let scripted = attr == "onclick" || value.trim_start().starts_with("javascript:");
                let address = match called.filter(|_| scripted) {
                    Some(argument) => web::resolve(&base, &argument),
                    None => web::resolve(&base, &value),
                };
                let Some(address) = address else { continue };
                spots.links += 1;
                let known = leads(&address).filter(|&known| known < MOST_KNOWN);
                spots.note(node, known);
                if let Some(known) = known {
                    spots.all.push(Spot { node, known, attr, called: scripted });
                }
            }
        }
        spots
    }

    fn note(&mut self, node: NodeRef<'a>, known: Option<usize>) {
        let bit = known.map_or(0, |known| 1 << known);
        for node in std::iter::once(node).chain(node.ancestors_it(None)) {
            // Above an element that was seen with this item, all were.
            let seen = self.linked.contains(&node.id);
            let mask = self.inside.entry(node.id).or_default();
            if seen && *mask & bit == bit {
                break;
            }
            *mask |= bit;
            self.linked.insert(node.id);
        }
    }

    /// The items that `node` leads to: a bit each.
    pub(super) fn inside(&self, node: &NodeRef<'_>) -> u64 {
        self.inside.get(&node.id).copied().unwrap_or(0)
    }

    /// The only item that `node` leads to.
    pub(super) fn only(&self, node: &NodeRef<'_>) -> Option<usize> {
        let mask = self.inside(node);
        (mask.count_ones() == 1).then(|| mask.trailing_zeros() as usize)
    }

    /// True where `node` leads anywhere.
    pub(super) fn leads(&self, node: &NodeRef<'_>) -> bool {
        self.linked.contains(&node.id)
    }

    /// The items whose rows stand together in most number: those of the list, without what stands
    /// beside it or above.
    pub(super) fn together(&self) -> BTreeSet<usize> {
        let mut groups: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for spot in &self.all {
            let mut above = spot.node.ancestors_it(None);
            let Some(container) = above.find(|node| self.inside(node).count_ones() > 1) else {
                return self.found();
            };
            groups.entry(look_of(&container)).or_default().insert(spot.known);
        }
        let worth =
            |group: &BTreeSet<usize>| (group.len(), std::cmp::Reverse(group.first().copied()));
        groups.into_values().max_by_key(worth).unwrap_or_default()
    }

    /// The items that the page leads to.
    pub(super) fn found(&self) -> BTreeSet<usize> {
        self.all.iter().map(|spot| spot.known).collect()
    }
}

/// By what a container is told from others: a list may stand in several that are alike.
fn look_of(container: &NodeRef<'_>) -> String {
    let around = std::iter::once(*container).chain(container.ancestors_it(Some(2)));
    let look = |node: NodeRef<'_>| {
        let name = node.node_name().map(|name| name.to_string()).unwrap_or_default();
        let [class, id] = ["class", "id"].map(|name| node.attr(name).unwrap_or_default());
        format!("{name}.{class}#{id}")
    };
    around.map(look).collect::<Vec<_>>().join(" < ")
}

fn leading(node: &NodeRef<'_>) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if node.has_name("a") || node.has_name("area") {
        found.extend(node.attr("href").map(|href| ("href", href.to_string())));
    }
    for &name in LEADING.iter().chain(&["onclick"]) {
        found.extend(node.attr(name).map(|value| (name, value.to_string())));
    }
    found
}

/// The items whose title stands on the page though nothing there leads to them, each with where
/// the title's own link leads.
pub(super) fn moved(
    document: &Document,
    url: &Url,
    known: &[KnownRow],
    found: &BTreeSet<usize>,
) -> BTreeMap<usize, Option<Url>> {
    let base = dom::base(document, url);
    let mut titles: HashMap<String, usize> = HashMap::new();
    for (at, row) in known.iter().enumerate().filter(|(at, _)| !found.contains(at)) {
        for title in row.titles.iter().map(|title| letters(title)) {
            if title.chars().count() >= 6 {
                titles.entry(title).or_insert(at);
            }
        }
    }
    let mut moved = BTreeMap::new();
    if titles.is_empty() {
        return moved;
    }
    for node in dom::descendants(&document.root()).filter(NodeRef::is_text) {
        let text = node.text();
        let Some(&at) = titles.get(&letters(&text)) else { continue };
        if known[at].titles.iter().any(|title| is_same_title(&text, title)) {
            let mut above = node.ancestors_it(Some(3));
            let link = above.find_map(|node| web::resolve(&base, &node.attr("href")?));
            moved.entry(at).or_insert(link);
        }
    }
    moved
}
