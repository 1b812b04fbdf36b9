//! Names of sites, columns and items. Checked once, then carried as types.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a site, as operators write it: `jiangsu`, `wuxi-gsl`.
///
/// Lower-case ASCII letters, digits and `-`, 1 to 40 characters, not starting or ending with `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteId(String);

/// A column of a site, written `SITE/COLUMN`: `jiangsu/zt`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ColumnId {
    site: SiteId,
    name: String,
}

/// The permanent name of an item: a tag URI (RFC 4151), compared character by character.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(String);

/// The number of a change of any item; grows by one with every change, in commit order.
pub type Seq = u64;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}: {rule}")]
pub struct IdError {
    what: &'static str,
    text: String,
    rule: &'static str,
}

const NAME_RULE: &str = "wanted 1 to 40 of a-z, 0-9 and `-`, without `-` at either end";

fn is_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl SiteId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SiteId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if is_name(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError { what: "site id", text: text.to_owned(), rule: NAME_RULE })
        }
    }
}

impl ColumnId {
    /// The column `name` of `site`; `name` follows the rule of [`SiteId`].
    pub fn new(site: SiteId, name: &str) -> Result<Self, IdError> {
        if is_name(name) {
            Ok(Self { site, name: name.to_owned() })
        } else {
            Err(IdError { what: "column id", text: name.to_owned(), rule: NAME_RULE })
        }
    }

    /// The site it belongs to.
    pub fn site(&self) -> &SiteId {
        &self.site
    }

    /// The column's own name, without the site.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for ColumnId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (site, name) = text.split_once('/').ok_or_else(|| IdError {
            what: "column id",
            text: text.to_owned(),
            rule: "wanted `SITE/COLUMN`",
        })?;
        Self::new(site.parse()?, name)
    }
}

impl ItemId {
    /// Takes a finished tag URI; made only by `normalize` and read back by `store`.
    pub fn from_tag_uri(uri: String) -> Self {
        Self(uri)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ColumnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.site, self.name)
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SiteId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<SiteId> for String {
    fn from(id: SiteId) -> Self {
        id.0
    }
}

impl TryFrom<String> for ColumnId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<ColumnId> for String {
    fn from(id: ColumnId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert_eq!("jiangsu/zt".parse::<ColumnId>().unwrap().to_string(), "jiangsu/zt");
        for bad in ["", "Jiangsu/zt", "jiangsu", "jiangsu/", "-a/b", "江苏/zt", "a/b/c"] {
            assert!(bad.parse::<ColumnId>().is_err(), "{bad} was taken");
        }
    }
}
