//! Where a name is mentioned: in titles, bodies, captions, credits, names of files, and revisions.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use crate::model::{Item, ItemState};

use super::row::{COLUMNS, item, signed};
use super::{SqliteStore, StoreError, stories};

/// A part of an item that a name may stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The title.
    Title,
    /// The body, captions and tables included.
    Body,
    /// The caption of a picture, or the words that stand in for it.
    Caption,
    /// Source, author, editor, photographer.
    Credit,
    /// The name of a file.
    File,
    /// A revision that is not public: an earlier one, or one that waits.
    Revision,
    /// It does not mention the name itself: it tells the story of an item that does.
    Reprint,
}

/// An item that mentions a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// The item, whole.
    pub item: Item,
    /// Where.
    pub places: Vec<Place>,
    /// The words around the first one.
    pub excerpt: String,
}

/// Characters of an excerpt on each side.
const AROUND: usize = 18;

impl SqliteStore {
    /// Every item that is not withdrawn and mentions `name`, newest first. White space inside names
    /// (`张　三`) and case do not count. Items that tell the same story as one of these come with them.
    pub async fn mentions(&self, name: &str) -> Result<Vec<Mention>, StoreError> {
        let wanted = squeezed(name);
        self.read(move |connection| {
            let Some(first) = wanted.chars().next() else { return Ok(Vec::new()) };
            let sign: String = first.to_string();
            let mut found: BTreeMap<(i64, u64), Mention> = BTreeMap::new();
            let revisions = COLUMNS
                .replace("item.title", "other.title")
                .replace("item.content", "other.content");
            let queries = [
                format!("SELECT {COLUMNS} FROM item WHERE state IN ('live', 'held')"),
                format!(
                    "SELECT {revisions} FROM
                       (SELECT ordinal, title, content FROM revision WHERE content <> '' UNION ALL
                        SELECT ordinal, title, content FROM held_revision) AS other
                     JOIN item USING (ordinal) WHERE state IN ('live', 'held')"
                ),
            ];
            for (sql, is_public) in queries.iter().zip([true, false]) {
                let own = if is_public { "item" } else { "other" };
                // A letter is found whatever its case, so only other signs narrow the search.
                let narrow = if first.is_ascii() {
                    "AND ?1 <> ''".to_owned()
                } else {
                    format!("AND (instr({own}.title, ?1) OR instr({own}.content, ?1))")
                };
                let mut statement = connection.prepare_cached(&format!("{sql} {narrow}"))?;
                let mut rows = statement.query(params![sign])?;
                while let Some(row) = rows.next()? {
                    let item = item(row)?;
                    let Some((places, excerpt)) = places(&item, &wanted) else { continue };
                    let key = (item.published.timestamp(), item.ordinal);
                    let places = if is_public { places } else { vec![Place::Revision] };
                    match found.get_mut(&key) {
                        Some(mention) if !mention.places.contains(&Place::Revision) => {
                            mention.places.extend(places);
                        }
                        Some(_) => {}
                        None => {
                            found.insert(key, Mention { item, places, excerpt });
                        }
                    }
                }
            }
            add_reprints(connection, &mut found)?;
            Ok(found.into_values().rev().collect())
        })
        .await
    }
}

/// Adds what tells the same story as something found, under the title by which that goes.
fn add_reprints(
    connection: &Connection,
    found: &mut BTreeMap<(i64, u64), Mention>,
) -> Result<(), StoreError> {
    let named: Vec<Item> = found.values().map(|mention| mention.item.clone()).collect();
    for item in named {
        for other in stories::told_by(connection, signed(item.ordinal))? {
            let is_public = matches!(other.state, ItemState::Live | ItemState::Held);
            let key = (other.published.timestamp(), other.ordinal);
            if is_public && !found.contains_key(&key) {
                let (places, excerpt) = (vec![Place::Reprint], item.title.clone());
                found.insert(key, Mention { item: other, places, excerpt });
            }
        }
    }
    Ok(())
}

/// Without white space, in small letters.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// The places of `item` that hold `wanted`, and the words around the first.
fn places(item: &Item, wanted: &str) -> Option<(Vec<Place>, String)> {
    let captions = item.images.iter().flat_map(|image| [&image.caption, &image.alt]);
    let credits = [&item.credit, &item.author, &item.editor, &item.photographer];
    let credits = credits.into_iter().flatten().chain([&item.attribution]);
    let files = item.attachments.iter().map(|file| &file.name);
    let texts = [(Place::Title, &item.title), (Place::Body, &item.text)]
        .into_iter()
        .chain(captions.map(|text| (Place::Caption, text)))
        .chain(credits.map(|text| (Place::Credit, text)))
        .chain(files.map(|text| (Place::File, text)));
    let mut places: Vec<Place> = Vec::new();
    let mut excerpt = String::new();
    for (place, text) in texts {
        let text = squeezed(text);
        let Some(at) = text.find(wanted) else { continue };
        if places.is_empty() {
            excerpt = around(&text, at, wanted.len());
        }
        if !places.contains(&place) {
            places.push(place);
        }
    }
    (!places.is_empty()).then_some((places, excerpt))
}

/// The words around the first place of `text` that mentions `wanted`, which is squeezed.
pub(super) fn excerpt(text: &str, wanted: &str) -> Option<String> {
    let text = squeezed(text);
    text.find(wanted).map(|at| around(&text, at, wanted.len()))
}

fn around(text: &str, at: usize, length: usize) -> String {
    let before: Vec<char> = text[..at].chars().rev().take(AROUND).collect();
    let before: String = before.into_iter().rev().collect();
    let after: String = text[at + length..].chars().take(AROUND).collect();
    format!("{before}{}{after}", &text[at..at + length])
}
