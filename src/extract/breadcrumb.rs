//! The way from the home page to the article: 您现在的位置：首页 > 专题 > 工商联举措.

use std::sync::LazyLock;

use regex::Regex;

use super::line::Line;
use super::title;
use crate::model::Found;
use crate::text::plain;

/// Steps at most; longer lines of links are menus.
const MOST: usize = 8;

static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:(?:您|你)?(?:现在|当前|目前)?所?在?的?位置(?:是|在)?|当前页面?|导航)\s*[:：]")
        .expect("the pattern is valid")
});

/// The breadcrumb among the lines before `end`; `article` is the title, which is no step.
pub(super) fn find(lines: &[Line<'_>], end: usize, article: &str) -> Option<Found<Vec<String>>> {
    let before = &lines[..end.min(lines.len())];
    let labelled = before.iter().rposition(|line| LABEL.is_match(&line.text));
    let (text, rule) = match labelled {
        Some(at) => (with_following(before, at), "label position"),
        None => {
            (before.iter().rev().find(|line| is_one(&line.text))?.text.clone(), "heuristic crumbs")
        }
    };
    let label = LABEL.find_iter(&text).last().map_or(0, |label| label.end());
    let steps = steps(&text[label..], article);
    let usable = !steps.is_empty() && steps.len() <= MOST;
    usable.then(|| Found { value: steps, rule: rule.to_owned() })
}

/// A breadcrumb without a label: at least one separator, and it starts at the home page.
pub(super) fn is_one(text: &str) -> bool {
    let text = plain::one_line(text);
    let home = text.starts_with("首页") || text.starts_with("网站首页") || text.starts_with("主页");
    LABEL.is_match(&text) || (home && text.chars().count() <= 80 && SEPARATOR.is_match(&text))
}

/// The line of the label, with the lines after it where each step is a block of its own.
fn with_following(lines: &[Line<'_>], at: usize) -> String {
    let mut text = lines[at].text.clone();
    let label = LABEL.find(&text).map_or(0, |label| label.end());
    if text[label..].chars().filter(|c| c.is_alphanumeric()).count() < 2 {
        for line in lines.iter().skip(at + 1).take(MOST).take_while(|line| line.chars <= 16) {
            text.push_str(" > ");
            text.push_str(&line.text);
        }
    }
    text
}

static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s*(?:>{1,2}|＞|》{1,2}|»|›|→|-{1,2}>|[/／]|\||\s[-–—]\s)\s*")
        .expect("the pattern is valid")
});

/// The steps that `text` names, without the article's own.
pub(super) fn steps(text: &str, article: &str) -> Vec<String> {
    let article = title::fold(article);
    let mut steps: Vec<String> = SEPARATOR
        .split(text)
        .map(|step| plain::one_line(step).trim_matches(['-', '·', ' ', ':', '：']).to_owned())
        .filter(|step| !step.is_empty() && step.chars().count() <= 30)
        .collect();
    let last_is_page = |step: &String| {
        LAST.is_match(step)
            || (!article.is_empty()
                && article.starts_with(&title::fold(step).replace(['…', '.'], "")))
    };
    while steps.last().is_some_and(last_is_page) {
        steps.pop();
    }
    steps
}

/// What templates call the article's own step.
static LAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:正文|内容|详情|详细(?:内容|信息)?|内容(?:页|详情)|文章(?:内容|正文|详情|页)|浏览文章|查看文章|信息(?:内容|浏览|详情)|新闻(?:详情|内容|正文)|阅读(?:正文|新闻)?|浏览|全文)$")
        .expect("the pattern is valid")
});

#[cfg(test)]
mod tests {
    use super::super::line;
    use super::*;
    use crate::text::dom;

    #[track_caller]
    fn reads(html: &str, wanted: &[&str]) {
        let doc = dom::parse(html).unwrap();
        let lines = line::read(&doc.root());
        let found = find(&lines, lines.len(), "市工商联召开会议").map(|found| found.value);
        assert_eq!(found.unwrap_or_default(), wanted, "in {html}");
    }

    #[test]
    fn ways_home() {
        reads(
            "<div>您现在的位置:首页\u{a0}>\u{a0}专题\u{a0}>\u{a0}苏商聚力共抗疫情\u{a0}>\u{a0}工商联举措</div>",
            &["首页", "专题", "苏商聚力共抗疫情", "工商联举措"],
        );
        reads(
            "<p>当前位置：<a href=/>首页</a> &gt; <a href=#>工作动态</a> &gt; 正文",
            &["首页", "工作动态"],
        );
        reads("<p>首页 >> 网站首页 >> 商会动态 >> 内容", &["首页", "网站首页", "商会动态"]);
        reads("<p>首页 › 要闻 › 市工商联召开会议", &["首页", "要闻"]);
        reads("<ul><li>当前位置：<li>首页<li>要闻</ul>", &["首页", "要闻"]);
        reads("<p>首页 | 要闻 | 公告</p><p>当前位置：首页>>公告>>市工商联召开…", &["首页", "公告"]);
        reads("<p>正文没有位置", &[]);
    }
}
