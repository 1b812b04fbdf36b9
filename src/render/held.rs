//! The files of items as readers get them: at our own address where we hold them, at the original
//! one where we do not, and not at all where they must not be shown.
//!
//! Stored bodies name original addresses; ours are put in when they are rendered.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use url::Url;

use crate::model::{Asset, AssetHash, Attachment, Custody, Holding, Image, Item};

use super::parts::{absolute, escaped, size_attributes};
use super::{PublicSite, SiteTerms};

/// What the files of one item are looked up in.
#[derive(Clone, Copy)]
pub(super) struct Files<'a> {
    item: &'a Item,
    custody: &'a Custody,
    site: &'a PublicSite,
    terms: &'a SiteTerms,
    /// Other places of held files than ours: all that is shown as held.
    elsewhere: Option<&'a BTreeMap<AssetHash, String>>,
}

/// A picture or an attachment as it is shown.
pub(super) struct Shown<'a, T> {
    /// What the item says of it.
    pub(super) named: &'a T,
    /// Where readers get it.
    pub(super) url: String,
    /// What we hold, where that is it.
    pub(super) asset: Option<&'a Asset>,
}

/// Terms of sites that are configured no more: what we hold is shown.
static USUAL: SiteTerms =
    SiteTerms { name: String::new(), licence: None, pictures: true, attachments: true };

impl<'a> Files<'a> {
    pub(super) fn of(item: &'a Item, custody: &'a Custody, site: &'a PublicSite) -> Self {
        let terms = site.terms.get(&item.site).unwrap_or(&USUAL);
        Self { item, custody, site, terms, elsewhere: None }
    }

    /// The same with the held files at `places`; what is not there is shown at its original address.
    pub(super) fn at(self, places: &'a BTreeMap<AssetHash, String>) -> Self {
        Self { elsewhere: Some(places), ..self }
    }

    /// The file at the original address `address` as it is shown: where readers get it, and what we
    /// hold, where that is it. `None` where it must not be shown.
    pub(super) fn file(&self, address: &str) -> Option<(String, Option<&'a Asset>)> {
        match self.custody.of(address) {
            Some(Holding::TakenDown) => None,
            Some(Holding::Held(asset)) if self.is_used(asset) => {
                Some((self.address(asset), Some(asset)))
            }
            _ => Some((address.to_owned(), None)),
        }
    }

    /// The licence line of the item's site.
    pub(super) fn licence(&self) -> Option<&'a str> {
        self.terms.licence.as_deref()
    }

    /// The pictures in reading order.
    pub(super) fn pictures(self) -> impl Iterator<Item = Shown<'a, Image>> {
        self.item.images.iter().filter_map(move |image| self.shown(image, &image.url))
    }

    /// The attachments.
    pub(super) fn attachments(self) -> impl Iterator<Item = Shown<'a, Attachment>> {
        self.item.attachments.iter().filter_map(move |file| self.shown(file, &file.url))
    }

    /// The attachments that no link in the body leads to.
    pub(super) fn outside_body(self) -> impl Iterator<Item = Shown<'a, Attachment>> {
        let html = self.item.html.as_str();
        self.attachments().filter(move |file| !html.contains(&escaped(file.named.url.as_str())))
    }

    fn shown<T>(&self, named: &'a T, url: &Url) -> Option<Shown<'a, T>> {
        self.file(url.as_str()).map(|(url, asset)| Shown { named, url, asset })
    }

    fn is_used(&self, asset: &Asset) -> bool {
        let wanted =
            if asset.kind.is_picture() { self.terms.pictures } else { self.terms.attachments };
        wanted && self.elsewhere.is_none_or(|places| places.contains_key(&asset.hash))
    }

    fn address(&self, asset: &Asset) -> String {
        match self.elsewhere.and_then(|places| places.get(&asset.hash)) {
            Some(place) => place.clone(),
            None => absolute(self.site, &asset.path()),
        }
    }

    /// The body with our addresses in it.
    pub(super) fn body(&self) -> Cow<'a, str> {
        let html = self.item.html.as_str();
        if self.custody.is_empty() {
            return Cow::Borrowed(html);
        }
        let html = FIGURE.replace_all(html, |figure: &Captures<'_>| {
            let gone = IMG.find(&figure[0]).is_some_and(|img| self.image(img.as_str()).is_empty());
            if gone { String::new() } else { figure[0].to_owned() }
        });
        let html = IMG.replace_all(&html, |img: &Captures<'_>| self.image(&img[0]));
        let html = LINK.replace_all(&html, |link: &Captures<'_>| self.link(&link[0], &link[1]));
        Cow::Owned(html.into_owned())
    }

    /// An `img` element as it is shown; nothing where it must not be.
    fn image(&self, img: &str) -> String {
        let Some(source) = SRC.captures(img) else { return img.to_owned() };
        match self.custody.of(&unescaped(&source[1])) {
            Some(Holding::TakenDown) => String::new(),
            Some(Holding::Held(asset)) if self.is_used(asset) => {
                let bare = SIZE.replace_all(img, "");
                let mut source = format!(" src=\"{}\"", escaped(&self.address(asset)));
                for (name, pixels) in size_attributes(asset) {
                    source.extend([" ", name, "=\"", &pixels, "\""]);
                }
                SRC.replace(&bare, regex::NoExpand(&source)).into_owned()
            }
            _ => img.to_owned(),
        }
    }

    /// The beginning of a link; without an address where that must not be shown.
    fn link(&self, link: &str, address: &str) -> String {
        match self.custody.of(&unescaped(address)) {
            Some(Holding::TakenDown) => "<a>".to_owned(),
            Some(Holding::Held(asset)) if self.is_used(asset) => {
                link.replace(address, &escaped(&self.address(asset)))
            }
            _ => link.to_owned(),
        }
    }
}

// Bodies come from the sanitiser: attributes stand in double quotes, nothing else is possible.
static FIGURE: LazyLock<Regex> = LazyLock::new(|| pattern("(?s)<figure>.*?</figure>"));
static IMG: LazyLock<Regex> = LazyLock::new(|| pattern("<img[^>]*>"));
static SRC: LazyLock<Regex> = LazyLock::new(|| pattern(" src=\"([^\"]*)\""));
static SIZE: LazyLock<Regex> = LazyLock::new(|| pattern(" (?:width|height)=\"[^\"]*\""));
static LINK: LazyLock<Regex> = LazyLock::new(|| pattern("<a href=\"([^\"]*)\"[^>]*>"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is valid")
}

/// What an attribute of a sanitised body says.
fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
