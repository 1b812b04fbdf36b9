//! The newest of a feed as a small page that another site shows in an `<iframe>`.

use minijinja::{Value, context};

use crate::model::{Composition, Document, Format};

use super::super::{PublicSite, parts};
use super::{document, page};

/// How an embedded page is to look. Colours are `#` with hexadecimal digits: nothing else gets in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedLook {
    /// Size of the text in pixels; 15 where nothing is said.
    pub size: Option<u8>,
    /// Names of CSS variables with their colours.
    pub colours: Vec<(&'static str, String)>,
    /// Whether dates are left out.
    pub without_dates: bool,
    /// Whether the source line is shown.
    pub with_source: bool,
}

/// The items of `composition`, each a link that opens in a window of its own.
pub fn embed_page(composition: &Composition, look: &EmbedLook, site: &PublicSite) -> Document {
    let spec = &composition.feed;
    let items: Vec<Value> = composition
        .items
        .iter()
        .map(|item| {
            context! {
                title => &item.title,
                url => parts::item_url(site, item),
                day => item.published.format("%Y-%m-%d").to_string(),
                short => item.published.format("%m-%d").to_string(),
                attribution => look.with_source.then_some(&item.attribution),
            }
        })
        .collect();
    let mut variables: Vec<String> =
        look.colours.iter().map(|(name, colour)| format!("--{name}:{colour}")).collect();
    variables.push(format!("--size:{}px", look.size.unwrap_or(15)));
    let data = context! {
        title => &spec.title,
        variables => Value::from_safe_string(variables.join(";")),
        canonical => parts::feed_url(site, &spec.slug, Format::Html),
        dates => !look.without_dates,
        items,
    };
    document(&format!("embed/{}", spec.slug), page("embed.html", site, data))
}
