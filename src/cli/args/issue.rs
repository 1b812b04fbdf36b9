//! The arguments of `lianbo issue`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Subcommand, ValueEnum};

/// `lianbo issue`.
#[derive(Debug, Subcommand)]
pub enum IssueAction {
    /// 出一期：选稿、编号、写出成品；写 DIGEST/N 则重写该期成品。Build an issue, or the bundle of DIGEST/N again.
    Build {
        /// 文摘，或某一期 DIGEST/N。A digest, or an issue.
        #[arg(value_name = "DIGEST")]
        what: String,
        /// 该期的日期（默认今天）。The day it is dated; today.
        #[arg(long, value_name = "DATE")]
        date: Option<NaiveDate>,
        /// 重新选稿，期号不变，已有审核失效。Choose its items anew, under the same number; approvals are void.
        #[arg(long)]
        anew: bool,
        /// 成品写到这个目录。Where the bundle goes.
        #[arg(long, short, value_name = "DIR")]
        output: Option<PathBuf>,
        #[command(flatten)]
        by: Somebody,
    },
    /// 各期及其状态。All issues and how far they are.
    List {
        /// 只看这个文摘。Of this digest alone.
        digest: Option<String>,
    },
    /// 一期的稿件、提示、审核与推送记录。What an issue is made of, remarks on it, and what was done with it.
    Show {
        /// 期：DIGEST/N。The issue.
        issue: String,
    },
    /// 加入一篇：库中的文章，或 Word、网页、Markdown 文件。Add a stored item, or a file.
    Add {
        /// 期：DIGEST/N。The issue.
        issue: String,
        /// .docx、.html、.md 或 .txt 文件。A file.
        #[arg(
            long,
            value_name = "FILE",
            required_unless_present = "item",
            conflicts_with = "item"
        )]
        file: Option<PathBuf>,
        /// 文章：编号、SITE/KEY、网址。An item: its id, SITE/KEY, an address.
        #[arg(long, value_name = "ITEM")]
        item: Option<String>,
        /// 放在哪个已有的栏目下（默认最后一个）。The heading it goes under, one that is there; the last one.
        #[arg(long, value_name = "NAME")]
        section: Option<String>,
        /// 放在该栏目的最前。Before all else under that heading.
        #[arg(long)]
        first: bool,
        #[command(flatten)]
        by: Somebody,
    },
    /// 修改：审稿页保存的 selection.json，或单项改动；已有审核失效。Edit an issue; approvals are void.
    Edit {
        /// 期：DIGEST/N。The issue.
        issue: String,
        /// 审稿页保存的文件。What the review page saved.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// 该期标题（写 "" 恢复默认）。Its title; "" for the digest's with the number.
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
        /// 编者按（写 "" 去掉）。编者按; "" for none.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// 去掉这些稿件，如 a3,a7。Take these pieces out.
        #[arg(long, value_name = "KEYS", value_delimiter = ',')]
        drop: Vec<String>,
        /// 这些稿件改用最新版本（all 为全部）。Take the newest versions of these; `all`.
        #[arg(long, value_name = "KEYS", value_delimiter = ',')]
        newest: Vec<String>,
        #[command(flatten)]
        by: Somebody,
        #[command(flatten)]
        remark: Remark,
    },
    /// 审核通过，记为下一审。Give the next approval.
    Approve {
        /// 期：DIGEST/N。The issue.
        issue: String,
        /// 哪一审；写了就核对，防止记错。Which review; checked where it is given.
        #[arg(long, value_enum)]
        step: Option<StepArg>,
        #[command(flatten)]
        by: Named,
        #[command(flatten)]
        remark: Remark,
    },
    /// 退回：已有审核失效。Send an issue back; approvals are void.
    Reject {
        /// 期：DIGEST/N。The issue.
        issue: String,
        #[command(flatten)]
        by: Named,
        #[command(flatten)]
        remark: Remark,
    },
    /// 推送到公众号草稿箱；已推送的更新草稿。Make it a draft of its account, or bring the draft up to date.
    Push {
        /// 期：DIGEST/N。The issue.
        issue: String,
        /// 原草稿已在平台上删除，另建一份。The draft was deleted on the platform: make another.
        #[arg(long)]
        anew: bool,
        #[command(flatten)]
        by: Somebody,
    },
    /// 把草稿发到审稿人的手机上看。Show the draft on a reviewer's phone.
    Preview {
        /// 期：DIGEST/N。The issue.
        issue: String,
        /// 微信号；不写则用该公众号配置的 reviewers。WeChat names; else the account's `reviewers`.
        #[arg(long, value_name = "NAME")]
        to: Vec<String>,
        #[command(flatten)]
        by: Somebody,
    },
    /// 发布草稿（不通知关注者）；须先在公众号配置中开启，并确认两次。Publish the draft; asks twice.
    Publish {
        /// 期：DIGEST/N。The issue.
        issue: String,
        /// 两次确认都不问。Ask nothing.
        #[arg(long)]
        yes_really: bool,
        #[command(flatten)]
        by: Named,
    },
    /// 群发给全部关注者；须先在公众号配置中开启，并确认两次。Send it to all followers; asks twice.
    Send {
        /// 期：DIGEST/N。The issue.
        issue: String,
        /// 两次确认都不问。Ask nothing.
        #[arg(long)]
        yes_really: bool,
        #[command(flatten)]
        by: Named,
    },
    /// 结束一期：已发送、已印发或作废；此后如有更正撤稿，处理完再运行一次。Close an issue.
    Close {
        /// 期：DIGEST/N。The issue.
        issue: String,
        #[command(flatten)]
        by: Named,
        #[command(flatten)]
        remark: Remark,
    },
}

/// Who did it, where that may go without saying.
#[derive(Debug, clap::Args)]
pub struct Somebody {
    /// 经手人（默认为当前用户）。Who does it; else the user's name.
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// Who did it, by name.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// 姓名。Who does it.
    #[arg(long, value_name = "NAME", required = true)]
    pub by: String,
}

/// What is said about it.
#[derive(Debug, clap::Args)]
pub struct Remark {
    /// 意见。What is said about it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub remark: String,
}

/// One of the three reviews.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StepArg {
    /// 初审
    #[value(alias = "初审")]
    First,
    /// 二审
    #[value(alias = "二审")]
    Second,
    /// 终审
    #[value(alias = "终审")]
    Final,
}
