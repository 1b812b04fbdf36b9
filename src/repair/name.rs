//! Names of elements that a selector can rely on.
//!
//! A good name says what stands there and was given by a person. Generated names change with the
//! next build of the site, and positions with the next box on the page.

use dom_query::NodeRef;

/// A selector and what it costs to rely on it: its length, and more for names that say little.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Named {
    pub(super) cost: usize,
    pub(super) text: String,
}

impl Named {
    fn new(text: String, cost: usize) -> Self {
        Self { cost: cost + text.chars().count(), text }
    }

    /// `self` somewhere below `above`.
    fn below(&self, above: &Self) -> Self {
        let text = format!("{} {}", above.text, self.text);
        Self { cost: above.cost + self.cost, text }
    }

    /// `self` right below `above`.
    fn right_below(&self, above: &Self) -> Self {
        let text = format!("{} > {}", above.text, self.text);
        Self { cost: above.cost + self.cost + 2, text }
    }
}

/// Names of looks and states, which come and go.
const WEAK: &[&str] = &[
    "active",
    "box",
    "cf",
    "clear",
    "clearfix",
    "col",
    "container",
    "cur",
    "current",
    "even",
    "fix",
    "fl",
    "first",
    "fr",
    "hot",
    "hover",
    "last",
    "left",
    "main",
    "new",
    "odd",
    "on",
    "right",
    "row",
    "selected",
    "show",
    "warp",
    "wrap",
    "wrapper",
];
/// Elements that are what they are called.
const TELLING_TAGS: &[&str] = &["article", "h1", "time", "main"];
/// What a weak name costs more.
const WEAK_COST: usize = 20;
/// What an element without a name costs more.
const BARE_COST: usize = 12;
/// What a place among siblings costs more.
const PLACE_COST: usize = 100;
/// Elements looked at above a node.
const ABOVE: usize = 6;

/// True for a name that a person gave.
fn is_telling(name: &str) -> bool {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    plain && (2..=40).contains(&name.len()) && !is_generated(name)
}

/// True for names that build tools make: `css-1q2w3e`, `list_a8F3x`, `sc-bdVaJa`, `item-20261119`.
fn is_generated(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let made = ["css-", "sc-", "jss", "jsx-", "svelte-", "emotion-", "data-v-", "ng-"];
    made.iter().any(|start| lower.starts_with(start))
        || name.chars().filter(char::is_ascii_digit).count() >= 3
        || name.split(['-', '_']).any(is_hash)
}

fn is_hash(part: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let inner = part.trim_end_matches(digit);
    let mixed = part.len() >= 5 && inner.contains(digit);
    let hex =
        part.len() >= 5 && part.contains(digit) && part.chars().all(|c| c.is_ascii_hexdigit());
    let signs: Vec<char> = part.chars().collect();
    let switches =
        signs.windows(2).filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
    let short_humps = part.len() >= 5 && part.len() <= 8 && switches.count() >= 2;
    mixed || hex || short_humps
}

/// The selectors that the node itself answers to: by id, by class, by what it is.
pub(super) fn own(node: &NodeRef<'_>) -> Vec<Named> {
    let Some(tag) = node.node_name() else { return Vec::new() };
    let mut all = Vec::new();
    if let Some(id) = node.id_attr().filter(|id| is_telling(id)) {
        all.push(Named::new(format!("#{id}"), 0));
    }
    for class in classes(node) {
        let weak = WEAK.contains(&class.to_ascii_lowercase().as_str());
        let cost = if weak { WEAK_COST } else { 0 };
        all.push(Named::new(format!(".{class}"), cost));
        all.push(Named::new(format!("{tag}.{class}"), cost));
    }
    let told = TELLING_TAGS.contains(&&*tag);
    all.push(Named::new(tag.to_string(), if told { 0 } else { BARE_COST }));
    all
}

fn classes(node: &NodeRef<'_>) -> Vec<String> {
    let all = node.class().map(|class| class.to_string()).unwrap_or_default();
    all.split_ascii_whitespace()
        .filter(|name| is_telling(name))
        .take(4)
        .map(str::to_owned)
        .collect()
}

/// The selectors of a node, its own and those that say below what it stands, cheapest first.
pub(super) fn all(node: &NodeRef<'_>) -> Vec<Named> {
    let own = own(node);
    let mut all = own.clone();
    let Some(tag) = own.last().cloned() else { return all };
    let mut chain = tag.clone();
    for (steps, above) in node.ancestors_it(Some(ABOVE)).enumerate() {
        if !above.is_element() || above.has_name("html") {
            break;
        }
        let mut names = self::own(&above);
        let bare = names.pop();
        for name in &names {
            all.extend(
                own.iter().filter(|own| !own.text.starts_with('#')).map(|own| own.below(name)),
            );
            if steps == 0 {
                all.push(tag.right_below(name));
            }
        }
        if let Some(bare) = bare.filter(|_| steps < 3) {
            chain = chain.right_below(&bare);
            all.push(chain.clone());
        }
    }
    all.extend(placed(node, &tag));
    all.sort();
    all.dedup();
    all
}

/// The node by its place among its siblings.
pub(super) fn place(node: &NodeRef<'_>) -> Option<Named> {
    let tag = node.node_name()?;
    Some(Named::new(format!("{tag}:nth-child({})", place_of(node)), PLACE_COST))
}

/// The place of the node among its siblings, from 1.
fn place_of(node: &NodeRef<'_>) -> usize {
    let before = std::iter::successors(node.prev_element_sibling(), NodeRef::prev_element_sibling);
    before.count() + 1
}

/// The node by the places of what it stands in: the last resort.
fn placed(node: &NodeRef<'_>, tag: &Named) -> Option<Named> {
    let mut path = vec![tag.text.clone()];
    for above in node.ancestors_it(Some(2 * ABOVE)) {
        let name = above.node_name()?;
        if above.has_name("body") {
            path.push(name.to_string());
            path.reverse();
            return Some(Named::new(path.join(" > "), PLACE_COST));
        }
        path.push(format!("{name}:nth-child({})", place_of(&above)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::dom;

    #[test]
    fn names_of_people_are_told_from_generated_ones() {
        for name in ["news_list", "TRS_Editor", "wzxxlb", "list2", "articleTitle", "col-md", "h3-t"]
        {
            assert!(is_telling(name), "{name}");
        }
        for name in [
            "css-1q2w3e",
            "list_a8F3x",
            "sc-bdVaJa",
            "item-20261119",
            "x",
            "9a",
            "a8f3e",
            "标题",
            "data-v-7ba5",
            "a:b",
            "名",
        ] {
            assert!(!is_telling(name), "{name}");
        }
    }

    #[test]
    fn a_name_goes_before_a_look_and_a_look_before_a_place() {
        let page =
            "<body><div class='wrap'><ul class='news clearfix'><li><a id=x7>题</a></ul></div>";
        let doc = dom::parse(page).unwrap();
        let row = doc.select("li").nodes()[0];
        let all = all(&row);
        let at = |text: &str| all.iter().position(|named| named.text == text).unwrap();
        assert!(at(".news li") < at(".clearfix li") && at("li") < at(".clearfix li"));
        assert!(all.last().unwrap().text.contains(":nth-child("), "{all:?}");
        let link = doc.select("a").nodes()[0];
        assert_eq!(own(&link)[0].text, "#x7");
    }
}
