//! One page under a rule: each field by what is declared, then by metas, labels and looks.

use std::collections::HashSet;
use std::iter;

use chrono::{DateTime, TimeDelta, Utc};
use dom_query::{Document, NodeId, NodeRef};
use serde_json::Value;
use url::Url;

use super::label::{self, Byline, Fields, Kind};
use super::line::{self, Line};
use super::title::{self, Title};
use super::trace::Trace;
use super::{ArticleRule, breadcrumb, container};
use crate::model::{Found, Posted, Precision, ProblemCode, Rejection};
use crate::text::alternative::{Alternative, Scene};
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

    /// The titles found, and where they are printed.
    pub(super) fn titles(&self) -> impl Iterator<Item = Title> {
        let usable = |text: &str| {
            let text = plain::one_line(text);
            (text.chars().count() >= 2).then_some(text)
        };
        let known =
            self.scene.each(&self.rule.title, usable).chain(self.metas(TITLE_METAS, usable));
        let mut known = known
            .map(|found| Title { line: title::place(&self.lines, &found.value), found })
            .peekable();
        let looks = || title::by_looks(&self.lines, title::of_page(&self.root));
        let mut looked = iter::once_with(looks).flatten().peekable();
        // A meta that was cut short is told by the line that goes on.
        let cut = known.peek().filter(|known| known.line.is_none());
        let whole = cut.and_then(|cut| {
            let stem = title::fold(&cut.found.value);
            looked.next_if(|looked| title::fold(&looked.found.value).starts_with(&stem))
        });
        let og = self.metas(&["og:title"], usable).map(|found| Title { found, line: None });
        whole.into_iter().chain(known).chain(looked).chain(og)
    }

    /// Why there is no title.
    pub(super) fn untitled(&self) -> Rejection {
        let detail = format!("no title in {} lines and no `<title>`", self.lines.len());
        Rejection::new(ProblemCode::TitleMissing, detail)
    }

    /// The nodes that may hold the body.
    pub(super) fn containers(
        &self,
        title: &Title,
    ) -> impl Iterator<Item = Found<Vec<NodeRef<'a>>>> {
        let start = title.line.map_or(0, |line| line + 1);
        let declared = self.scene.each_nodes(&self.rule.body, container::is_body);
        declared.chain(iter::once_with(move || self.undeclared_containers(start)).flatten())
    }

    fn undeclared_containers(&self, start: usize) -> impl Iterator<Item = Found<Vec<NodeRef<'a>>>> {
        let mut known = container::known(&self.scene).peekable();
        let mut dense = container::densest(&self.lines, start);
        let better = dense.take_if(|dense| {
            known.peek().is_some_and(|known| self.dwarfs(&dense.value, &known.value))
        });
        better.into_iter().chain(known).chain(dense)
    }

    /// Why there is no body on a page of `size_bytes`.
    pub(super) fn bodiless(&self, size_bytes: usize) -> Rejection {
        let detail = format!(
            "no container and no running text ({size_bytes} bytes, {} lines)",
            self.lines.len()
        );
        Rejection::new(ProblemCode::BodyMissing, detail)
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

    /// The ways from the home page that are printed.
    pub(super) fn breadcrumbs(
        &self,
        title: &Title,
        body: &[NodeRef<'_>],
    ) -> impl Iterator<Item = Found<Vec<String>>> {
        let article = title.found.value.clone();
        let declared = self.scene.each(&self.rule.breadcrumb, move |text| {
            let steps = breadcrumb::steps(text, &article);
            (!steps.is_empty()).then_some(steps)
        });
        let end =
            container::lines_in(&self.lines, body).map_or(self.lines.len(), |range| range.start);
        let end = title.line.map_or(end, |line| end.max(line));
        let article = title.found.value.clone();
        let printed = iter::once_with(move || breadcrumb::find(&self.lines, end, &article));
        declared.chain(printed.flatten())
    }

    /// Date, source and names.
    pub(super) fn fields(
        &self,
        title: &Title,
        body: &[NodeRef<'_>],
        bylines: &[Byline],
        text: &str,
        trace: &mut Trace,
    ) -> Fields {
        let inside = container::lines_in(&self.lines, body);
        let visible = label::read(&self.zone(title, inside.as_ref()), self.seen);
        let after = inside.map_or(self.lines.len(), |range| range.end);
        let below: Vec<&str> =
            self.lines[after..].iter().take(AFTER_BODY).map(|line| line.text.as_str()).collect();
        let below = label::read(&below, self.seen);
        let byline = |value: String| Found { value, rule: "byline".to_owned() };
        let signed = |kind: Kind| {
            let of_kind = bylines.iter().filter(move |byline| byline.kind == kind);
            of_kind.map(move |said| byline(said.name.clone()))
        };
        let closing = || text.lines().last().and_then(label::closing_organ).map(byline);
        let credits = self.credits(visible.credit, below.credit).chain(signed(Kind::Credit));
        let credits = credits.chain(iter::once_with(closing).flatten());
        let authors = visible.author.into_iter().chain(below.author);
        let authors = self.persons(&self.rule.author, Kind::Author, authors, AUTHOR_METAS);
        let editors = visible.editor.into_iter().chain(below.editor);
        let editors = self.persons(&self.rule.editor, Kind::Editor, editors, &[]);
        let photographers = visible.photographer.into_iter();
        Fields {
            posted: trace.first("posted", self.dates(visible.posted, below.posted), Found::shown),
            credit: trace.first("credit", credits, Found::shown),
            author: trace.first("author", authors.chain(signed(Kind::Author)), Found::shown),
            editor: trace.first("editor", editors.chain(signed(Kind::Editor)), Found::shown),
            photographer: trace.first(
                "photographer",
                photographers.chain(signed(Kind::Photographer)),
                Found::shown,
            ),
        }
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

    /// The printed dates. A declared place is believed. Where a meta tells another day than the line
    /// that readers see, the line is: metas are rewritten when a page is published again.
    fn dates(
        &self,
        visible: Option<Found<Posted>>,
        below: Option<Found<Posted>>,
    ) -> impl Iterator<Item = Found<Posted>> {
        let read = |text: &str| date::find(text, self.seen).filter(|posted| self.is_past(posted));
        let mut known =
            self.scene.each(&self.rule.posted, read).chain(self.metas(DATE_METAS, read)).peekable();
        let mut visible = [visible, below]
            .into_iter()
            .flatten()
            .filter(|found| self.is_past(&found.value))
            .peekable();
        let line = known.peek().filter(|known| known.rule.starts_with("meta ")).and_then(|meta| {
            visible.next_if(|line| {
                line.value.date() != meta.value.date()
                    || line.value.precision() == Precision::Minute
            })
        });
        let from_url = || {
            let rule = "url".to_owned();
            date::from_url(self.url).map(|value| Found { value, rule })
        };
        line.into_iter().chain(known).chain(visible).chain(iter::once_with(from_url).flatten())
    }

    /// False for dates that lie after the page was seen: deadlines and events.
    fn is_past(&self, posted: &Posted) -> bool {
        self.seen.is_none_or(|seen| posted.at() <= seen + TimeDelta::days(2))
    }

    fn credits(
        &self,
        visible: Option<Found<String>>,
        below: Option<Found<String>>,
    ) -> impl Iterator<Item = Found<String>> {
        let read = |text: &str| label::named(text, Kind::Credit);
        let (labelled, beside): (Option<_>, Option<_>) = match visible {
            Some(found) if found.rule == "label" => (Some(found), None),
            other => (None, other),
        };
        let declared = self.scene.each(&self.rule.credit, read);
        declared.chain(labelled).chain(self.metas(CREDIT_METAS, read)).chain(beside).chain(below)
    }

    fn persons(
        &self,
        declared: &'a [Alternative],
        kind: Kind,
        visible: impl Iterator<Item = Found<String>>,
        metas: &'static [&'static str],
    ) -> impl Iterator<Item = Found<String>> {
        let read = move |text: &str| label::named(text, kind);
        self.scene.each(declared, read).chain(visible).chain(self.metas(metas, read))
    }

    /// What `read` makes of the metas called `names`, in their order.
    fn metas<T>(
        &self,
        names: &'static [&'static str],
        read: impl Fn(&str) -> Option<T>,
    ) -> impl Iterator<Item = Found<T>> {
        names.iter().filter_map(move |name| {
            let value = read(self.scene.meta(name)?)?;
            Some(Found { value, rule: format!("meta {name}") })
        })
    }
}
