//! What the commands of editors say.

use chrono::TimeDelta;

use crate::model::{BEIJING, Cause, ItemState, Lang, Withdrawal};
use crate::store::Place;

use super::pick;

pub(in crate::cli) fn no_item(lang: Lang, name: &str) -> String {
    pick(
        lang,
        format!("库中没有“{name}”\n建议：可用编号 tag:…、SITE/KEY、本站文章页的网址或原文网址"),
        format!(
            "nothing stored is called `{name}`\nhint: give an id (tag:…), SITE/KEY, the address of its page here, or of the article"
        ),
    )
}

pub(in crate::cli) fn no_mention(lang: Lang, name: &str) -> String {
    pick(lang, format!("没有文章提到“{name}”。"), format!("no item mentions `{name}`"))
}

pub(in crate::cli) fn nothing_chosen(lang: Lang) -> &'static str {
    pick(
        lang,
        "没有改动任何内容。用 --only 1,3-5 选择，或用 --yes 全部执行。",
        "Nothing was changed. Choose with --only 1,3-5, or take all with --yes.",
    )
}

pub(in crate::cli) fn no_numbers(lang: Lang, text: &str, count: usize) -> String {
    pick(
        lang,
        format!("“{text}”不是 1 到 {count} 的序号；应如 1,3-5"),
        format!("`{text}` names no numbers from 1 to {count}; wanted such as 1,3-5"),
    )
}

pub(in crate::cli) fn which(lang: Lang) -> &'static str {
    pick(
        lang,
        "撤下哪几条？（如 1,3-5；all 为全部；回车取消）",
        "Which of them? (such as 1,3-5; all; Enter for none)",
    )
}

pub(in crate::cli) fn place(lang: Lang, place: Place) -> &'static str {
    match place {
        Place::Title => pick(lang, "标题", "title"),
        Place::Body => pick(lang, "正文", "body"),
        Place::Caption => pick(lang, "图注", "caption"),
        Place::Credit => pick(lang, "署名", "credit"),
        Place::File => pick(lang, "附件名", "file"),
        Place::Revision => pick(lang, "修订", "revision"),
        Place::Reprint => pick(lang, "转载", "reprint of"),
    }
}

/// Behind the title of an item that is not public.
pub(in crate::cli) fn state(lang: Lang, state: ItemState) -> &'static str {
    match state {
        ItemState::Live => "",
        ItemState::Held => pick(lang, "（待放行）", " (held)"),
        ItemState::Withdrawn => pick(lang, "（已撤下）", " (withdrawn)"),
    }
}

pub(in crate::cli) fn withdrawn(lang: Lang) -> &'static str {
    pick(lang, "已撤下：", "withdrawn: ")
}

pub(in crate::cli) fn was_withdrawn(lang: Lang) -> &'static str {
    pick(lang, "早已撤下：", "was withdrawn already: ")
}

pub(in crate::cli) fn restored(lang: Lang) -> &'static str {
    pick(lang, "已恢复：", "restored: ")
}

pub(in crate::cli) fn not_restored(lang: Lang) -> &'static str {
    pick(
        lang,
        "未恢复（没有撤下，或已彻底清除）：",
        "not restored (it was not withdrawn, or is purged): ",
    )
}

pub(in crate::cli) fn purge_first(lang: Lang) -> &'static str {
    pick(
        lang,
        "以上文章的文字、修订与已存网页将被彻底清除，不能恢复。继续？(y/N)",
        "Text, revisions and kept pages of these will be erased for good. Go on? (y/N)",
    )
}

pub(in crate::cli) fn purge_word(lang: Lang) -> &'static str {
    pick(lang, "清除", "purge")
}

pub(in crate::cli) fn purge_second(lang: Lang) -> String {
    let word = purge_word(lang);
    pick(lang, format!("请输入“{word}”以确认："), format!("Type `{word}` to confirm:"))
}

pub(in crate::cli) fn not_confirmed(lang: Lang) -> &'static str {
    pick(
        lang,
        "没有确认，没有改动任何内容。加 --yes 则不再询问。",
        "Not confirmed, nothing was changed. With --yes nothing is asked.",
    )
}

pub(in crate::cli) fn purged(lang: Lang) -> &'static str {
    pick(lang, "已清除：", "purged: ")
}

pub(in crate::cli) fn was_purged(lang: Lang) -> &'static str {
    pick(lang, "早已清除：", "was purged already: ")
}

pub(in crate::cli) fn released(lang: Lang) -> &'static str {
    pick(lang, "已放行：", "released: ")
}

pub(in crate::cli) fn nothing_held(lang: Lang) -> &'static str {
    pick(lang, "没有等待放行的内容。", "Nothing waits for release.")
}

pub(in crate::cli) fn no_holding_feed(lang: Lang, feed: &str) -> String {
    pick(
        lang,
        format!("没有先审后发的订阅“{feed}”；请核对 [[feed]] 的 id 与 hold = true"),
        format!("no feed `{feed}` holds its items; check its id and `hold = true`"),
    )
}

pub(in crate::cli) fn for_feed(lang: Lang, feed: &str) -> String {
    pick(lang, format!("待入订阅 {feed}"), format!("for feed {feed}"))
}

pub(in crate::cli) fn age(lang: Lang, age: TimeDelta) -> String {
    let (days, hours) = (age.num_days(), age.num_hours());
    match (days, hours) {
        (0, 0) => pick(lang, "不到 1 小时", "under 1 h").to_owned(),
        (0, hours) => pick(lang, format!("{hours} 小时"), format!("{hours} h")),
        (days, _) => pick(lang, format!("{days} 天"), format!("{days} d")),
    }
}

pub(in crate::cli) fn followed(lang: Lang) -> &'static str {
    pick(lang, "已发布。", "Published.")
}

pub(in crate::cli) fn not_followed(lang: Lang) -> &'static str {
    pick(
        lang,
        "已记录，但守护进程尚未发布：请查看 lianbo problems。",
        "Noted, but the daemon has not published it yet: look at `lianbo problems`.",
    )
}

/// When and why an item was withdrawn.
pub(in crate::cli) fn withdrawal(lang: Lang, withdrawal: &Withdrawal) -> String {
    let when = withdrawal.when.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M");
    let why = match withdrawal.why {
        Cause::Gone => pick(lang, "原网站已删除", "gone at its origin"),
        Cause::ByHand => pick(lang, "人工撤下", "by hand"),
    };
    let notes = [&withdrawal.by, &withdrawal.reason].into_iter().flatten();
    let notes: String = notes.map(|note| format!("  {note}")).collect();
    let purged = if withdrawal.purged { pick(lang, "，已清除", ", purged") } else { "" };
    pick(
        lang,
        format!("已撤下：{when}  {why}{purged}{notes}"),
        format!("withdrawn: {when}, {why}{purged}{notes}"),
    )
}
