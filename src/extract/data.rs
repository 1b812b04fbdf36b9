//! JSON that a page carries in a script: schema.org data, or what its own scripts build it from.

use dom_query::NodeRef;
use serde_json::Value;

/// The JSON of the first of `scripts` of a JSON type that can be read: `application/ld+json` first, then
/// any other.
pub(super) fn of<'a>(scripts: impl Iterator<Item = NodeRef<'a>>) -> Option<Value> {
    let scripts: Vec<_> = scripts
        .filter_map(|node| {
            let kind = node.attr("type")?.trim().to_ascii_lowercase();
            kind.ends_with("json").then(|| (kind, node.text()))
        })
        .collect();
    let linked = scripts.iter().filter(|(kind, _)| kind == "application/ld+json");
    let others = scripts.iter().filter(|(kind, _)| kind != "application/ld+json");
    linked.chain(others).find_map(|(_, text)| serde_json::from_str(text.trim()).ok())
}
