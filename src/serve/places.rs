//! Addresses that lead elsewhere or nowhere any more, and whose word on who asks is taken.

use std::collections::{HashMap, HashSet};

use ipnet::IpNet;

/// What the configuration of the moment says of addresses and askers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Former slug → the slug that the feed has now.
    pub moved: HashMap<String, String>,
    /// Slugs of feeds that have ended.
    pub retired: HashSet<String>,
    /// Proxies whose word on who asks is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Unconditional downloads of a document from one address in ten minutes; 0 sets no limit.
    pub downloads: u32,
}

/// What became of an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// It is at this path now.
    Moved(String),
    /// It has ended.
    Gone,
}

impl Places {
    /// What became of the feed to which `path` belongs; `None` where nothing did.
    pub(super) fn became(&self, path: &str) -> Option<Became> {
        if self.moved.is_empty() && self.retired.is_empty() {
            return None;
        }
        let (folder, rest) = path.split_once('/')?;
        let cut = match folder {
            "feeds" => rest.rfind('.')?,
            "archives" => rest.rfind('/')?,
            "embed" => rest.len(),
            _ => return None,
        };
        let (slug, tail) = rest.split_at(cut);
        if self.retired.contains(slug) {
            return Some(Became::Gone);
        }
        let now = self.moved.get(slug)?;
        Some(Became::Moved(format!("{folder}/{now}{tail}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_of_a_feed_moves_and_ends_with_it() {
        let places = Places {
            moved: HashMap::from([("old".to_owned(), "new".to_owned())]),
            retired: HashSet::from(["wuxi/news".to_owned()]),
            ..Places::default()
        };
        let moved = |path: &str| Some(Became::Moved(path.to_owned()));
        assert_eq!(places.became("feeds/old.rss"), moved("feeds/new.rss"));
        assert_eq!(places.became("archives/old/2026-10.atom"), moved("archives/new/2026-10.atom"));
        assert_eq!(places.became("embed/old"), moved("embed/new"));
        assert_eq!(places.became("feeds/wuxi/news.json"), Some(Became::Gone));
        assert_eq!(places.became("archives/wuxi/news/2026-10.atom"), Some(Became::Gone));
        for path in ["feeds/new.rss", "feeds/old", "feeds/old/x.rss", "items/old/1", "opml", ""] {
            assert_eq!(places.became(path), None, "{path}");
        }
    }
}
