//! The two dialects of Markdown that chat groups speak.

use super::said::{Line, Measure, Mood, Said};

/// 钉钉: a line ends with a blank one.
pub(super) fn dingtalk(said: &Said, measure: &Measure) -> String {
    let mut out = vec![format!("### {}", tame(&said.title))];
    for line in said.lines(measure) {
        out.push(match line {
            Line::Head(text) => format!("**{}**", tame(&text)),
            Line::Place(text) => format!("- {}", tame(&text)),
            Line::Found(text) => format!("> {}", tame(&text)),
            Line::Hint(text) | Line::More(text) => tame(&text),
        });
    }
    out.push(format!("[{}]({})", said.link.0, said.link.1));
    out.join("\n\n")
}

/// 企业微信: has colours, and no lists.
pub(super) fn wecom(said: &Said, measure: &Measure) -> String {
    let colour = match said.mood {
        Mood::Bad => "warning",
        Mood::Good => "info",
        Mood::Test => "comment",
    };
    let mut out = vec![format!("<font color=\"{colour}\">**{}**</font>", tame(&said.title))];
    for line in said.lines(measure) {
        out.push(match line {
            Line::Head(text) => format!("**{}**", tame(&text)),
            Line::Place(text) => format!("· {}", tame(&text)),
            Line::Found(text) => format!("> {}", tame(&text)),
            Line::Hint(text) | Line::More(text) => tame(&text),
        });
    }
    out.push(format!("[{}]({})", said.link.0, said.link.1));
    out.join("\n")
}

/// Text in which no sign means anything: no link, no mention (`<@all>`), no markup, no direction
/// that is turned round.
pub(super) fn tame(text: &str) -> String {
    let kept = text.chars().filter(|c| !turns(*c));
    kept.map(|c| match c {
        '<' => '＜',
        '>' => '＞',
        '[' => '［',
        ']' => '］',
        '*' => '＊',
        '_' => '＿',
        '#' => '＃',
        '\\' => '＼',
        '~' => '～',
        '|' => '｜',
        '@' => '＠',
        '`' => '\'',
        '&' => '＆',
        c if c.is_control() => ' ',
        c => c,
    })
    .collect()
}

/// Whether `c` turns the direction of what follows round.
pub(super) fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
