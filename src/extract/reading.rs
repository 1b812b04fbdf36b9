//! One page under a rule: each field by what is declared, then by metas, labels and looks.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use dom_query::{Document, NodeId, NodeRef};
use serde_json::Value;
use url::Url;

use super::label::{self, Byline, Fields, Kind};
use super::line::{self, Line};
use super::title::{self, Title};
use super::{ArticleRule, breadcrumb, container};
use crate::model::{Found, Posted, Precision, ProblemCode, Rejection};
use crate::text::alternative::Scene;
use crate::text::{date, dom, plain};

/// Metas that hold the printed date, the surest first.
const DATE_METAS: &[&str] = &[
    "PubDate",
    "publishdate",
    "publish_time",
    "article:published_time",
    "og:published_time",
    "firstpublishedtime",
    "Maketime",
    "createDate",
    "weibo:article:create_at",
    "datePublished",
    "og:release_date",
    "apub:time",
];
/// Metas that hold the source.
const CREDIT_METAS: &[&str] =
    &["ContentSource", "docsource", "source", "mediaid", "article:source"];
/// Metas that hold the author.
const AUTHOR_METAS: &[&str] = &["docauthor", "article:author"];
/// Metas that hold the title.
const TITLE_METAS: &[&str] = &["ArticleTitle"];

/// Lines before the title in which date and source are looked for.
const BEFORE_TITLE: usize = 4;
/// Lines after it.
const AFTER_TITLE: usize = 25;
/// Lines after the body in which they are looked for.
const AFTER_BODY: usize = 8;
/// A line this long is running text (characters).
const SOLID: u32 = 60;

