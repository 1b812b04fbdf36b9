//! The title: what the page prints, told by what `<title>` says.

use std::iter;
use std::sync::LazyLock;

use dom_query::NodeRef;
use regex::Regex;

use super::label;
use super::line::Line;
use crate::model::Found;
use crate::text::alternative::{Alternative, How, Scene, Selector};
use crate::text::plain;

/// A title and where it stands among the lines.
pub(super) struct Title {
    pub(super) found: Found<String>,
    pub(super) line: Option<usize>,
}

/// Characters of a title at most; longer lines are paragraphs.
const LONGEST: usize = 120;

/// Elements that mean "title" wherever they occur.
pub(super) static KNOWN: LazyLock<Vec<Alternative>> = LazyLock::new(|| {
    let css = |text: &&str| {
        Alternative::new(How::Css(Selector::new(text).expect("the selectors here are valid")))
    };
    ["#activity-name", "[itemprop=headline]"].iter().map(css).collect()
});

/// Titles by their looks, the likeliest first: the line that `<title>` repeats, else what stands above
/// the line with date and source, else `<title>` without the site's name.
pub(super) fn by_looks(lines: &[Line<'_>], page_title: String) -> impl Iterator<Item = Title> {
    let (sure, doubtful) = match repeated(lines, &page_title) {
        Some(title) if is_doubtful(lines, &title, &page_title) => (None, Some(title)),
        other => (other, None),
    };
    let whole = move || {
        let value = without_site(&page_title);
        let found = Found { value, rule: "heuristic <title>".to_owned() };
        (!found.value.is_empty()).then_some(Title { found, line: None })
    };
    sure.into_iter()
        .chain(iter::once_with(|| above_meta_line(lines)).flatten())
        .chain(iter::once_with(|| heading(lines)).flatten())
        .chain(doubtful)
        .chain(iter::once_with(whole).flatten())
}

/// True for a short line that date and source do not follow, or follow only after a longer one:
/// most likely the site's name, which is all that some templates put into `<title>`.
fn is_doubtful(lines: &[Line<'_>], title: &Title, page_title: &str) -> bool {
    let count = title.found.value.chars().count();
    if count > 10 {
        return false;
    }
    let Some(at) = title.line else { return true };
    // A heading that a separator and the site's name follow, and that is no site's name itself.
    let line = &lines[at];
    let headed = line.heading > 0 || is_called_title(&line.block);
    let followed = fold(page_title)
        .strip_prefix(&fold(&title.found.value))
        .is_some_and(|rest| rest.starts_with(['_', '|', '-', '–', '—', '·']));
    if headed && followed && !label::is_organ(&title.found.value) {
        return false;
    }
    let meta = (at + 1..lines.len()).take(4).find(|next| label::is_meta_line(&lines[*next].text));
    let Some(meta) = meta else { return true };
    let above = above_meta_line(&lines[..=meta]);
    above.is_some_and(|above| above.line != Some(at) && above.found.value.chars().count() > count)
}

/// Where a title that is known otherwise (a meta, a declared rule) is printed.
pub(super) fn place(lines: &[Line<'_>], title: &str) -> Option<usize> {
    let wanted = fold(title);
    let same = |line: &&Line<'_>| {
        let text = fold(&line.text);
        text == wanted || (text.chars().count() >= 8 && wanted.starts_with(&text))
    };
    let at =
        |plain: bool| lines.iter().position(|line| (!line.is_linked() || !plain) && same(&line));
    at(true).or_else(|| at(false))
}

/// The content of `<title>`, one line.
pub(super) fn of_page(page: &Scene<'_>) -> String {
    let title = page.elements("title").next();
    title.map_or_else(String::new, |title| plain::one_line(&title.text()))
}

/// The line that stands in `<title>` and looks most like a title.
fn repeated(lines: &[Line<'_>], page_title: &str) -> Option<Title> {
    let whole = fold(page_title);
    if whole.is_empty() {
        return None;
    }
    let mut best: Option<(i32, usize, String)> = None;
    for (at, line) in lines.iter().enumerate() {
        if !may_repeat(line, &whole) {
            continue;
        }
        for text in spellings(lines, at) {
            let Some(score) = weight(&text, &whole, line, lines, at) else { continue };
            if best.as_ref().is_none_or(|best| score > best.0) {
                best = Some((score, at, text));
            }
        }
    }
    let (_, at, text) = best?;
    let found = Found { value: plain::one_line(&text), rule: "heuristic title line".to_owned() };
    Some(Title { found, line: Some(at) })
}

/// False where a line begins as nothing in `whole` does: most lines, told without folding all of them.
fn may_repeat(line: &Line<'_>, whole: &str) -> bool {
    let beginning: String = line.text.chars().take(4).collect();
    let mut beginning = fold(&beginning);
    // What comes after may join the last character.
    beginning.pop();
    line.chars as usize <= LONGEST * 4 && whole.contains(&beginning)
}

/// A line, and the line with the next one where the title is broken in two.
fn spellings(lines: &[Line<'_>], at: usize) -> Vec<String> {
    let line = &lines[at];
    let mut all = vec![line.text.clone()];
    let next = lines.get(at + 1).filter(|next| next.block.id == line.block.id);
    if let Some(next) = next.filter(|_| line.chars <= 60) {
        all.push(format!("{}{}", line.text, next.text));
        all.push(format!("{} {}", line.text, next.text));
    }
    all
}

/// How much a line looks like the title, if `<title>` has it at all.
fn weight(text: &str, whole: &str, line: &Line<'_>, lines: &[Line<'_>], at: usize) -> Option<i32> {
    let text = fold(text);
    let count = text.chars().count();
    if !(4..=LONGEST).contains(&count) {
        return None;
    }
    let stem = whole.trim_end_matches(['…', '.']);
    let starts = whole.starts_with(&text);
    let cut = stem.len() < whole.len() && stem.chars().count() >= 8 && text.starts_with(stem);
    if !starts && !cut && !whole.contains(&text) {
        return None;
    }
    let mut score = i32::try_from(count).unwrap_or(0);
    // A short beginning may be the site's name that stands first.
    score += if starts || cut { (score / 2).min(8) } else { 0 };
    let heading = match line.heading {
        1 => 8,
        2 => 6,
        3 | 4 => 4,
        _ => 0,
    };
    // Neither is a heading that stands in the middle of `<title>` and is short.
    score +=
        if starts || cut { heading } else { heading.min(i32::try_from(count).unwrap_or(0) / 2) };
    score += if is_called_title(&line.block) { 4 } else { 0 };
    let followed = lines.iter().skip(at + 1).take(3).any(|line| label::is_meta_line(&line.text));
    score += if followed { 8 } else { 0 };
    score -= if line.is_linked() { 14 } else { 0 };
    score -= if line.aside { 14 } else { 0 };
    Some(score)
}

fn is_called_title(block: &NodeRef<'_>) -> bool {
    iter::once(*block).chain(block.ancestors_it(Some(1))).any(|node| {
        [node.class(), node.id_attr()]
            .into_iter()
            .flatten()
            .any(|names| TITLE_NAME.is_match(&names))
    })
}

static TITLE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)title|headline|subject|(?-u:\b)tit|(?-u:\b)bt(?-u:\b)|biaoti")
        .expect("the pattern is valid")
});

