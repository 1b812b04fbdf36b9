//! The two dialects of Markdown that chat groups speak.

use super::said::{Line, Measure, Mood, Said};

/// 钉钉: a line ends with a blank one.
pub(super) fn dingtalk(said: &Said, measure: &Measure) -> String {
    let mut out = vec![format!("### {}", tame(&said.title))];
    for line in said.lines(measure) {
        out.push(match line {
            // Heads and hints are our own words, in which names of keys stay as they are.
            Line::Head(text) => format!("**{text}**"),
            Line::Place(text) => format!("- {}", tame(&text)),
            Line::Found(text) => format!("> {}", tame(&text)),
            Line::Hint(text) | Line::More(text) => text,
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
            Line::Head(text) => format!("\n**{text}**"),
            Line::Place(text) => format!("· {}", tame(&text)),
            Line::Found(text) => format!("<font color=\"comment\">{}</font>", tame(&text)),
            Line::Hint(text) | Line::More(text) => text,
        });
    }
    out.push(format!("[{}]({})", said.link.0, said.link.1));
    out.join("\n")
}

/// Text in which no sign means anything: no link, no mention (`<@all>`), no markup.
pub(super) fn tame(text: &str) -> String {
    let sister = |c| match c {
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
        c => c,
    };
    text.chars().map(sister).collect()
}
