//! Items as they are handed on in files: what readers get of an item, in other forms than feeds.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::{Asset, AssetHash, Attachment, Custody, Item};
use crate::text::plain;

use super::held::{Files, Shown};
use super::{Names, PublicSite, RenderError, api, html, parts, sheet, word};

/// An item that is handed on, with what it takes.
#[derive(Clone, Copy, Debug)]
pub struct Parcel<'a> {
    /// The item, as readers may see it.
    pub item: &'a Item,
    /// What we hold of the files that it names.
    pub custody: &'a Custody,
    /// What sites and columns are called.
    pub names: &'a Names,
    /// Who hands it on.
    pub site: &'a PublicSite,
    /// The bytes of held files that could be read; of others there is the address.
    pub bytes: &'a BTreeMap<AssetHash, Bytes>,
}

/// A file beside a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside<'a> {
    /// Its name in the folder, with its ending.
    pub name: String,
    /// What it is.
    pub asset: &'a Asset,
}

impl<'a> Parcel<'a> {
    /// The held files that readers may be given: their bytes are wanted.
    pub fn held(&self) -> Vec<&'a Asset> {
        let files = self.files();
        let pictures = files.pictures().filter_map(|shown| shown.asset);
        pictures.chain(files.attachments().filter_map(|shown| shown.asset)).collect()
    }

    /// The files that go along in a folder, in reading order: `图1.jpg`, `附件1 申报表.docx`.
    pub fn beside(&self) -> Vec<Beside<'a>> {
        let files = self.files();
        let here = |asset: &&Asset| self.bytes.contains_key(&asset.hash);
        let mut seen = Vec::new();
        let mut first = |asset: &&'a Asset| {
            let new = !seen.contains(&&asset.hash);
            seen.push(&asset.hash);
            new
        };
        let pictures = files.pictures().filter_map(|shown| shown.asset).filter(here);
        let pictures = pictures.filter(&mut first).zip(1..).map(|(asset, number)| Beside {
            name: format!("{PICTURE}{number}.{}", asset.kind.extension()),
            asset,
        });
        let mut beside: Vec<Beside<'_>> = pictures.collect();
        let attached = files.attachments().filter(|s| s.asset.as_ref().is_some_and(here));
        for shown in attached {
            let Some(asset) = shown.asset.filter(&mut first) else { continue };
            let number = beside.iter().filter(|one| one.name.starts_with(ATTACHMENT)).count() + 1;
            beside.push(Beside { name: attachment_name(number, &shown, asset), asset });
        }
        beside
    }

    /// How many of its pictures are not at hand: there are links to them.
    pub fn linked_pictures(&self) -> usize {
        let here = |asset: &Asset| self.bytes.contains_key(&asset.hash);
        self.files().pictures().filter(|shown| !shown.asset.is_some_and(here)).count()
    }

    /// What the cursor API tells of it, on a line.
    pub fn json(&self) -> Vec<u8> {
        api::live(self.item, self.names, self.files(), self.site)
    }

    /// A line of a table, see [`super::heads`].
    pub fn row(&self) -> Vec<u8> {
        sheet::row(self.item, self.names, self.files(), self.site)
    }

    /// An article in HTML with its pictures inside; attachments are where they are.
    pub fn html(&self) -> String {
        let held = self.held().into_iter();
        let places = held.filter_map(|asset| Some((asset.hash.clone(), self.inside(asset)?)));
        html::article(self.item, self.files().at(&places.collect()), self.site.lang)
    }

    /// An article in HTML with its files in the folder `folder` beside it, see [`Self::beside`].
    pub fn html_with(&self, folder: &str) -> String {
        let beside = self.beside().into_iter().map(|one| {
            let place = format!("./{}/{}", encoded(folder), encoded(&one.name));
            (one.asset.hash.clone(), place)
        });
        html::article(self.item, self.files().at(&beside.collect()), self.site.lang)
    }

    /// Where a file is that is not to lie in a folder.
    fn inside(&self, asset: &Asset) -> Option<String> {
        if !asset.kind.is_picture() {
            return Some(parts::absolute(self.site, &asset.path()));
        }
        let bytes = STANDARD.encode(self.bytes.get(&asset.hash)?);
        Some(format!("data:{};base64,{bytes}", asset.kind.media_type()))
    }

    /// A Word document, with its pictures inside.
    pub fn word(&self) -> Result<Vec<u8>, RenderError> {
        word::document(self).map_err(|what| RenderError::Format {
            path: format!("{}/{}.docx", self.item.site, self.item.key),
            what,
        })
    }

    pub(super) fn files(&self) -> Files<'a> {
        Files::of(self.item, self.custody, self.site)
    }
}

