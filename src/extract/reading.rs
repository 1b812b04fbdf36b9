//! One page under a rule: each field by what is declared, then by metas, labels and looks.

use std::collections::HashSet;
use std::iter;
use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use dom_query::{Document, NodeId, NodeRef};
use serde_json::Value;
use url::Url;

use super::block::Ground;
use super::hidden::Hidden;
use super::label::{self, Byline, Fields, Kind};
use super::line::{self, Line};
use super::script::Scripts;
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
/// Metas that hold the title.
const TITLE_METAS: &[&str] = &["ArticleTitle"];

/// Lines before the title in which date and source are looked for.
const BEFORE_TITLE: usize = 4;
/// Lines after it.
const AFTER_TITLE: usize = 25;
/// Lines after the body in which they are looked for.
const AFTER_BODY: usize = 8;
/// Paragraphs of the body that may name the author.
const OPENING: usize = 2;
/// A run of lines with less is no body where pictures or files stand (characters).
const SCANT: u32 = 25;
/// A line this long is running text (characters).
const SOLID: u32 = 60;
/// So is one this long that ends as a sentence does (characters).
const SENTENCE: u32 = 25;

/// A parsed page and all that is asked of it.
pub(super) struct Reading<'a> {
    pub(super) root: NodeRef<'a>,
    pub(super) base: Url,
    url: &'a Url,
    seen: Option<DateTime<Utc>>,
    rule: &'a ArticleRule,
    pub(super) scene: Scene<'a>,
    pub(super) lines: Vec<Line<'a>>,
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
        let scene = Scene::new(root, url);
        let scene = json.map_or(scene, |json| Scene::new(root, url).with_json(json));
        let base = dom::base_of(scene.elements("base"), url);
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
        let known = known.chain(self.scene.each(&title::KNOWN, usable));
        let mut known = known
            .map(|found| Title { line: title::place(&self.lines, &found.value), found })
            .peekable();
        let looks = || title::by_looks(&self.lines, title::of_page(&self.scene));
        let mut looked = iter::once_with(looks).flatten().peekable();
        // A meta that was cut short is told by the line that goes on.
        let cut = known.peek().filter(|known| known.line.is_none());
        let whole = cut.and_then(|cut| {
            let stem = title::fold(&cut.found.value);
            looked.next_if(|looked| title::fold(&looked.found.value).starts_with(&stem))
        });
        let og = self.metas(&["og:title"], usable).map(|found| Title { found, line: None });
        let script = || {
            let value = Scripts::of(&self.scene).title()?;
            let found = Found { value, rule: "script msg_title".to_owned() };
            Some(Title { found, line: None })
        };
        let script = iter::once_with(script).flatten();
        whole.into_iter().chain(known).chain(looked).chain(og).chain(script)
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
        ground: Ground<'_>,
    ) -> impl Iterator<Item = Found<Vec<NodeRef<'a>>>> {
        let line = title.line;
        let declared = self.scene.each_nodes(&self.rule.body, container::is_body);
        declared.chain(iter::once_with(move || self.undeclared_containers(line, ground)).flatten())
    }

    fn undeclared_containers(
        &self,
        title: Option<usize>,
        ground: Ground<'_>,
    ) -> impl Iterator<Item = Found<Vec<NodeRef<'a>>>> {
        let start = title.map_or(0, |line| line + 1);
        let mut known = container::known(&self.scene).peekable();
        let mut dense = container::densest(&self.lines, start);
        let better = dense.take_if(|dense| {
            known.peek().is_some_and(|known| self.dwarfs(&dense.value, &known.value))
        });
        let scant = |dense: &Found<Vec<NodeRef<'_>>>| self.characters(&dense.value) < SCANT;
        let none = better.is_none() && known.peek().is_none() && dense.as_ref().is_none_or(scant);
        let block = title.and_then(|at| self.lines.get(at)).filter(|_| none);
        let wordless =
            block.and_then(|line| container::wordless(&self.root, line.block.id, ground));
        better.into_iter().chain(known).chain(wordless).chain(dense)
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
        let (dense, known) = (self.characters(dense), self.characters(known));
        dense > 400 && known * 4 < dense
    }

    /// Characters in `nodes` outside of links.
    fn characters(&self, nodes: &[NodeRef<'_>]) -> u32 {
        let range = container::lines_in(&self.lines, nodes).unwrap_or(0..0);
        self.lines[range].iter().map(|line| line.chars - line.linked).sum()
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
        let zone = self.zone(title, inside.as_ref());
        let visible = label::read(&self.texts(&zone), self.seen);
        let after = inside.map_or(self.lines.len(), |range| range.end);
        let below: Vec<&str> =
            self.lines[after..].iter().take(AFTER_BODY).map(|line| line.text.as_str()).collect();
        let below = label::read(&below, self.seen);
        let hidden = Hidden::new(self, title, zone.end);
        let closing = text.lines().last().map(label::closing).unwrap_or_default();
        let byline = |value: String| Found { value, rule: "byline".to_owned() };
        let signed = |kind: Kind| {
            let of_kind = bylines.iter().chain(&closing).filter(move |byline| byline.kind == kind);
            of_kind.map(move |said| byline(said.name.clone()))
        };
        let dated = signed(Kind::Date).filter_map(|said| {
            Some(Found { value: date::find(&said.value, None)?, rule: said.rule })
        });
        let visibly = visible.posted.into_iter().chain(dated).collect();
        let posted =
            trace.first("posted", self.dates(visibly, below.posted, &hidden), Found::shown);
        let credits = self.credits(visible.credit, below.credit, &hidden);
        let credits = credits.chain(signed(Kind::Credit));
        let credit = trace.first("credit", credits, Found::shown);
        let opening = || {
            let value = text.lines().take(OPENING).find_map(label::opening)?;
            Some(Found { value, rule: "dateline".to_owned() })
        };
        // What stands in the text itself is nearer to it than what stands around the body.
        let authors = visible.author.into_iter().chain(signed(Kind::Author)).chain(below.author);
        let authors = self
            .persons(&self.rule.author, Kind::Author, authors)
            .chain(hidden.authors(credit.as_ref().map(|found| found.value.clone())))
            .chain(iter::once_with(opening).flatten());
        let author = trace.first("author", authors, Found::shown);
        let editors = visible.editor.into_iter().chain(below.editor).chain(signed(Kind::Editor));
        let editors = self.persons(&self.rule.editor, Kind::Editor, editors);
        let editor = trace.first("editor", editors, Found::shown);
        let photographers = visible.photographer.into_iter().chain(signed(Kind::Photographer));
        let photographer = trace.first("photographer", photographers, Found::shown);
        Fields { posted, credit, author, editor, photographer }
    }

    /// The lines between title and running text, and a few above the title.
    fn zone(&self, title: &Title, body: Option<&Range<usize>>) -> Zone {
        let body_start = body.map_or(self.lines.len(), |range| range.start);
        let anchor = title.line.unwrap_or(body_start.saturating_sub(AFTER_TITLE / 2));
        let solid = |line: &Line<'_>| {
            let says = line.chars >= SENTENCE && line.text.ends_with(['。', '！', '？', '”']);
            let long = line.chars >= SOLID || says;
            long && !line.is_linked() && !label::is_meta_line(&line.text)
        };
        let end = self.lines.iter().skip(anchor + 1).take(AFTER_TITLE).position(solid);
        let end = end.map_or(anchor + 1 + AFTER_TITLE, |offset| anchor + 1 + offset);
        // What follows the body is looked at by itself.
        let body_end = body.map(|range| range.end).filter(|end| *end > anchor + 1);
        let end = end.min(body_end.unwrap_or(end)).min(self.lines.len());
        let start = anchor.saturating_sub(BEFORE_TITLE).min(end);
        Zone { start, anchor: anchor.min(end), end }
    }

    /// The texts of a zone: what follows the title is likelier to speak of it than what stands above.
    fn texts(&self, zone: &Zone) -> Vec<&str> {
        let below = self.lines[zone.anchor..zone.end].iter();
        let above = self.lines[zone.start..zone.anchor].iter();
        // Rows that lead elsewhere bear dates of their own.
        let own = |line: &&Line<'_>| !line.is_linked() || label::has_label(&line.text);
        below.chain(above).filter(own).map(|line| line.text.as_str()).collect()
    }

    /// The printed dates. A declared place is believed. Where a meta tells another day than the line
    /// that readers see, the line is: metas are rewritten when a page is published again.
    fn dates(
        &self,
        visible: Vec<Found<Posted>>,
        below: Option<Found<Posted>>,
        hidden: &Hidden<'_, '_>,
    ) -> impl Iterator<Item = Found<Posted>> {
        let read = |text: &str| date::find(text, self.seen).filter(|posted| self.is_past(posted));
        let past = |found: &Found<Posted>| self.is_past(&found.value);
        let mut known =
            self.scene.each(&self.rule.posted, read).chain(self.metas(DATE_METAS, read)).peekable();
        // Below the body a date without a label is as likely that of another article.
        let (below, doubtful) = match below {
            Some(found) if found.rule.starts_with("label") => (Some(found), None),
            other => (None, other),
        };
        let mut visible = visible.into_iter().chain(below).filter(past).peekable();
        let line = known.peek().filter(|known| known.rule.starts_with("meta ")).and_then(|meta| {
            visible.next_if(|line| {
                line.value.date() != meta.value.date()
                    || line.value.precision() == Precision::Minute
            })
        });
        let marked = iter::once_with(|| hidden.marked().posted.clone()).flatten();
        let unseen = iter::once_with(|| self.unseen(hidden)).flatten();
        let hidden = marked.chain(unseen).chain(doubtful).filter(past);
        line.into_iter().chain(known).chain(visible).chain(hidden)
    }

    /// The date that only the address or a script tells; the address where they contradict.
    fn unseen(&self, hidden: &Hidden<'_, '_>) -> Option<Found<Posted>> {
        let address = date::from_url(self.url)
            .map(|value| Found { value, rule: "url".to_owned() })
            .filter(|found| self.is_past(&found.value));
        let script = hidden.scripts().posted(&hidden.title.found.value);
        match (address, script) {
            (Some(address), Some(script)) if address.value.date() != script.value.date() => {
                Some(address)
            }
            (address, script) => script.or(address),
        }
    }

    /// False for dates that lie after the page was seen: deadlines and events.
    fn is_past(&self, posted: &Posted) -> bool {
        self.seen.is_none_or(|seen| posted.at() <= seen + TimeDelta::days(2))
    }

    fn credits(
        &self,
        visible: Option<Found<String>>,
        below: Option<Found<String>>,
        hidden: &Hidden<'_, '_>,
    ) -> impl Iterator<Item = Found<String>> {
        let read = |text: &str| label::named(text, Kind::Credit);
        let labelled = |found: &Found<String>| found.rule == "label";
        let (visible, beside) = match visible {
            Some(found) if labelled(&found) => (Some(found), None),
            other => (None, other),
        };
        let declared = self.scene.each(&self.rule.credit, read);
        let marked = iter::once_with(|| hidden.marked().credit.clone()).flatten();
        let script = iter::once_with(|| hidden.scripts().name(Kind::Credit)).flatten();
        declared
            .chain(visible)
            .chain(self.metas(CREDIT_METAS, read))
            .chain(beside)
            .chain(marked)
            .chain(below.filter(labelled))
            .chain(script)
    }

    fn persons(
        &self,
        declared: &'a [Alternative],
        kind: Kind,
        found: impl Iterator<Item = Found<String>>,
    ) -> impl Iterator<Item = Found<String>> {
        self.scene.each(declared, move |text| label::named(text, kind)).chain(found)
    }

    /// What `read` makes of the metas called `names`, in their order.
    pub(super) fn metas<T>(
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

/// Where fields are looked for, in lines: `start..anchor` above the title, `anchor..end` below.
struct Zone {
    start: usize,
    anchor: usize,
    end: usize,
}
