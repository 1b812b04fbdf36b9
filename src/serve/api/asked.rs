//! The parameters of a question, checked.

use std::ops::RangeInclusive;

use url::form_urlencoded;

use crate::store::{Filter, Position, Tag};
use crate::text::query::Query;

use super::Offer;
use super::desk::Client;
use super::refusal::Refusal;

/// What narrows items down.
pub(super) const FILTERS: [&str; 3] = ["q", "site", "tag"];
/// Characters of a tag at most.
const MOST_TAG: usize = 60;

/// Parameters by name; an empty value is as good as none.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked(Vec<(String, String)>);

impl Asked {
    /// Reads a query string; names other than `known` are refused, and so are repeated ones.
    pub(super) fn strict(query: Option<&str>, known: &[&str]) -> Result<Self, Refusal> {
        let all = pairs(query);
        for (place, (name, _)) in all.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(Refusal::parameter(
                    format!("没有参数“{name}”；可用：{}", known.join("、")),
                    format!("no parameter `{name}`; known: {}", known.join(", ")),
                ));
            }
            if all[..place].iter().any(|(earlier, _)| earlier == name) {
                return Err(twice(name));
            }
        }
        Ok(Self::lenient(query))
    }

    /// Reads a query string; what nobody asks for does no harm. A filter that is given twice is
    /// refused when items are narrowed by it.
    pub(super) fn lenient(query: Option<&str>) -> Self {
        Self(pairs(query).into_iter().filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    /// The value of `name`.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// The whole number `name`, `otherwise` where it is absent.
    pub(super) fn number(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
        otherwise: u64,
    ) -> Result<u64, Refusal> {
        let Some(text) = self.text(name) else { return Ok(otherwise) };
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|number| plain && range.contains(number));
        number.ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            Refusal::parameter(
                format!("参数 {name} 应为 {least} 到 {most} 的整数"),
                format!("{name}: wanted a whole number from {least} to {most}"),
            )
        })
    }

    /// The place `before`.
    pub(super) fn before(&self) -> Result<Option<Position>, Refusal> {
        let Some(text) = self.text("before") else { return Ok(None) };
        Position::parse(text).map(Some).ok_or_else(|| {
            let zh = "参数 before 应取自上一次结果的 next";
            Refusal::parameter(zh, "before: wanted the `next` of an earlier answer")
        })
    }

    /// Whether any of `names` is given.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.text(name).is_some())
    }

    /// The parameters `names` as they stand in an address, in this order.
    pub(super) fn address(&self, names: &[&str]) -> String {
        let mut address = form_urlencoded::Serializer::new(String::new());
        for name in names {
            if let Some(value) = self.text(name) {
                address.append_pair(name, value);
            }
        }
        address.finish()
    }

    /// What `feed`, `site`, `tag` and `q` leave of what `client` may see.
    pub(super) fn filter(&self, offer: &Offer, client: Option<&Client>) -> Result<Filter, Refusal> {
        let own = client.map(|client| client.feeds.as_slice()).unwrap_or_default();
        let within = match self.text("feed") {
            Some(slug) => {
                let feed = offer.feed(slug).ok_or_else(|| Refusal::unknown_feed(slug))?;
                if !own.is_empty() && !own.iter().any(|known| known == slug) {
                    return Err(Refusal::not_yours(slug));
                }
                vec![feed.selection.clone()]
            }
            None => {
                let feeds = own.iter().filter_map(|slug| offer.feed(slug));
                feeds.map(|feed| feed.selection.clone()).collect()
            }
        };
        self.narrowed(offer, Filter { within, ..Filter::default() })
    }

    /// `filter` narrowed by `site`, `tag` and `q`, each given once at most.
    pub(super) fn narrowed(&self, offer: &Offer, filter: Filter) -> Result<Filter, Refusal> {
        let given = |name: &str| self.0.iter().filter(|(known, _)| known == name).count();
        if let Some(name) = FILTERS.into_iter().find(|name| given(name) > 1) {
            return Err(twice(name));
        }
        let known = |id: &str| {
            let id = id.parse().ok().filter(|id| offer.names.sites.contains_key(id));
            id.ok_or(())
        };
        let site = self.text("site");
        let sites = match site {
            Some(id) => vec![known(id).map_err(|()| Refusal::unknown_site(id))?],
            None => Vec::new(),
        };
        let tag = match self.text("tag") {
            Some(name) if name.chars().count() > MOST_TAG => {
                return Err(Refusal::parameter(
                    "tag 过长：最多 60 个字符",
                    "tag: 60 characters at most",
                ));
            }
            Some(name) => {
                let columns = offer.tags.get(name).cloned().unwrap_or_default();
                Some(Tag { name: name.to_owned(), columns })
            }
            None => None,
        };
        let query = Query::parse(self.text("q").unwrap_or_default()).map_err(Refusal::query)?;
        Ok(Filter { sites, tag, query, ..filter })
    }
}

fn twice(name: &str) -> Refusal {
    Refusal::parameter(format!("参数 {name} 只能写一次"), format!("{name} may be given once"))
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    let query = query.unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_in_its_range() {
        let number = |query: &str| {
            Asked::strict(Some(query), &["limit"])
                .and_then(|asked| asked.number("limit", 1..=500, 100))
        };
        assert_eq!(number("").unwrap(), 100);
        assert_eq!(number("limit=").unwrap(), 100);
        assert_eq!(number("limit=500").unwrap(), 500);
        for wrong in ["0", "501", "-1", "%2B5", "1e2", "99999999999999999999999", "十"] {
            assert!(number(&format!("limit={wrong}")).is_err(), "{wrong}");
        }
        assert!(number("limit=1&limit=2").is_err() && number("limits=1").is_err());
    }

    #[test]
    fn an_address_has_its_parameters_in_one_order() {
        let asked = Asked::lenient(Some("tag=a%26b&x=1&q=%E6%97%A0+%E9%94%A1&site="));
        assert_eq!(asked.address(&FILTERS), "q=%E6%97%A0+%E9%94%A1&tag=a%26b");
        assert!(asked.has_any(&FILTERS) && !asked.has_any(&["site"]));
    }
}
