//! Ways to a field that work in most of several places.

use std::collections::HashMap;

use dom_query::NodeRef;

use super::Way;
use super::name::{self, Named};
use crate::text::alternative::Selector;

/// Ways of one field that are proposed.
const PROPOSED: usize = 3;
/// Ways of one field that are tried.
const TRIED: usize = 24;
/// Of ten places, in how many a way must find what is known.
const MOST: usize = 8;

/// A field's ways with the number of places where the value was seen under each.
#[derive(Default)]
pub(super) struct Ways(HashMap<(Named, Way), usize>);

impl Ways {
    /// The value stands in `node`; `way` says how it is had of an element with a selector.
    pub(super) fn seen_at(&mut self, node: &NodeRef<'_>, way: impl Fn(&str) -> Way) {
        self.note(name::all(node), way);
    }

    /// The same in a row, where a place among siblings tells more than on a whole page.
    pub(super) fn seen_in_row(&mut self, node: &NodeRef<'_>, way: impl Fn(&str) -> Way) {
        let mut names = name::all(node);
        names.extend(name::place(node));
        self.note(names, way);
    }

    fn note(&mut self, names: Vec<Named>, way: impl Fn(&str) -> Way) {
        for named in names {
            let made = way(&named.text);
            *self.0.entry((named, made)).or_default() += 1;
        }
    }

    /// The value stands in a meta.
    pub(super) fn seen_in_meta(&mut self, name: &str) {
        let named = Named { cost: 0, text: name.to_owned() };
        *self.0.entry((named, Way::Meta(name.to_owned()))).or_default() += 1;
    }

    /// The best ways: those that `works` says to find the value in most of `places`, the surest and
    /// cheapest first.
    pub(super) fn best(self, places: usize, works: impl Fn(&Way) -> usize) -> Vec<Way> {
        let enough = |count: usize| count > 0 && count * 10 >= places * MOST;
        let mut all: Vec<((Named, Way), usize)> =
            self.0.into_iter().filter(|(_, count)| enough(*count)).collect();
        all.sort_by(|((a, way_a), m), ((b, way_b), n)| {
            n.cmp(m).then(a.cmp(b)).then(way_a.cmp(way_b))
        });
        let mut good: Vec<(usize, usize, Way)> = all
            .into_iter()
            .take(TRIED)
            .map(|((named, way), _)| (works(&way), named.cost, way))
            .filter(|(right, ..)| enough(*right))
            .collect();
        good.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        good.into_iter().take(PROPOSED).map(|(_, _, way)| way).collect()
    }
}

/// The first element in `place` that `selector` names.
pub(super) fn first<'a>(selector: &str, place: &NodeRef<'a>) -> Option<NodeRef<'a>> {
    Selector::new(selector).ok()?.all(place).into_iter().next()
}
