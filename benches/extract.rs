//! How fast articles are read, beside `dom_smoothie` on the same pages in the same run, and what the
//! worst pages cost. Linux only: CPU time and peak memory are what the kernel counts.
//!
//! ```text
//! cargo bench --bench extract                 pages of tests/pages and demo/network
//! cargo bench --bench extract -- DIR          every .html below DIR
//! cargo bench --bench extract -- --worst      only the worst pages
//! ```
#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lianbo::discover::{self, ListRule};
use lianbo::extract::{self, ArticleRule};
use lianbo::model::Call;
use lianbo::text::charset;
use url::Url;

/// Rounds, of which the median counts.
const ROUNDS: usize = 7;
/// A round takes so much CPU time at least (seconds).
const ROUND_S: f64 = 0.5;
/// What is wanted of a page of 2 MB.
const WORST_MS: f64 = 300.0;
const WORST_MB: f64 = 200.0;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--case", name] => case(name),
        ["--memory", rounds, folders @ ..] => memory(rounds.parse().unwrap(), &pages(folders)),
        ["--profile", rounds, folders @ ..] => profile(rounds.parse().unwrap(), &pages(folders)),
        ["--worst"] => worst(),
        folders => {
            rates(&pages(folders));
            grown(folders);
            worst();
        }
    }
}

/// CPU time of this thread in seconds.
fn cpu() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// The most memory that this process ever held, in MB.
fn peak() -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn url() -> Url {
    "http://sheng.test/yw/202611/t20261118_700101.html".parse().unwrap()
}

/// The pages below `folders` as text; without any, those of the repository.
fn pages(folders: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders: Vec<PathBuf> = match folders {
        [] => vec![root.join("tests/pages"), root.join("demo/network")],
        named => named.iter().map(PathBuf::from).collect(),
    };
    let mut files = Vec::new();
    folders.iter().for_each(|folder| collect(folder, &mut files));
    files.sort();
    let text = |file: &PathBuf| charset::text(&fs::read(file).unwrap(), None).ok();
    let texts: Vec<String> = files.iter().filter_map(text).collect();
    assert!(!texts.is_empty(), "no page below {folders:?}");
    texts
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "html" || end == "htm") {
            files.push(path);
        }
    }
}

fn ours(page: &str, url: &Url, rule: &ArticleRule) -> usize {
    extract::read(page, url, None, rule).map_or(0, |article| article.body.value.text.len())
}

fn theirs(page: &str) -> usize {
    let read = dom_smoothie::Readability::new(page, Some("http://sheng.test/a.html"), None)
        .and_then(|mut page| page.parse());
    read.map_or(0, |article| article.text_content.len())
}

/// CPU seconds that `read` takes for all pages, averaged over one round.
fn round(pages: &[String], read: impl Fn(&str) -> usize) -> f64 {
    let (begin, mut times, mut characters) = (cpu(), 0, 0);
    while cpu() - begin < ROUND_S {
        characters += pages.iter().map(|page| read(page)).sum::<usize>();
        times += 1;
    }
    assert!(characters > 0, "nothing was read");
    (cpu() - begin) / f64::from(times)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Both readers in turn, so that neighbours disturb them alike; medians of the rounds.
fn rates(pages: &[String]) {
    let (url, rule) = (url(), ArticleRule::default());
    let bytes: usize = pages.iter().map(String::len).sum();
    println!("{} pages, {:.1} KB each", pages.len(), bytes as f64 / 1024.0 / pages.len() as f64);
    let (mut own, mut parsed, mut other, mut ratio) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        own.push(round(pages, |page| ours(page, &url, &rule)));
        other.push(round(pages, theirs));
        parsed.push(round(pages, |page| lianbo::text::dom::parse(page).map_or(0, |_| 1)));
        ratio.push(other[other.len() - 1] / own[own.len() - 1]);
    }
    let count = pages.len() as f64;
    let (own, parsed, other) = (median(own), median(parsed), median(other));
    println!("pages per CPU second");
    println!("  lianbo extract   {:8.0}", count / own);
    println!("  dom_smoothie     {:8.0}", count / other);
    println!("  ratio            {:8.2}   (wanted: 1.5)", median(ratio));
    println!(
        "  parsing alone    {:8.0}   ({:.0} % of lianbo's time)",
        count / parsed,
        100.0 * parsed / own
    );
}

/// Reads every page `rounds` times and tells the peak of memory.
fn memory(rounds: usize, pages: &[String]) {
    let (url, rule) = (url(), ArticleRule::default());
    let sum: usize = (0..rounds).flat_map(|_| pages).map(|page| ours(page, &url, &rule)).sum();
    assert!(sum > 0);
    println!("{:.1}", peak());
}

/// Reads every page `rounds` times and nothing else, for a profiler to look at.
fn profile(rounds: usize, pages: &[String]) {
    let (url, rule) = (url(), ArticleRule::default());
    let sum: usize = (0..rounds).flat_map(|_| pages).map(|page| ours(page, &url, &rule)).sum();
    println!("{sum}");
}

