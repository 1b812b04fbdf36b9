//! Looks at a website that nobody has described yet.
//!
//! In: decoded pages and their addresses; out: what the site says of itself ([`facts()`]), the family
//! it belongs to ([`recognise`]), pages that may be its columns ([`candidates`], [`calls`]), its links to
//! sister sites ([`sisters()`]), and a commented site file ([`Proposal`]). No I/O: who calls it
//! fetches the pages and reads the lists.

mod candidate;
mod columns;
mod facts;
mod family;
mod ids;
mod level;
mod names;
mod proposal;
mod sisters;

pub use candidate::{Candidate, Place};
pub use columns::{article_address, calls, candidates};
pub use facts::{Facts, facts};
pub use family::{Evidence, Marks, Recognition, recognise};
pub use ids::{column_id, site_id};
pub use level::{level, short_name};
pub use names::{tags, weight};
pub use proposal::{ColumnPlan, Proposal};
pub use sisters::{Sister, Sisters, sisters};

#[cfg(test)]
mod tests {
    use proptest::strategy::Strategy as _;
    use url::Url;

    use super::*;

    proptest::proptest! {
        #[test]
        fn any_page_is_looked_at_without_a_panic(
            parts in proptest::collection::vec(
                proptest::prop_oneof![
                    "\\PC{0,12}",
                    proptest::sample::select(vec![
                        "<a href='", "/yw/", "'>", "更多", "MORE", "İmore", "</a>", "<h3>", "<select>",
                        "<option value=http://b.test/>", "<title>", "首页_", "版权所有", "主办单位：",
                        "标识码：", "3200000099", "当前位置：", "$.get('/api/list", "<li>", "<ul>",
                    ]).prop_map(str::to_owned),
                ],
                0..24,
            )
        ) {
            let html = parts.concat();
            let url = Url::parse("http://a.test/x/").expect("an address");
            for candidate in candidates(&html, &url).unwrap_or_default() {
                let id = column_id(&candidate.name, &candidate.url, &[]);
                proptest::prop_assert!(crate::model::ColumnId::new("a".parse().expect("a name"), &id).is_ok());
            }
            let facts = facts(&html, &url).unwrap_or_default();
            let name = facts.name.clone().unwrap_or_default();
            short_name(&name);
            level(&name, facts.region());
            tags(&name);
            proptest::prop_assert!(sisters(&html, &url).unwrap_or_default().iter().all(|g| !g.sites.is_empty()));
            calls(&html, &url);
        }
    }
}
