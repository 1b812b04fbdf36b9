//! The sentence under an item that says who stands by the text.

use super::Naming;
use crate::text::plain;

/// What a site calls itself on its own pages.
const SELF: &[&str] = &[
    "本网",
    "本站",
    "本会",
    "本网站",
    "本站原创",
    "本网讯",
    "本站讯",
    "原创",
    "工商联",
    "网站",
    "管理员",
    "admin",
    "Admin",
];

/// `来源：江苏省工商联`, or `来源：苏商天下（转自江苏省工商联）` where the site printed another's text.
pub(super) fn sentence(credit: Option<&str>, naming: &Naming) -> String {
    let site = plain::one_line(&naming.site_name);
    let source = source(credit.unwrap_or_default(), naming);
    match source {
        Some(source) if source != site => format!("来源：{source}（转自{site}）"),
        _ => format!("来源：{site}"),
    }
}

/// The source other than the site itself.
fn source(credit: &str, naming: &Naming) -> Option<String> {
    let printed = plain::one_line(credit);
    let alias = naming.source_aliases.iter().find(|(name, _)| *name == printed);
    let shown = alias.map_or(printed, |(_, shown)| shown.clone());
    if shown.is_empty() {
        return naming.default_source.as_deref().map(plain::one_line).filter(|s| !s.is_empty());
    }
    let itself = SELF.contains(&shown.as_str()) || naming.self_names.contains(&shown);
    (!itself).then_some(shown)
}
