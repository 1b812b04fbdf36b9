//! Where the body is: known containers and comment marks, else the densest run of lines.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use dom_query::{NodeData, NodeId, NodeRef};
use regex::Regex;

use super::block::Ground;
use super::line::{self, Line};
use super::{frame, label, picture};
use crate::model::Found;
use crate::text::alternative::{Alternative, How, Scene, Selector};
use crate::text::dom::{self, Walk};
use crate::text::{date, web};

/// Containers that mean "body" wherever they occur, the surest first.
const CONTAINERS: &[&str] = &[
    ".TRS_Editor",
    ".TRS_UEDITOR",
    ".trs_editor_view",
    ".trs_paper_default",
    "ucapcontent",
    "#UCAP-CONTENT",
    ".v_news_content",
    "[id^=vsb_content]",
    ".wp_articlecontent",
    "#ivs_content",
    "#js_content",
    "#zoomcon",
    "#zoom",
    "#Zoom",
    "#fontzoom",
    "#artibody",
    "#endText",
    "#ozoom",
    "#articleContent",
    "#article_content",
    "#article-content",
    ".article-content",
    ".article_content",
    ".articleContent",
    ".pages_content",
    ".editor-content",
    "#con_con",
    ".TRS_PreAppend",
    ".rm_txt_con",
    ".box_con",
    "#article_inbox",
    ".post_body",
    ".post_text",
    ".content_area",
    ".main-article",
    ".art_con",
    ".artcon",
    ".news_txt",
    ".newsContent",
    "[itemprop=articleBody]",
];

/// Comments that templates put around the body.
const MARKS: &[(&str, &str)] = &[
    ("ZJEG_RSS.content.begin", "ZJEG_RSS.content.end"),
    ("<$[信息内容]>begin", "<$[信息内容]>end"),
    ("enpcontent", "/enpcontent"),
    ("正文 begin", "正文 end"),
    ("文章正文 begin", "文章正文 end"),
    ("content begin", "content end"),
    ("正文开始", "正文结束"),
];

static KNOWN: LazyLock<Vec<Alternative>> = LazyLock::new(|| {
    let marks = MARKS
        .iter()
        .map(|(begin, end)| Alternative::new(How::Between((*begin).to_owned(), (*end).to_owned())));
    let css = CONTAINERS.iter().map(|text| {
        let selector = Selector::new(text).expect("the selectors above are valid");
        Alternative::new(How::Css(selector))
    });
    marks.chain(css).collect()
});

/// A body has so many characters at least, or a picture, or a file.
const SHORTEST: u32 = 20;
/// More of a body's text in links than this makes it a list.
const MOST_LINKED: f64 = 0.4;

/// The nodes that hold the body by each rule that anybody may know, the surest first.
pub(super) fn known<'a>(scene: &Scene<'a>) -> impl Iterator<Item = Found<Vec<NodeRef<'a>>>> {
    scene.each_nodes(&KNOWN, is_body)
}

/// True where `nodes` could hold a body.
pub(super) fn is_body(nodes: &[NodeRef<'_>]) -> bool {
    let counts = nodes.iter().map(dom::visible_characters);
    let (chars, linked) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let holds = |name: &str| {
        nodes.iter().any(|node| dom::descendants(node).any(|inner| inner.has_name(name)))
    };
    if chars < SHORTEST {
        let shows = || ["img", "iframe", "embed", "object"].into_iter().any(holds);
        return shows() || (chars > 0 && holds("a"));
    }
    f64::from(linked) <= MOST_LINKED * f64::from(chars) || chars < 200
}

/// What a run of lines around the body would be worth.
struct Run {
    range: Range<usize>,
    score: i64,
}

/// The run of `lines`, from `start` on, that reads most like a text, and the nodes that hold it.
pub(super) fn densest<'a>(lines: &[Line<'a>], start: usize) -> Option<Found<Vec<NodeRef<'a>>>> {
    let run = best_run(lines, start)?;
    let range = widened(lines, run.range, start);
    let nodes = nodes_of(lines, range);
    (run.score > 0 && !nodes.is_empty())
        .then(|| Found { value: nodes, rule: "heuristic density".to_owned() })
}