/// A parsed page and all that is asked of it.
pub(super) struct Reading<'a> {
    pub(super) root: NodeRef<'a>,
    pub(super) base: Url,
    url: &'a Url,
    seen: Option<DateTime<Utc>>,
    rule: &'a ArticleRule,
    scene: Scene<'a>,
    lines: Vec<Line<'a>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        document: &'a Document,
        url: &'a Url,
        seen: Option<DateTime<Utc>>,
        rule: &'a ArticleRule,
        json: Option<&'a Value>,
    ) -> Self {
        let root = document.root();
        let lines = line::read(&document.body().unwrap_or(root));
        let base = dom::base(document, url);
        let scene = Scene::new(root, url);
        let scene = json.map_or(scene, |json| Scene::new(root, url).with_json(json));
        Self { root, base, url, seen, rule, scene, lines }
    }

    /// The title, and where it is printed.
    pub(super) fn title(&self) -> Result<Title, Rejection> {
        let usable = |text: &str| {
            let text = plain::one_line(text);
            (text.chars().count() >= 2).then_some(text)
        };
        let known =
            self.scene.first(&self.rule.title, usable).or_else(|| self.meta(TITLE_METAS, usable));
        let looked = || title::by_look(&self.lines, &title::of_page(&self.root));
        let Some(known) = known else {
            let og = || self.meta(&["og:title"], usable).map(|found| Title { found, line: None });
            return looked().or_else(og).ok_or_else(|| {
                let detail = format!("no title in {} lines and no `<title>`", self.lines.len());
                Rejection::new(ProblemCode::TitleMissing, detail)
            });
        };
        let line = title::place(&self.lines, &known.value);
        // A meta that was cut short is told by the line that goes on.
        let printed = line.is_none().then(looked).flatten().filter(|looked| {
            title::fold(&looked.found.value).starts_with(&title::fold(&known.value))
        });
        Ok(printed.unwrap_or(Title { found: known, line }))
    }

    /// The nodes that hold the body.
    pub(super) fn container(
        &self,
        title: &Title,
        size_bytes: usize,
    ) -> Result<Found<Vec<NodeRef<'a>>>, Rejection> {
        if let Some(declared) = self.scene.first_nodes(&self.rule.body, container::is_body) {
            return Ok(declared);
        }
        let start = title.line.map_or(0, |line| line + 1);
        let dense = container::densest(&self.lines, start);
        let known = container::known(&self.scene);
        let best = match (known, dense) {
            (Some(known), Some(dense)) if self.dwarfs(&dense.value, &known.value) => Some(dense),
            (Some(known), _) => Some(known),
            (None, dense) => dense,
        };
        best.ok_or_else(|| {
            let detail = format!(
                "no container and no running text ({size_bytes} bytes, {} lines)",
                self.lines.len()
            );
            Rejection::new(ProblemCode::BodyMissing, detail)
        })
    }

    /// True where `known` is a scrap beside `dense`: a name that the template uses otherwise.
    fn dwarfs(&self, dense: &[NodeRef<'_>], known: &[NodeRef<'_>]) -> bool {
        let chars = |nodes: &[NodeRef<'_>]| -> u32 {
            let range = container::lines_in(&self.lines, nodes).unwrap_or(0..0);
            self.lines[range].iter().map(|line| line.chars - line.linked).sum()
        };
        let (dense, known) = (chars(dense), chars(known));
        dense > 400 && known * 4 < dense
    }

    /// Nodes that the rule leaves out of the body.
    pub(super) fn dropped(&self) -> HashSet<NodeId> {
        let all = self.rule.drop.iter().flat_map(|selector| selector.all(&self.root));
        all.map(|node| node.id).collect()
    }

    pub(super) fn breadcrumb(
        &self,
        title: &Title,
        body: &[NodeRef<'_>],
    ) -> Option<Found<Vec<String>>> {
        let declared = self.scene.first(&self.rule.breadcrumb, |text| {
            let steps = breadcrumb::steps(text, &title.found.value);
            (!steps.is_empty()).then_some(steps)
        });
        let end =
            container::lines_in(&self.lines, body).map_or(self.lines.len(), |range| range.start);
        let end = title.line.map_or(end, |line| end.max(line));
        declared.or_else(|| breadcrumb::find(&self.lines, end, &title.found.value))
    }

    /// Date, source and names.
    pub(super) fn fields(
        &self,
        title: &Title,
        body: &[NodeRef<'_>],
        bylines: Vec<Byline>,
        text: &str,
    ) -> Fields {
        let inside = container::lines_in(&self.lines, body);
        let visible = label::read(&self.zone(title, inside.as_ref()), self.seen);
        let after = inside.map_or(self.lines.len(), |range| range.end);
        let below: Vec<&str> =
            self.lines[after..].iter().take(AFTER_BODY).map(|line| line.text.as_str()).collect();
        let below = label::read(&below, self.seen);
        let mut fields = Fields {
            posted: self.posted(visible.posted.or(below.posted)),
            credit: self.credit(visible.credit, below.credit),
            author: self.person(
                &self.rule.author,
                Kind::Author,
                visible.author.or(below.author),
                AUTHOR_METAS,
            ),
            editor: self.person(
                &self.rule.editor,
                Kind::Editor,
                visible.editor.or(below.editor),
                &[],
            ),
            photographer: visible.photographer,
        };
        for Byline { kind, name } in bylines {
            let slot = match kind {
                Kind::Credit => &mut fields.credit,
                Kind::Author => &mut fields.author,
                Kind::Editor => &mut fields.editor,
                Kind::Photographer => &mut fields.photographer,
                Kind::Date | Kind::Noise => continue,
            };
            slot.get_or_insert(Found { value: name, rule: "byline".to_owned() });
        }
        if fields.credit.is_none() {
            let last = text.lines().last().and_then(label::closing_organ);
            fields.credit = last.map(|value| Found { value, rule: "byline".to_owned() });
        }
        fields
    }

    /// The lines between title and running text, and a few above the title.
    fn zone(&self, title: &Title, body: Option<&std::ops::Range<usize>>) -> Vec<&str> {
        let body_start = body.map_or(self.lines.len(), |range| range.start);
        let anchor = title.line.unwrap_or(body_start.saturating_sub(AFTER_TITLE / 2));
        let solid = |line: &Line<'_>| {
            line.chars >= SOLID && !line.is_linked() && !label::is_meta_line(&line.text)
        };
        let end = self.lines.iter().skip(anchor + 1).take(AFTER_TITLE).position(solid);
        let end = end.map_or(anchor + 1 + AFTER_TITLE, |offset| anchor + 1 + offset);
        let end = end.min(self.lines.len());
        let start = anchor.saturating_sub(BEFORE_TITLE).min(end);
        // What follows the title is likelier to speak of it than what stands above.
        let below = self.lines[anchor.min(end)..end].iter();
        let above = self.lines[start..anchor.min(end)].iter();
        below.chain(above).map(|line| line.text.as_str()).collect()
    }

    /// The printed date. A declared place is believed. Where a meta tells another day than the line
    /// that readers see, the line is: metas are rewritten when a page is published again.
    fn posted(&self, visible: Option<Found<Posted>>) -> Option<Found<Posted>> {
        let read = |text: &str| date::find(text, self.seen).filter(|posted| self.is_past(posted));
        let visible = visible.filter(|found| self.is_past(&found.value));
        let declared = self.scene.first(&self.rule.posted, read);
        if let Some(declared) = declared.as_ref().filter(|found| !found.rule.starts_with("meta ")) {
            return Some(declared.clone());
        }
        let known = declared.or_else(|| self.meta(DATE_METAS, read));
        let from_url = || {
            let rule = "url".to_owned();
            date::from_url(self.url).map(|value| Found { value, rule })
        };
        match (known, visible) {
            (Some(known), Some(visible)) => {
                let same_day = known.value.date() == visible.value.date();
                let exact = visible.value.precision() == Precision::Minute;
                let known_wins = same_day && !exact;
                Some(if known_wins { known } else { visible })
            }
            (known, visible) => known.or(visible).or_else(from_url),
        }
    }

    /// False for dates that lie after the page was seen: deadlines and events.
    fn is_past(&self, posted: &Posted) -> bool {
        self.seen.is_none_or(|seen| posted.at() <= seen + TimeDelta::days(2))
    }

    fn credit(
        &self,
        visible: Option<Found<String>>,
        below: Option<Found<String>>,
    ) -> Option<Found<String>> {
        let read = |text: &str| label::named(text, Kind::Credit);
        let declared = self.scene.first(&self.rule.credit, read);
        let (labelled, beside): (Option<_>, Option<_>) = match visible {
            Some(found) if found.rule == "label" => (Some(found), None),
            other => (None, other),
        };
        declared.or(labelled).or_else(|| self.meta(CREDIT_METAS, read)).or(beside).or(below)
    }

    fn person(
        &self,
        declared: &[crate::text::alternative::Alternative],
        kind: Kind,
        visible: Option<Found<String>>,
        metas: &[&str],
    ) -> Option<Found<String>> {
        let read = |text: &str| label::named(text, kind);
        self.scene.first(declared, read).or(visible).or_else(|| self.meta(metas, read))
    }

    /// The first of the metas called `names` that `read` makes something of.
    fn meta<T>(&self, names: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<Found<T>> {
        names.iter().find_map(|name| {
            let value = read(self.scene.meta(name)?)?;
            Some(Found { value, rule: format!("meta {name}") })
        })
    }
}
