//! What the commands for issues say.

use crate::manuscript::ManuscriptError;
use crate::model::{IssueId, Lang, Remark, Since};
use crate::pipeline::Pushed;
use crate::publish::wechat::WechatError;
use crate::render::issue::EditsError;
use crate::store::IssueMention;

use super::pick;

pub(in crate::cli) fn remark(lang: Lang, remark: &Remark) -> String {
    pick(lang, remark.zh.clone(), remark.en.clone())
}

pub(in crate::cli) fn platform(lang: Lang, error: &WechatError) -> String {
    let (what, hint) = (error.sentence(), error.hint());
    format!("{}\n{}{}", what.text(lang), pick(lang, "建议：", "hint: "), hint.text(lang))
}

pub(in crate::cli) fn manuscript(lang: Lang, name: &str, error: &ManuscriptError) -> String {
    pick(lang, format!("{name}：{}", error.zh()), format!("{name}: {error}"))
}

pub(in crate::cli) fn edits(lang: Lang, error: &EditsError) -> String {
    pick(lang, error.zh(), error.to_string())
}

pub(in crate::cli) fn unreadable(lang: Lang, name: &str, error: &std::io::Error) -> String {
    pick(lang, format!("{name} 无法读取：{error}"), format!("`{name}` cannot be read: {error}"))
}

pub(in crate::cli) fn no_issue(lang: Lang, text: &str) -> String {
    pick(
        lang,
        format!("“{text}”不是期号；应如 weekly/12（文摘/总期号），用 lianbo issue list 查看"),
        format!("`{text}` names no issue; wanted such as weekly/12, see `lianbo issue list`"),
    )
}

pub(in crate::cli) fn nothing_to_edit(lang: Lang) -> String {
    pick(
        lang,
        "没有写明改什么：--from、--title、--note、--drop 或 --newest".to_owned(),
        "nothing to change: wanted --from, --title, --note, --drop or --newest".to_owned(),
    )
}

pub(in crate::cli) fn no_issues(lang: Lang) -> String {
    pick(lang, "还没有出过任何一期。\n".to_owned(), "There is no issue yet.\n".to_owned())
}

pub(in crate::cli) fn issue_nothing(lang: Lang, digest: &str) -> String {
    pick(
        lang,
        format!("{digest}：没有新内容，本期不出，期号不变。\n"),
        format!("{digest}: nothing is new; there is no issue, and no number was given.\n"),
    )
}

pub(in crate::cli) fn issue_there(lang: Lang, id: &IssueId) -> String {
    pick(
        lang,
        format!("当天的一期已有（{id}），选稿不变；重新选稿请加 --anew"),
        format!("the issue of that day is there already ({id}) and stays; --anew chooses anew"),
    )
}

pub(in crate::cli) fn issue_built(lang: Lang, id: &IssueId, folder: &str) -> String {
    pick(
        lang,
        format!("{id}：已出刊，成品在 {folder}"),
        format!("{id}: built, its bundle is {folder}"),
    )
}

pub(in crate::cli) fn issue_approved(lang: Lang, id: &IssueId, step: &str) -> String {
    pick(lang, format!("{id}：{step}通过\n"), format!("{id}: approved ({step})\n"))
}

pub(in crate::cli) fn issue_rejected(lang: Lang, id: &IssueId) -> String {
    pick(
        lang,
        format!("{id}：已退回，此前的审核失效\n"),
        format!("{id}: sent back; earlier approvals are void\n"),
    )
}

pub(in crate::cli) fn issue_closed(lang: Lang, id: &IssueId) -> String {
    pick(lang, format!("{id}：已结束\n"), format!("{id}: closed\n"))
}

pub(in crate::cli) fn issue_edited(lang: Lang, id: &IssueId, version: u32) -> String {
    pick(
        lang,
        format!("{id}：现为第 {version} 版，须重新审核\n"),
        format!("{id}: version {version} now; it is to be approved again\n"),
    )
}

pub(in crate::cli) fn issue_pushed(lang: Lang, id: &IssueId, pushed: &Pushed) -> String {
    let draft = pushed.draft();
    let (zh, en) = match pushed {
        Pushed::Made(_) => ("已存入草稿箱", "is a draft now"),
        Pushed::Updated(_) => ("草稿已更新", "its draft was brought up to date"),
        Pushed::Same(_) => ("草稿箱里已是最新内容，未作改动", "its draft is up to date"),
        Pushed::Found(_) => (
            "草稿箱里已有本期的草稿，是上次中断的推送留下的，未作改动；请核对，要换成现在的内容，先在平台上删除它，再用 --anew 推送",
            "the box has a draft of it, left by a push that was cut off; nothing was written: look at it, and to have the new content delete it there and push with --anew",
        ),
    };
    pick(
        lang,
        format!("{id}：{zh}（{}，{}）\n", draft.account, draft.media_id),
        format!("{id}: {en} ({}, {})\n", draft.account, draft.media_id),
    )
}