/// The contiguous run with the greatest sum of worths.
fn best_run(lines: &[Line<'_>], start: usize) -> Option<Run> {
    let mut best: Option<Run> = None;
    let (mut from, mut sum) = (start, 0_i64);
    for (at, line) in lines.iter().enumerate().skip(start) {
        if sum <= 0 {
            (from, sum) = (at, 0);
        }
        sum += worth(line);
        if sum > best.as_ref().map_or(0, |best| best.score) {
            best = Some(Run { range: from..at + 1, score: sum });
        }
    }
    best
}

/// A paragraph weighs what it says; links, buttons and footers weigh against.
fn worth(line: &Line<'_>) -> i64 {
    let chars = i64::from(line.chars);
    if line.is_linked() {
        return -12 - chars / 2;
    }
    if BOILERPLATE.is_match(&line.text) {
        return -120;
    }
    // A label ends with a colon, which is no sentence's.
    if line.stops > 0
        && chars <= 60
        && label::has_label(&line.text)
        && label::is_meta_line(&line.text)
    {
        return -10;
    }
    let own = i64::from(line.chars - line.linked);
    let value = match (line.stops, chars) {
        (0, ..=12) => -4,
        (0, _) => -2,
        _ => own.min(800) * if own >= 20 { 2 } else { 1 },
    };
    if line.aside { value.min(0) - chars.min(200) } else { value }
}

static BOILERPLATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"版权所有|ICP\s*备|公安备|备案号|技术支持|Copyright|All Rights Reserved|^(?:上一[篇条页]|下一[篇条页]|相关(?:阅读|链接|新闻|文章|报道|推荐)|推荐阅读|热门推荐|网友评论|友情链接|发表评论|免责声明|版权声明|扫一扫)|^(?:联系|单位)?地\s*址\s*[:：].{0,40}(?:邮\s*编|传\s*真|电\s*话)\s*[:：]|增值电信|违法和不良信息|跟贴|网站标识码",
    )
    .expect("the pattern is valid")
});

/// The run with the short lines at its edges that belong to the same place.
fn widened(lines: &[Line<'_>], run: Range<usize>, start: usize) -> Range<usize> {
    let home = common(lines, &run);
    let within = |line: &Line<'_>| home.is_none_or(|home| is_below(&line.block, &home));
    let belongs = |line: &Line<'_>| {
        within(line) && !line.is_linked() && !line.aside && !BOILERPLATE.is_match(&line.text)
    };
    let mut range = run;
    let last = |at: usize| {
        let line = &lines[at];
        (belongs(line) && !heads_links(lines, at)) || (within(line) && offers_file(line))
    };
    while range.end < lines.len() && last(range.end) {
        range.end += 1;
    }
    while range.start > start
        && belongs(&lines[range.start - 1])
        && !label::is_meta_line(&lines[range.start - 1].text)
    {
        range.start -= 1;
    }
    range
}

/// True for a line that is hardly more than a link to a file.
fn offers_file(line: &Line<'_>) -> bool {
    line.is_linked()
        && !line.aside
        && dom::descendants(&line.block)
            .filter(|node| node.has_name("a"))
            .filter_map(|node| node.attr("href"))
            .any(|href| FILE.is_match(href.trim()))
}

static FILE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|txt|csv)(?:$|[?#])")
        .expect("the pattern is valid")
});

/// True for the heading of a list of links (热点推荐), unless they are the article's own files.
/// What stands above 上一篇 heads nothing: it is the end of the article.
fn heads_links(lines: &[Line<'_>], at: usize) -> bool {
    let (line, next) = (&lines[at], lines.get(at + 1));
    let of_files = |line: &Line<'_>| line.text.contains("附件") || offers_file(line);
    line.chars <= 12
        && !of_files(line)
        && date::find(&line.text, None).is_none()
        && next.is_some_and(|next| {
            next.is_linked() && !of_files(next) && !BOILERPLATE.is_match(&next.text)
        })
}

/// The deepest element that holds all lines of the run; of a single line, what holds its block.
fn common<'a>(lines: &[Line<'a>], run: &Range<usize>) -> Option<NodeRef<'a>> {
    let first = lines.get(run.start)?.block;
    let mut home = if run.len() == 1 { first.parent().unwrap_or(first) } else { first };
    for line in &lines[run.clone()] {
        while !is_below(&line.block, &home) {
            home = home.parent()?;
        }
    }
    Some(home)
}

