//! What `push` says.

use crate::model::{Lang, Seq};

use super::pick;

pub(in crate::cli) fn hook_at(lang: Lang, url: &str, cursor: Seq, last: Seq) -> String {
    pick(
        lang,
        format!("{url}\t已到变更 {cursor}（最新 {last}）"),
        format!("{url}\tat change {cursor} of {last}"),
    )
}

pub(in crate::cli) fn no_longer_configured(lang: Lang) -> &'static str {
    pick(lang, "配置中已没有", "no longer configured")
}

pub(in crate::cli) fn subscribed(lang: Lang, topic: &str, until: &str) -> String {
    pick(lang, format!("{topic}\t订阅到 {until}"), format!("{topic}\tuntil {until}"))
}

pub(in crate::cli) fn failing(
    lang: Lang,
    since: &str,
    attempts: u32,
    next: Option<&str>,
    error: &str,
) -> String {
    let (zh, en) = match next {
        Some(next) => (
            format!("；已试 {attempts} 次，{next} 再试"),
            format!("; {attempts} attempts, the next at {next}"),
        ),
        None => (String::new(), String::new()),
    };
    pick(
        lang,
        format!("自 {since} 起失败{zh}：{error}"),
        format!("failing since {since}{en}: {error}"),
    )
}

pub(in crate::cli) fn worked(lang: Lang, at: &str) -> String {
    pick(lang, format!("正常，上次送达 {at}"), format!("fine, last delivery {at}"))
}

pub(in crate::cli) fn nothing_sent(lang: Lang) -> &'static str {
    pick(lang, "尚未投递", "nothing sent yet")
}

pub(in crate::cli) fn nobody_is_sent_to(lang: Lang) -> &'static str {
    pick(lang, "没有订阅者、webhook 或外部 hub。", "No subscribers, webhooks or further hubs.")
}

pub(in crate::cli) fn no_letters(lang: Lang) -> &'static str {
    pick(lang, "没有放弃投递的内容。", "Nothing was given up on.")
}

pub(in crate::cli) fn letter_waits(lang: Lang) -> &'static str {
    pick(lang, "（等待重发）", " (to be sent again)")
}

pub(in crate::cli) fn letter_goes(lang: Lang, id: i64) -> String {
    pick(lang, format!("{id}：即将重发"), format!("{id}: is sent again"))
}

pub(in crate::cli) fn letter_dropped(lang: Lang, id: i64) -> String {
    pick(lang, format!("{id}：已删去"), format!("{id}: dropped"))
}

pub(in crate::cli) fn no_letter(lang: Lang, id: i64) -> String {
    pick(
        lang,
        format!("没有编号 {id}；请看 lianbo push dead"),
        format!("no number {id}; see `lianbo push dead`"),
    )
}

pub(in crate::cli) fn letter_for_nobody(lang: Lang, id: i64) -> String {
    pick(
        lang,
        format!("{id}：订阅者或 hub 已不在；可用 lianbo push drop {id} 删去"),
        format!("{id}: whom it was for is gone; `lianbo push drop {id}` takes it off the list"),
    )
}
