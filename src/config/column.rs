//! Columns: the list pages of a site.

use url::Url;

use crate::discover::ListRule;
use crate::extract::ArticleRule;
use crate::model::{ColumnId, SiteId};
use crate::schedule::Timing;

use super::editing::Editing;
use super::forms::{id_fault, list_address, not_empty};
use super::health::Health;
use super::reader::Section;
use super::rules::{article_rule, list_rule};
use super::site::later;
use super::timing;

/// One list page of a site.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its id.
    pub id: ColumnId,
    /// Name for people.
    pub name: String,
    /// The list page.
    pub url: Url,
    /// The way from the home page, for articles that do not print it.
    pub breadcrumb: Vec<String>,
    /// Tags for selection.
    pub tags: Vec<String>,
    /// How its rows are found.
    pub list: ListRule,
    /// How its articles are read.
    pub article: ArticleRule,
    /// When it is refreshed.
    pub timing: Timing,
    /// What is done with its articles before they are public.
    pub editing: Editing,
    /// What is expected of it.
    pub health: Health,
}

/// What a column takes from its site.
pub(super) struct Ground<'a, 'b> {
    pub(super) site: &'b SiteId,
    pub(super) home: Option<&'b Url>,
    pub(super) list: &'b Section<'a>,
    pub(super) article: &'b Section<'a>,
    pub(super) timing: &'b Timing,
    pub(super) editing: Editing,
    pub(super) health: Health,
}

/// Reads a `[[site.column]]`.
pub(super) fn column<'a>(section: &Section<'a>, ground: &Ground<'a, '_>) -> Option<Column> {
    let id = section.required("id", |text| {
        ColumnId::new(ground.site.clone(), text).map_err(|error| id_fault(text, &error.to_string()))
    });
    let name = section.required("name", not_empty);
    let url = section.required("url", |text| list_address(text, ground.home));
    section.not_yet(&["urls"]);
    let editing = Editing::read(section, ground.editing);
    let health = Health::read(section, ground.health);
    later(section);
    let breadcrumb = section.parsed_list("breadcrumb", not_empty);
    let tags = section.parsed_list("tags", not_empty);
    let list = list_rule(&section.section("list").over(ground.list));
    let article = article_rule(&section.section("article").over(ground.article));
    let timing = timing::timing(section, ground.timing);
    section.finish();
    Some(Column {
        id: id?,
        name: name?,
        url: url?,
        breadcrumb,
        tags,
        list,
        article,
        timing,
        editing,
        health,
    })
}
