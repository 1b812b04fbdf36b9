//! What `backup`, `restore` with a backup, and `prune` say.

use std::time::Duration;

use crate::backup::{Counts, Unpacked};
use crate::model::{BEIJING, Lang, Usage};
use crate::text::size;

use super::pick;

pub(in crate::cli) fn backup_exists(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!("“{file}”已经存在\n建议：换一个文件名，或加 --force 覆盖"),
        format!("`{file}` exists\nhint: choose another name, or replace it with --force"),
    )
}

pub(in crate::cli) fn backup_is_folder(lang: Lang, path: &str) -> String {
    let file = format!("{}/lianbo.tar.zst", path.trim_end_matches('/'));
    pick(
        lang,
        format!("“{path}”是目录\n建议：写明其中的文件名，如 {file}"),
        format!("`{path}` is a folder\nhint: name a file within it, such as {file}"),
    )
}

pub(in crate::cli) fn copying_database(lang: Lang) -> &'static str {
    pick(lang, "正在复制数据库……", "copying the database …")
}

pub(in crate::cli) fn packing_files(lang: Lang, number: usize, count: usize) -> String {
    pick(
        lang,
        format!("图片与附件 {number}/{count}"),
        format!("pictures and attachments {number}/{count}"),
    )
}

pub(in crate::cli) fn backup_lacks(lang: Lang, path: &str, why: &str) -> String {
    pick(lang, format!("未能备份：{path}（{why}）"), format!("not in the backup: {path} ({why})"))
}

pub(in crate::cli) fn backed_up(
    lang: Lang,
    file: &str,
    size_bytes: u64,
    counts: &Counts,
    took: Duration,
) -> String {
    let (size, seconds) = (size::shown(size_bytes), took.as_secs_f64());
    let Counts { items, issues, pages, assets, config } = counts;
    pick(
        lang,
        format!(
            "{file}：{size}，用时 {seconds:.1} 秒；文章 {items}，文摘 {issues} 期，已存网页 {pages}，图片与附件 {assets}，配置文件 {config}\n"
        ),
        format!(
            "{file}: {size} in {seconds:.1} s; {items} items, {issues} issues, {pages} kept pages, {assets} pictures and attachments, {config} configuration files\n"
        ),
    )
}

pub(in crate::cli) fn keep_backups_safe(lang: Lang) -> &'static str {
    pick(
        lang,
        "其中有未公开的内容与配置里的口令，请妥善保管；密钥文件（secret_file 等）不在其中，请另行保存",
        "it holds what is not public and tokens of the configuration: keep it safe; files of secrets are not in it, keep them elsewhere",
    )
}

pub(in crate::cli) fn newer_schema(lang: Lang, version: &str, found: u32, known: u32) -> String {
    pick(
        lang,
        format!(
            "备份由更新的 lianbo {version} 写出（数据库版本 {found}，本程序只识到 {known}）：请先升级 lianbo"
        ),
        format!(
            "the backup was made by the newer lianbo {version} (schema {found}, this program knows {known}): upgrade lianbo first"
        ),
    )
}

pub(in crate::cli) fn unpacking(lang: Lang, data: &str) -> String {
    pick(
        lang,
        format!("正在核对并恢复到“{data}”……"),
        format!("checking and restoring into `{data}` …"),
    )
}

pub(in crate::cli) fn no_folder(lang: Lang, path: &str) -> String {
    pick(lang, format!("“{path}”不是目录"), format!("`{path}` is no folder"))
}

pub(in crate::cli) fn mount_point(lang: Lang, path: &str) -> String {
    pick(
        lang,
        format!(
            "“{path}”是挂载点，不能整个替换\n建议：用 --data 指定其中的一个子目录，并相应设置 daemon.data"
        ),
        format!(
            "`{path}` is a mount point, which cannot be replaced as a whole\nhint: name a folder within it with --data, and set `daemon.data` to it"
        ),
    )
}

pub(in crate::cli) fn not_empty(lang: Lang, path: &str) -> String {
    pick(
        lang,
        format!(
            "“{path}”不是空的，没有恢复\n建议：加 --force，原有数据会改名留在旁边；或用 --data 指定别的目录"
        ),
        format!(
            "`{path}` is not empty; nothing was restored\nhint: with --force what is there is kept beside it under another name; or name another folder with --data"
        ),
    )
}

pub(in crate::cli) fn kept_as_it_is(lang: Lang, path: &str) -> String {
    pick(
        lang,
        format!("“{path}”已存在且与备份中的不同，保持原样"),
        format!("`{path}` is there and differs from the backup; it stays as it is"),
    )
}

/// What a restore did.
pub(in crate::cli) struct Restored<'a> {
    pub(in crate::cli) data: &'a str,
    /// Where the earlier data is now.
    pub(in crate::cli) aside: Option<String>,
    /// The configuration file that was put into its place.
    pub(in crate::cli) config: Option<String>,
    /// Files of the configuration that stay as they are.
    pub(in crate::cli) kept: &'a [String],
    pub(in crate::cli) has_config: bool,
    pub(in crate::cli) unpacked: &'a Unpacked,
}