fn is_below(node: &NodeRef<'_>, above: &NodeRef<'_>) -> bool {
    node.id == above.id || node.ancestors_it(None).any(|ancestor| ancestor.id == above.id)
}

/// The children of the run's home from its first line to its last, with the pictures before it.
fn nodes_of<'a>(lines: &[Line<'a>], range: Range<usize>) -> Vec<NodeRef<'a>> {
    let Some(home) = common(lines, &range) else { return Vec::new() };
    let (Some(first), Some(last)) = (lines.get(range.start), lines.get(range.end - 1)) else {
        return Vec::new();
    };
    let child_with = |line: &Line<'a>| {
        let chain = std::iter::once(line.block).chain(line.block.ancestors_it(None));
        let mut below = None;
        for node in chain {
            if node.id == home.id {
                return below;
            }
            below = Some(node);
        }
        None
    };
    let (Some(mut from), Some(to)) = (child_with(first), child_with(last)) else {
        return vec![home];
    };
    let wordless = |node: &NodeRef<'a>| dom::visible_characters(node).0 == 0;
    while let Some(before) = from.prev_sibling().filter(wordless) {
        from = before;
    }
    let mut nodes = Vec::new();
    let mut next = Some(from);
    while let Some(node) = next {
        nodes.push(node);
        next = if node.id == to.id { None } else { node.next_sibling() };
    }
    nodes.extend(
        std::iter::successors(to.next_sibling(), NodeRef::next_sibling).take_while(wordless),
    );
    nodes
}

/// Pictures, frames and files between the title and whatever ends the page's content: the body of
/// a page that says nothing else.
pub(super) fn wordless<'a>(
    root: &NodeRef<'a>,
    title: NodeId,
    ground: Ground<'_>,
) -> Option<Found<Vec<NodeRef<'a>>>> {
    let mut nodes = Vec::new();
    let (mut past, mut ended) = (false, false);
    dom::walk(root, |node, entering| {
        if node.id == title {
            past |= !entering;
            return Walk::Over;
        }
        if !past || !entering || ended {
            return if ended { Walk::Over } else { Walk::Into };
        }
        node.query_or(Walk::Into, |inner| match &inner.data {
            NodeData::Text { contents } => {
                ended = BOILERPLATE.is_match(contents.trim());
                Walk::Into
            }
            NodeData::Element(element) => {
                let name: &str = &element.name.local;
                ended = name == "footer";
                let shows = match name {
                    "img" => picture::of(node, element, ground.base).is_some(),
                    "a" => element
                        .attr("href")
                        .and_then(|href| web::resolve(ground.base, &href))
                        .is_some_and(|url| ground.is_document(&url)),
                    _ => frame::file(node, element, ground).is_some(),
                };
                if shows {
                    nodes.push(*node);
                }
                // A picture within a link leads elsewhere.
                let over = shows || name == "a" || line::is_aside(element);
                if over || dom::is_skipped(&element.name.local) { Walk::Over } else { Walk::Into }
            }
            _ => Walk::Into,
        })
    });
    let rule = "heuristic wordless".to_owned();
    (!nodes.is_empty()).then_some(Found { value: nodes, rule })
}

/// Lines of the page that lie in `nodes`, as the first and one past the last.
pub(super) fn lines_in(lines: &[Line<'_>], nodes: &[NodeRef<'_>]) -> Option<Range<usize>> {
    let below: HashSet<NodeId> =
        nodes.iter().flat_map(dom::descendants).map(|node| node.id).collect();
    // Bare text of a body stands in a line of the element around it.
    let bare = nodes.iter().filter(|node| !node.is_element());
    let around: HashSet<NodeId> = bare.filter_map(NodeRef::parent).map(|node| node.id).collect();
    let inside =
        |line: &Line<'_>| below.contains(&line.block.id) || around.contains(&line.block.id);
    let first = lines.iter().position(inside)?;
    let last = lines.iter().rposition(inside)?;
    Some(first..last + 1)
}