/// The heading nearest above a line with date or source.
fn heading(lines: &[Line<'_>]) -> Option<Title> {
    let usable = |line: &Line<'_>| {
        line.heading > 0
            && !line.is_linked()
            && (6..=LONGEST as u32).contains(&line.chars)
            && !super::breadcrumb::is_one(&line.text)
    };
    let metas = (0..lines.len()).filter(|at| label::is_meta_line(&lines[*at].text));
    let at = metas
        .flat_map(|meta| (meta.saturating_sub(4)..meta).rev())
        .find(|at| usable(&lines[*at]))?;
    let value = plain::one_line(&lines[at].text);
    Some(Title { found: Found { value, rule: "heuristic heading".to_owned() }, line: Some(at) })
}

/// The line right above the first one that holds date and source.
fn above_meta_line(lines: &[Line<'_>]) -> Option<Title> {
    // The rows of a list bear dates too.
    let meta = lines
        .iter()
        .position(|line| !line.block.has_name("li") && label::is_meta_line(&line.text))?;
    let at = meta.checked_sub(1)?;
    let line = &lines[at];
    let fits = !line.is_linked()
        && !line.text.ends_with('。')
        && (6..=LONGEST as u32).contains(&line.chars);
    let value = plain::one_line(&line.text);
    let usable = fits && !label::is_meta_line(&value) && !super::breadcrumb::is_one(&value);
    usable.then(|| Title {
        found: Found { value, rule: "heuristic above meta line".to_owned() },
        line: Some(at),
    })
}

/// `<title>` up to the site's name: `题_栏目_站名`, `题-站名`, `题 | 站名`.
///
/// Figures on both sides of a dash (`1-10月`) are no separator.
fn without_site(page_title: &str) -> String {
    let cut = SEPARATOR.find_iter(page_title).find(|mark| {
        let before = page_title[..mark.start()].chars().next_back();
        let after = page_title[mark.end()..].chars().next();
        let figures =
            before.is_some_and(|c| c.is_ascii_digit()) && after.is_some_and(|c| c.is_ascii_digit());
        page_title[..mark.start()].chars().count() >= 6 && !figures
    });
    cut.map_or(page_title, |mark| &page_title[..mark.start()]).trim().to_owned()
}

static SEPARATOR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s*(?:[_|｜]|--+|——|\s[-–—]\s|[-–])\s*").expect("valid"));

/// Without white space and in one kind of quotes and width, for comparing.
pub(super) fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'A'..='Z' => folded.push(c.to_ascii_lowercase()),
            '\u{3000}' => {}
            '“' | '”' => folded.push('"'),
            '‘' | '’' => folded.push('\''),
            c if c.is_ascii() => folded.extend((!c.is_whitespace()).then_some(c)),
            '、' | '。' | '\u{4E00}'..='\u{9FFF}' => folded.push(c),
            c => match u32::from(c).checked_sub(FULL_WIDTH).and_then(char::from_u32) {
                Some(narrow @ '!'..='~') => folded.push(narrow.to_ascii_lowercase()),
                // Anything else asks for the tables.
                _ => return fold_by_tables(text.nfkc()),
            },
        }
    }
    folded
}

