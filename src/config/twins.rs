//! Ids that are used twice.

use std::collections::HashMap;

use crate::model::Both;

use super::reader::Section;

/// Names every id that is used twice, with both places.
pub(super) fn refuse<'s, 'a: 's>(ids: impl Iterator<Item = (String, &'s Section<'a>)>) {
    let mut places: HashMap<String, String> = HashMap::new();
    for (id, section) in ids {
        if let Some(first) = places.get(&id) {
            let zh = format!("编号“{id}”重复；先已用于 {first}");
            let en = format!("id `{id}` is used twice; first at {first}");
            section.fault_at("id", Both::new(zh, en));
        } else {
            places.insert(id, section.place());
        }
    }
}
