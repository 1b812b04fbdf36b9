//! Comments for a site file: the site's codes, its charset, its robots.txt.

use url::Url;

use crate::model::Both;
use crate::probe::Facts;

/// Comments on the site's codes, charset and robots.txt.
pub(super) fn notes(
    facts: &Facts,
    (charset, how): (&str, &str),
    robots: Option<&str>,
) -> Vec<Both> {
    let mut notes = Vec::new();
    if let Some(code) = &facts.id_code {
        notes.push(Both::new(format!("网站标识码 {code}。"), format!("Site code {code}.")));
    }
    if let Some(icp) = &facts.icp {
        notes.push(Both::new(format!("备案号 {icp}。"), format!("ICP number {icp}.")));
    }
    notes.push(Both::new(
        format!("首页编码 {charset}（依据 {how}）；编码按每次应答判断，不必声明。"),
        format!("Charset of the front page: {charset} (by {how}); decided anew for every answer."),
    ));
    notes.push(match robots {
        None => Both::new("没有 robots.txt。", "No robots.txt."),
        Some(text) => robots_note(text),
    });
    notes
}

/// The address that was asked for is an article's.
pub(super) fn article(start: &Url, home: &Url) -> Both {
    Both::new(
        format!("{start} 是一篇文章，不是栏目；改从首页 {home} 找起。"),
        format!("{start} is an article, no column; the walk went on from the home page {home}."),
    )
}

/// What the rules of robots.txt amount to.
fn robots_note(text: &str) -> Both {
    let after = |line: &str, key: &str| {
        let (name, value) = line.split_once(':')?;
        let value = value.split('#').next().unwrap_or_default().trim();
        (name.trim().eq_ignore_ascii_case(key) && !value.is_empty()).then(|| value.to_owned())
    };
    let refused: Vec<String> = text.lines().filter_map(|line| after(line, "disallow")).collect();
    let delay = text.lines().find_map(|line| after(line, "crawl-delay"));
    let shown = refused.iter().take(4).cloned().collect::<Vec<_>>().join(" ");
    let (zh, en) = match refused.len() {
        0 => ("robots.txt 不禁止任何路径".to_owned(), "robots.txt forbids nothing".to_owned()),
        n => (
            format!("robots.txt 有 {n} 条禁止（{shown}），下列栏目不在其中"),
            format!("robots.txt forbids {n} paths ({shown}), none of the columns below"),
        ),
    };
    match delay {
        Some(delay) => Both::new(
            format!("{zh}；Crawl-delay {delay}，会遵守。"),
            format!("{en}; its Crawl-delay {delay} is kept."),
        ),
        None => Both::new(format!("{zh}。"), format!("{en}.")),
    }
}