/// What lies between `Ａ` and `A`.
const FULL_WIDTH: u32 = 0xFEE0;

fn fold_by_tables(normalised: impl Iterator<Item = char>) -> String {
    normalised
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200B}'..='\u{200D}' | '\u{FEFF}'))
        .map(|c| match c {
            '“' | '”' => '"',
            '‘' | '’' => '\'',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::line;
    use super::*;
    use crate::text::dom;

    proptest::proptest! {
        #[test]
        fn folding_without_the_tables_is_folding_by_them(text in "[a-zA-Z ０-９Ａ-ｚ！-～“”‘’、。，一-龥é①\u{3000}\u{200b}…㈱]{0,12}") {
            use unicode_normalization::UnicodeNormalization;
            proptest::prop_assert_eq!(fold(&text), fold_by_tables(text.nfkc()));
        }
    }

    #[track_caller]
    fn title(html: &str, wanted: &str) {
        let doc = dom::parse(html).unwrap();
        let lines = line::read(&doc.root());
        let url = "http://a.test/".parse().unwrap();
        let found = by_looks(&lines, of_page(&Scene::new(doc.root(), &url))).next();
        assert_eq!(found.map(|title| title.found.value).as_deref(), Some(wanted), "in {html}");
    }

    #[test]
    fn the_printed_line_that_the_title_element_repeats() {
        title(
            "<title>市工商联召开会议_省工商联</title><h1>省工商联</h1><div>市工商联召开会议</div>",
            "市工商联召开会议",
        );
        title(
            "<title>省工商联-市工商联召开会议</title><table><tr><td>省工商联</td><td><b>市工商联召开会议</b></td></table>",
            "市工商联召开会议",
        );
        title(
            "<title>1-10月全市工业运行情况-统计局</title><p>1-10月全市工业运行情况</p>",
            "1-10月全市工业运行情况",
        );
        title("<title>“两节”慰问</title><h2>\"两节\"慰问</h2>", "\"两节\"慰问");
        title(
            "<title>书记市长这一周 | 走进商会</title><li><a href=x>书记市长这一周</a></li><h1>书记市长这一周 | 走进商会</h1>",
            "书记市长这一周 | 走进商会",
        );
        title(
            "<title>关于组织申报年度商会服务项目的…</title><h3>关于组织申报年度商会服务项目的通知</h3>",
            "关于组织申报年度商会服务项目的通知",
        );
        title(
            "<title>不忘初心牢记使命 商会举办竞赛</title><h1>不忘初心牢记使命<br>商会举办竞赛</h1>",
            "不忘初心牢记使命商会举办竞赛",
        );
    }

    #[test]
    fn a_title_element_that_names_only_the_site() {
        title(
            "<title>省工商联</title><div>首页</div><p>市工商联召开座谈会</p><p>来源：本站 日期：2026-01-02</p>",
            "市工商联召开座谈会",
        );
        title(
            "<title>工商联</title><h1>市工商联召开座谈会</h1><p>2026-01-02 来源：本站</p>",
            "市工商联召开座谈会",
        );
        title("<title>市工商联召开座谈会 - 省工商联</title><p>别的文字</p>", "市工商联召开座谈会");
        title(
            "<title>商会组团考察 - 省工商联</title><h1>商会组团考察</h1><p>正文里的一句话，到此为止。</p>\
             <ul><li><a href=x>别的标题</a> 2026-01-02</ul>",
            "商会组团考察",
        );
    }
}