/// Peak memory after few and after many readings.
fn grown(folders: &[&str]) {
    let after = |rounds: &str| tell(&[&["--memory", rounds], folders].concat());
    println!("peak memory, MB");
    println!("  each page 3 times    {}", after("3").trim());
    println!("  each page 30 times   {}", after("30").trim());
}

/// What this program says with `arguments`, in a process of its own.
fn tell(arguments: &[&str]) -> String {
    let output = Command::new(std::env::current_exe().unwrap()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const SIZE: usize = 2 << 20;

/// The worst pages by name; each is `SIZE` bytes, with a title and a line of text in front.
fn page(name: &str) -> String {
    let mut page =
        "<title>市工商联召开会议</title><h1>市工商联召开会议</h1><p>发布时间：2026-01-02 \
                    来源：办公室</p><div>"
            .to_owned();
    let unit = match name {
        "cells" => "<td>文",
        "rows" => "<tr><td>文",
        "unclosed paragraphs" => "<p>文",
        "nested" => "<div>",
        "nested formatting" => "<b><p>",
        "one attribute" => "",
        "links" => "<a href=a>文</a>",
        "links far from home" => "<a href=a.doc>文",
        "line breaks" => "<br>",
        "lines" => "市工商联召开会议，听取意见。<br>",
        "one line" => "市工商联召开会议，听取意见。",
        "one line without stops" => "文",
        "dates" => "2026-01-02 ",
        "labels" => "来源：",
        "small lists" => "<ul><li><a href=/1.html>市工商联召开会议</a></ul>",
        "lists of dates" => "<li><a href=/1.html>市工商联召开会议</a> 2026-01-02</li>",
        "comments" => "<!--a-->",
        "pictures" => "<img src=a.jpg>",
        "captions" => "<p><img src=a.jpg><p>图为会议现场",
        "entities" => "&amp;",
        "scripts" => "<script>var a</script>",
        "metas" => "<meta name=a content=b>",
        "spans" => "<span>文</span>",
        "headings" => "<h2>市工商联召开会议</h2>",
        "bylines" => "<p>来源：办公室 日期：2026-01-02</p>",
        "classes" => "<div class='zoom content article'>文</div>",
        "containers" => "<div class=TRS_Editor>文</div>",
        other => panic!("no page `{other}`"),
    };
    if name == "one attribute" {
        page.push_str("<p title='");
        page.push_str(&"a".repeat(SIZE));
        page.push_str("'>文</p>");
    }
    if name == "links far from home" {
        page = format!("<base href='http://a.test/{}/'>{page}", "b".repeat(4000));
    }
    if ["cells", "rows"].contains(&name) {
        page.push_str("<table>");
    }
    while !unit.is_empty() && page.len() < SIZE {
        page.push_str(unit);
    }
    page
}

const CASES: &[&str] = &[
    "cells",
    "rows",
    "unclosed paragraphs",
    "nested",
    "nested formatting",
    "one attribute",
    "links",
    "links far from home",
    "line breaks",
    "lines",
    "one line",
    "one line without stops",
    "dates",
    "labels",
    "small lists",
    "lists of dates",
    "comments",
    "pictures",
    "captions",
    "entities",
    "scripts",
    "metas",
    "spans",
    "headings",
    "bylines",
    "classes",
    "containers",
];

/// Time and memory of one page, read as an article and as a list.
fn case(name: &str) {
    let (page, url) = (page(name), url());
    let begin = cpu();
    let article = extract::read(&page, &url, None, &ArticleRule::default());
    let (article_ms, article_mb) = ((cpu() - begin) * 1e3, peak());
    let became = article.err().map_or("article", |rejection| rejection.code);
    let begin = cpu();
    let listing = discover::read(&page, &Call::get(url), None, &ListRule::default());
    let list_ms = (cpu() - begin) * 1e3;
    let listed = listing.err().map_or("list", |rejection| rejection.code);
    println!("{article_ms}\t{article_mb}\t{became}\t{list_ms}\t{}\t{listed}", peak());
}

fn worst() {
    println!(
        "worst pages of 2 MB (aims: {WORST_MS} ms, {WORST_MB} MB; memory holds the page itself)"
    );
    println!("  {:24}{:>9}{:>9}  {:14}{:>9}{:>9}", "", "ms", "MB", "article", "ms", "MB, list");
    for name in CASES {
        let told = tell(&["--case", name]);
        let cells: Vec<&str> = told.trim().split('\t').collect();
        let number = |at: usize| cells[at].parse::<f64>().unwrap();
        let over = [0, 3].iter().any(|at| number(*at) > WORST_MS)
            || [1, 4].iter().any(|at| number(*at) > WORST_MB);
        println!(
            "{} {name:24}{:9.0}{:9.0}  {:14}{:9.0}{:9.0}  {}",
            if over { "!" } else { " " },
            number(0),
            number(1),
            cells[2],
            number(3),
            number(4),
            cells[5]
        );
    }
}