/// As a part of an address.
fn encoded(name: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
    utf8_percent_encode(name, KEPT).to_string()
}

/// What the names of pictures and attachments begin with, before their number.
const PICTURE: &str = "图";
const ATTACHMENT: &str = "附件";

/// Whether a file is called as those are that [`Parcel::beside`] names.
pub fn is_beside(name: &str) -> bool {
    let number = name.strip_prefix(PICTURE).or_else(|| name.strip_prefix(ATTACHMENT));
    let rest =
        number.map(|number| (number, number.trim_start_matches(|c: char| c.is_ascii_digit())));
    rest.is_some_and(|(number, rest)| rest.len() < number.len() && rest.starts_with(['.', ' ']))
}

fn attachment_name(number: usize, shown: &Shown<'_, Attachment>, asset: &Asset) -> String {
    let extension = asset.kind.extension();
    let stem = shown.named.name.trim();
    let cut = stem.len().saturating_sub(extension.len());
    let ends = stem.is_char_boundary(cut) && stem[cut..].eq_ignore_ascii_case(extension);
    let stem = if ends { stem[..cut].trim_end_matches('.') } else { stem };
    let stem = safe(stem);
    match stem.is_empty() {
        true => format!("{ATTACHMENT}{number}.{extension}"),
        false => format!("{ATTACHMENT}{number} {stem}.{extension}"),
    }
}

/// Bytes of a title in the name of a file: with all that is put around it less than the 255 that file
/// systems allow.
const LONGEST_NAME: usize = 160;

/// The name of an item's file without its ending: date and title, as every system takes it; for
/// items that share them, the site's name as well.
pub fn file_name(item: &Item, names: &Names, with_site: bool) -> String {
    let title = safe(&item.title);
    let title = if title.is_empty() { item.key.as_str() } else { &title };
    let site = names.sites.get(&item.site).map(|name| safe(name));
    let site = match with_site {
        true => format!("（{}）", site.as_deref().unwrap_or(item.site.as_str())),
        false => String::new(),
    };
    format!("{} {title}{site}", item.published.format("%Y-%m-%d"))
}

/// `text` without what Windows refuses in names: its signs in their wide forms, no control signs, no
/// dot or space at the end; cut where it is long.
fn safe(text: &str) -> String {
    let mut name = String::new();
    for c in plain::one_line(text).chars() {
        let c = match c {
            '/' => '／',
            '\\' => '＼',
            ':' => '：',
            '*' => '＊',
            '?' => '？',
            '"' => '＂',
            '<' => '＜',
            '>' => '＞',
            '|' => '｜',
            // They turn names around, and hide endings.
            '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => continue,
            c => c,
        };
        if name.len() + c.len_utf8() > LONGEST_NAME {
            name.push('…');
            break;
        }
        name.push(c);
    }
    name.trim_matches([' ', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_by_every_system() {
        assert_eq!(safe("关于“AI/算力”的通知: 是否?"), "关于“AI／算力”的通知： 是否？");
        assert_eq!(safe("..\\..\\con<>|*\"."), "＼..＼con＜＞｜＊＂");
        assert_eq!(safe("发文\u{202E}gpj.exe\u{0}\n二"), "发文gpj.exe 二");
        let long = safe(&"长".repeat(300));
        assert!(long.len() < 200 && long.ends_with('…'), "{long}");
        assert_eq!(safe(" . "), "");
    }
}