pub(in crate::cli) fn restored_all(lang: Lang, done: &Restored<'_>) -> String {
    let Unpacked { head, manifest } = done.unpacked;
    let made = head.made.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M");
    let Counts { items, issues, assets, .. } = manifest.counts;
    let data = done.data;
    let mut lines = vec![pick(
        lang,
        format!(
            "已恢复到“{data}”：{made} 的备份，文章 {items}，文摘 {issues} 期，图片与附件 {assets}"
        ),
        format!(
            "restored into `{data}`: the backup of {made} (UTC+8), {items} items, {issues} issues, {assets} pictures and attachments"
        ),
    )];
    if let Some(aside) = &done.aside {
        lines.push(pick(
            lang,
            format!("原有数据改名为“{aside}”，确认无误后可删除"),
            format!("what was there is now `{aside}`; delete it once all is well"),
        ));
    }
    match &done.config {
        Some(file) => lines.push(pick(
            lang,
            format!("配置也已恢复：“{file}”及其引用的文件"),
            format!("the configuration is restored too: `{file}` and what it includes"),
        )),
        None if done.has_config => lines.push(pick(
            lang,
            "备份中的配置没有动用（此处已有配置，或写了 --without-config）".to_owned(),
            "the configuration in the backup was left out (there is one here, or --without-config)"
                .to_owned(),
        )),
        None => {}
    }
    lines.extend(done.kept.iter().cloned());
    lines.extend(lacking(lang, done.unpacked));
    lines.push(pick(
        lang,
        "接下来：放好密钥文件，运行 lianbo check，再启动 lianbo run；文摘成品可用 lianbo issue build 文摘/期号 重新写出"
            .to_owned(),
        "next: put files of secrets into their places, run `lianbo check`, then `lianbo run`; bundles of issues are written anew by `lianbo issue build DIGEST/N`"
            .to_owned(),
    ));
    lines.join("\n") + "\n"
}

/// What the backup should have had, a line each for what comes again and for what does not.
fn lacking(lang: Lang, unpacked: &Unpacked) -> Vec<String> {
    let Unpacked { head, manifest } = unpacked;
    let (assets, config): (Vec<_>, Vec<_>) =
        manifest.missing.iter().partition(|missing| missing.is_asset());
    let mut lines = Vec::new();
    if !head.pictures || !assets.is_empty() {
        let counted = |before: &str, after: &str| match assets.len() {
            0 => String::new(),
            count => format!("{before}{count}{after}"),
        };
        lines.push(pick(
            lang,
            format!("备份中缺少图片与附件{}：启动后从原网站重新取回（若还在）", counted("（", " 个）")),
            format!("pictures and attachments are lacking{}: they are fetched again from their sites, where they still are", counted(" (", ")")),
        ));
    }
    if !config.is_empty() {
        let names: Vec<&str> = config.iter().map(|missing| missing.path.as_str()).collect();
        lines.push(pick(
            lang,
            format!("备份中缺少配置文件：{}；请手工放回原处", names.join("、")),
            format!("configuration files are lacking: {}; put them back by hand", names.join(", ")),
        ));
    }
    lines
}

pub(in crate::cli) fn usage_heads(lang: Lang) -> [&'static str; 3] {
    pick(lang, ["用途", "数量", "大小"], ["what for", "count", "size"])
}

pub(in crate::cli) fn usage_in_all(lang: Lang, usage: &Usage) -> String {
    let (total, free) = (size::shown(usage.total()), size::shown(usage.disk_free));
    let budget = usage.budget.map(size::shown);
    let none = pick(lang, "不限", "none").to_owned();
    let budget = budget.unwrap_or(none);
    pick(
        lang,
        format!("合计 {total}，上限 {budget}，磁盘剩余 {free}\n"),
        format!("{total} in all, budget {budget}, {free} left on the disk\n"),
    )
}

/// What goes: how many, and their bytes.
pub(in crate::cli) struct Goes {
    pub(in crate::cli) files: (usize, u64),
    pub(in crate::cli) pages: (usize, u64),
    pub(in crate::cli) revisions: (usize, u64),
    pub(in crate::cli) records: u64,
}

impl Goes {
    fn listed(&self, lang: Lang) -> String {
        let rows = [
            (self.files, "无人使用的图片与附件", "pictures and attachments that no item names"),
            (self.pages, "已存网页", "kept pages"),
            (self.revisions, "旧版本的文字", "texts of earlier revisions"),
        ];
        let mut text = String::new();
        for ((count, bytes), zh, en) in rows {
            let size = size::shown(bytes);
            text.push_str(&pick(
                lang,
                format!("  {zh}：{count}，{size}\n"),
                format!("  {en}: {count}, {size}\n"),
            ));
        }
        let records = self.records;
        text + &pick(
            lang,
            format!("  已了结的记录：{records}\n"),
            format!("  traces of what is over: {records}\n"),
        )
    }
}

pub(in crate::cli) fn would_go(lang: Lang, goes: &Goes, over: u64) -> String {
    let mut text = pick(lang, "将清理：\n", "would go:\n").to_owned() + &goes.listed(lang);
    if over > 0 {
        let over = size::shown(over);
        text.push_str(&pick(
            lang,
            format!("之后仍超出上限 {over}\n"),
            format!("still beyond the budget by {over} after that\n"),
        ));
    }
    text
}

pub(in crate::cli) fn went(lang: Lang, goes: &Goes, given_back: u64) -> String {
    let back = size::shown(given_back);
    pick(lang, "已清理：\n", "gone:\n").to_owned()
        + &goes.listed(lang)
        + &pick(
            lang,
            format!("数据库文件归还磁盘 {back}\n"),
            format!("the database gave {back} back to the disk\n"),
        )
}

pub(in crate::cli) fn still_over(lang: Lang) -> &'static str {
    pick(
        lang,
        "仍超出 retention.disk_budget：文章与在用的图片不会清理",
        "still beyond `retention.disk_budget`: items and pictures in use are never pruned",
    )
}
