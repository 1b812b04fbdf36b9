//! Families: rules shared by all sites on one CMS.

use std::collections::BTreeMap;

use regex::Regex;

use crate::discover::ListRule;
use crate::extract::ArticleRule;
use crate::model::Both;

use super::forms::{regex, site_id};
use super::reader::Section;
use super::rules::{article_rule, list_rule};

/// Rules shared by all sites on one CMS.
#[derive(Clone, Debug)]
pub struct Family {
    /// Its id: `trs`.
    pub id: String,
    /// The product's name.
    pub name: String,
    /// Addresses of pages of this family.
    pub url_marks: Vec<Regex>,
    /// Texts in pages of this family.
    pub html_marks: Vec<String>,
    /// How lists are read.
    pub list: ListRule,
    /// How articles are read.
    pub article: ArticleRule,
}

/// The tables of a family that sites build upon.
pub(super) struct FamilyRules<'a> {
    pub(super) list: Section<'a>,
    pub(super) article: Section<'a>,
}

/// All families by id, with the tables that sites are laid over.
pub(super) type Families<'a> = BTreeMap<String, (Family, FamilyRules<'a>)>;

/// The families of `builtin` and of the operator's `own` files; one of the operator's replaces the
/// built-in one with the same id.
pub(super) fn families<'a>(builtin: &[Section<'a>], own: &[Section<'a>]) -> Families<'a> {
    let tables = |roots: &[Section<'a>]| -> Vec<Section<'a>> {
        roots.iter().flat_map(|root| root.sections("family")).collect()
    };
    let mut all = Families::new();
    for table in tables(builtin) {
        all.extend(family(&table).map(|(family, rules)| (family.id.clone(), (family, rules))));
    }
    let own = tables(own);
    super::twins::refuse(own.iter().filter_map(|table| Some((table.text("id")?, table))));
    for table in own {
        all.extend(family(&table).map(|(family, rules)| (family.id.clone(), (family, rules))));
    }
    all
}

fn family<'a>(section: &Section<'a>) -> Option<(Family, FamilyRules<'a>)> {
    let id = section.required("id", site_id).map(|id| id.to_string());
    let name = section.text("name");
    let marks = section.section("recognise");
    let url_marks = marks.parsed_list("url", regex);
    let html_marks = marks.texts("html");
    marks.finish();
    let tables = FamilyRules { list: section.section("list"), article: section.section("article") };
    let list = list_rule(&tables.list);
    let article = article_rule(&tables.article);
    section.finish();
    let id = id?;
    let name = name.unwrap_or_else(|| id.clone());
    Some((Family { id, name, url_marks, html_marks, list, article }, tables))
}

/// The family that a site names.
pub(super) fn known(text: &str, families: &Families<'_>) -> Result<String, Both> {
    if families.contains_key(text) {
        return Ok(text.to_owned());
    }
    let known: Vec<&str> = families.keys().map(String::as_str).collect();
    Err(Both::new(
        format!("没有“{text}”这一家族；已有：{}", known.join("、")),
        format!("no family `{text}`; known: {}", known.join(", ")),
    ))
}
