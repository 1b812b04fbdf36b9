//! Who else tells the story of an item, who stands for it, and why that is taken for one story.

use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::say;
use crate::config::Config;
use crate::model::{ItemId, ItemState, Lang, SiteId};
use crate::store::Teller;
use crate::text::story::TitleLikeness;

/// One of those that tell the story.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    id: ItemId,
    site: SiteId,
    title: String,
    date: String,
    state: ItemState,
    /// Whose story it is.
    original: bool,
    /// The site that its credit names.
    credits: Option<SiteId>,
    /// How it compares with the nearest of the others.
    likeness: Option<Why>,
    #[serde(skip)]
    line: [String; 2],
}

#[derive(Debug, Serialize)]
struct Why {
    titles: &'static str,
    of_shorter: f64,
    of_longer: f64,
}

/// Those who tell it, who stands for it first.
pub(super) fn told(tellers: Vec<Teller>, config: &Config, lang: Lang) -> Vec<Told> {
    tellers.into_iter().map(|teller| one(teller, config, lang)).collect()
}

fn one(teller: Teller, config: &Config, lang: Lang) -> Told {
    let Teller { item, credits, is_original, likeness } = teller;
    let name =
        |id: &SiteId| config.site(id).map_or_else(|| id.to_string(), |site| site.name.clone());
    let date = item.published.format("%Y-%m-%d").to_string();
    let state = say::state(lang, item.state);
    let first =
        format!("{date}  {}  {}{state}  {}/{}", name(&item.site), item.title, item.site, item.key);
    let mut why: Vec<String> = Vec::new();
    why.extend(is_original.then(|| say::is_original(lang).to_owned()));
    why.extend(credits.as_ref().map(|site| say::credits(lang, &name(site))));
    why.extend(likeness.map(|likeness| say::likeness(lang, &likeness)));
    let second = why.join(say::pick(lang, "；", "; "));
    let likeness = likeness.map(|likeness| Why {
        titles: match likeness.titles {
            TitleLikeness::Same => "same",
            TitleLikeness::Within => "within",
            TitleLikeness::Akin => "akin",
            TitleLikeness::Other => "other",
        },
        of_shorter: likeness.of_shorter,
        of_longer: likeness.of_longer,
    });
    let line = [first, second];
    let original = is_original;
    Told {
        id: item.id,
        site: item.site,
        title: item.title,
        date,
        state: item.state,
        original,
        credits,
        likeness,
        line,
    }
}

/// For a person at a terminal; nothing where the item is alone with its story.
pub(super) fn people(story: &[Told], lang: Lang) -> String {
    let mut text = String::new();
    if story.is_empty() {
        return text;
    }
    let _ = writeln!(text, "{}", say::story(lang, story.len()));
    for told in story {
        let [first, second] = &told.line;
        let _ = writeln!(text, "  {first}\n    {second}");
    }
    text
}
