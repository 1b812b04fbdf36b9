//! What is said of clients of the API.

use crate::model::Lang;

use super::pick;

/// How far a client has come, and how many items changed since.
pub(in super::super) fn came_to(lang: Lang, seq: u64, behind: u64) -> String {
    match behind {
        0 => pick(lang, format!("已读到 {seq}，无遗留"), format!("read up to {seq}, nothing left")),
        _ => pick(
            lang,
            format!("已读到 {seq}，落后 {behind} 篇"),
            format!("read up to {seq}, {behind} behind"),
        ),
    }
}

pub(in super::super) fn last_asked(lang: Lang, time: &str) -> String {
    pick(lang, format!("最近来访 {time}"), format!("last seen {time}"))
}

pub(in super::super) fn never_asked(lang: Lang) -> &'static str {
    pick(lang, "从未来访", "never seen")
}

pub(in super::super) fn not_configured(lang: Lang) -> &'static str {
    pick(lang, "（不在配置中）", "(not in the configuration)")
}

pub(in super::super) fn no_clients(lang: Lang) -> &'static str {
    pick(
        lang,
        "没有客户端：在 [[client]] 中设置口令后，此处显示其读取进度。",
        "no clients: give one a token in [[client]], and its progress is shown here.",
    )
}