pub(in crate::cli) fn issue_previewed(lang: Lang, id: &IssueId, to: &[String]) -> String {
    let names = to.join("、");
    pick(lang, format!("{id}：预览已发到 {names} 的手机\n"), format!("{id}: shown to {names}\n"))
}

pub(in crate::cli) fn issue_sent(lang: Lang, id: &IssueId, name: &str, to_all: bool) -> String {
    match to_all {
        true => pick(lang, format!("{id}：已群发（{name}）\n"), format!("{id}: sent ({name})\n")),
        false => pick(
            lang,
            format!("{id}：已提交发布（{name}），平台审核后公开\n"),
            format!("{id}: handed in for publication ({name})\n"),
        ),
    }
}

pub(in crate::cli) fn send_first(lang: Lang, id: &IssueId, to_all: bool) -> String {
    match to_all {
        true => pick(
            lang,
            format!("把 {id} 群发给全部关注者，发出后不能收回。继续吗？（y/N）"),
            format!("Send {id} to all followers? It cannot be taken back. (y/N)"),
        ),
        false => pick(
            lang,
            format!("发布 {id}，任何人可见。继续吗？（y/N）"),
            format!("Publish {id} for everybody to see? (y/N)"),
        ),
    }
}

pub(in crate::cli) fn send_second(lang: Lang, word: &str) -> String {
    pick(lang, format!("请再输入 {word} 确认："), format!("Type {word} to confirm:"))
}

pub(in crate::cli) fn not_sent(lang: Lang) -> &'static str {
    pick(lang, "没有发出。", "Nothing was sent.")
}

pub(in crate::cli) fn bundle_at(lang: Lang, folder: &str) -> String {
    pick(lang, format!("成品：{folder}"), format!("bundle: {folder}"))
}

pub(in crate::cli) fn look_at(lang: Lang, file: &str) -> String {
    pick(lang, format!("审稿页：{file}"), format!("review page: {file}"))
}

pub(in crate::cli) fn next_step(lang: Lang, step: &str) -> String {
    pick(lang, format!("（还差{step}）"), format!(" (next: {step})"))
}

pub(in crate::cli) fn pieces(lang: Lang, count: usize) -> String {
    pick(lang, format!("{count} 篇"), format!("{count} pieces"))
}

pub(in crate::cli) fn piece_withdrawn(lang: Lang) -> &'static str {
    pick(lang, "〔已撤稿，不印〕", " [withdrawn, not printed]")
}

pub(in crate::cli) fn piece_revised(lang: Lang) -> &'static str {
    pick(lang, "〔原文已更新〕", " [revised since]")
}

pub(in crate::cli) fn piece_third_party(lang: Lang) -> &'static str {
    pick(lang, "〔第三方〕", " [third party]")
}

pub(in crate::cli) fn remarks(lang: Lang, count: usize) -> String {
    pick(
        lang,
        format!("提示 {count} 条（✗ 须改正）："),
        format!("{count} remarks (✗ must be put right):"),
    )
}

pub(in crate::cli) fn acts(lang: Lang) -> &'static str {
    pick(lang, "经过：", "What was done:")
}

pub(in crate::cli) fn void(lang: Lang) -> &'static str {
    pick(lang, "（已失效）", " (void)")
}

pub(in crate::cli) fn draft(lang: Lang, account: &str, media_id: &str) -> String {
    pick(lang, format!("草稿：{account} {media_id}"), format!("draft: {account} {media_id}"))
}

pub(in crate::cli) fn by_hand(lang: Lang, since: Since, title: &str) -> String {
    match since {
        Since::Withdrawn => pick(
            lang,
            format!("请在公众平台删除《{title}》（已撤稿）"),
            format!("delete `{title}` on the platform: it was withdrawn"),
        ),
        _ => pick(
            lang,
            format!("请在公众平台更正《{title}》（原文已更新）"),
            format!("correct `{title}` on the platform: it was revised"),
        ),
    }
}

pub(in crate::cli) fn issue_mention(lang: Lang, number: usize, mention: &IssueMention) -> String {
    let IssueMention { issue, key, manuscript, excerpt } = mention;
    let place = match (key, manuscript) {
        (None, _) => pick(lang, "标题或编者按".to_owned(), "title or note".to_owned()),
        (Some(key), true) => pick(lang, format!("{key} 来稿"), format!("{key} manuscript")),
        (Some(key), false) => {
            pick(lang, format!("{key} 编辑改写的标题或摘要"), format!("{key} as edited"))
        }
    };
    let colon = super::colon(lang);
    format!("[{number}] {issue}\n    {place}{colon}{excerpt}\n")
}

pub(in crate::cli) fn words_taken(lang: Lang, mention: &IssueMention) -> String {
    let issue = &mention.issue;
    let key = mention.key.as_deref();
    match key {
        Some(key) => pick(
            lang,
            format!("已从 {issue} 去掉 {key}"),
            format!("{key} was taken out of {issue}"),
        ),
        None => pick(
            lang,
            format!("{issue} 的标题和编者按已清空"),
            format!("title and note of {issue} were cleared"),
        ),
    }
}
