//! What `alert` and `problems --history` say.

use crate::model::Lang;

use super::pick;

pub(in crate::cli) fn no_alerts(lang: Lang) -> &'static str {
    pick(
        lang,
        "没有配置 [[alert]]：出了问题不会通知任何人。写法见使用手册“出了问题先告诉谁”。",
        "There is no `[[alert]]`: nobody is told when something breaks. The guide shows how to write one.",
    )
}

pub(in crate::cli) fn no_alert(lang: Lang, id: &str, known: &[&str]) -> String {
    pick(
        lang,
        format!("没有告警“{id}”；已配置：{}", known.join("、")),
        format!("no alert `{id}`; there are: {}", known.join(", ")),
    )
}

pub(in crate::cli) fn alert_arrived(lang: Lang, id: &str) -> String {
    pick(lang, format!("{id}：已送达"), format!("{id}: delivered"))
}

pub(in crate::cli) fn alert_failed(lang: Lang, id: &str, answer: &str, hint: &str) -> String {
    pick(
        lang,
        format!("{id}：没有送达\n  回答：{answer}\n  建议：{hint}"),
        format!("{id}: not delivered\n  answer: {answer}\n  hint: {hint}"),
    )
}

pub(in crate::cli) fn no_notices(lang: Lang) -> &'static str {
    pick(lang, "还没有出现过问题。", "No problem has opened yet.")
}

pub(in crate::cli) fn problem_opened(lang: Lang) -> &'static str {
    pick(lang, "出现", "opened")
}

pub(in crate::cli) fn problem_healed(lang: Lang, since: &str) -> String {
    pick(lang, format!("恢复（{since} 起）"), format!("healed (since {since})"))
}
