//! The arguments. Names are a contract: other tools call them.

mod editing;
mod export;
mod issue;
mod keeping;
mod report;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::model::Lang;

pub(super) use editing::{PurgeArgs, RecordArgs, ReleaseArgs, RestoreArgs, WithdrawArgs};
pub(super) use export::{ExportArgs, ExportFormat};
pub(super) use issue::{IssueAction, StepArg};
pub(super) use keeping::{BackupArgs, PruneArgs};
pub(super) use report::{AdoptionsArgs, QualityArgs, ReportAction};

/// 联播：把工商联网站变成订阅源与文摘。Reads federations' websites and publishes feeds.
#[derive(Debug, Parser)]
#[command(
    name = "lianbo",
    version,
    after_help = "\
退出码 Exit codes:
  0  正常 fine
  1  部分栏目失败（once、demo --once）some columns failed
     backfill：失败或未读完 failed or unfinished
     problems：有问题尚未解决 problems are open
     trust：有暂不收录的 something is held
     alert test：有一处没有送达 a place did not take it
     push：有放弃投递的内容，或编号不存在 something was given up on, or no such number
     replay：有差异而未写入 differences that were not applied
     repair：有提议而未写入，或无法修复 rules that were not written, or nothing that repairs it
     withdraw、restore、purge、release：没有改动、未全部做到或尚未发布
       nothing changed, not all done, or not published yet
     export：点名的文章或文件未能全部导出，或没有可导出的
       not everything named was exported, or there was nothing to export
     issue：未做（须先审核、已有改动、平台拒绝……）或有须改正之处
       not done (approvals are missing, something changed, the platform refused …), or something is to be put right
     explain、capture：网页未采用（explain）或取不到 page rejected (explain) or not to be had
     probe：网站读不了或没有找到列表 site not to be read, or no list found
     takedown：没有这个文件 no such file is known
     backup：有文件缺失，已在结果中列出 files are missing, as told
     prune：有文件未能删除，或仍超出上限 files could not be removed, or still beyond the budget
     evaluate：质量低于底线 quality below its floors
  2  用法或配置有误，或所给的文件有误 faults of usage, configuration or the files given
  3  无法工作：数据目录被占用、数据库、端口 cannot work: data folder in use, database, port"
)]
pub struct Args {
    /// 配置文件（默认 config.toml）。Configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// 数据目录，代替 daemon.data。Data folder, instead of `daemon.data`.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// 语言（默认取自系统，否则中文）。Language; else the locale's, else Chinese.
    #[arg(long, global = true, value_enum)]
    pub lang: Option<LangArg>,
    /// 要做的事；不写即 run。What to do; `run` when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// A language on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LangArg {
    /// 中文
    Zh,
    /// English
    En,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 按计划刷新、发布、服务。The daemon: refresh, publish and serve on schedule.
    Run,
    /// 立即刷新一次并发布。Refresh once and publish.
    Once {
        /// SITE 或 SITE/COLUMN；不写即全部。Sites or columns; all when absent.
        targets: Vec<String>,
    },
    /// 读取栏目的历史文章，中断后可续。Read a column's history; goes on where it was cut off.
    Backfill {
        /// SITE/COLUMN 或 SITE。Columns or sites.
        #[arg(required = true)]
        targets: Vec<String>,
        /// 读到哪一天为止（含），如 2024-01-01。The oldest day wanted.
        #[arg(long, value_name = "DATE")]
        until: NaiveDate,
    },
    /// 检查配置，并列出每个任务接下来的五个时刻。Check the configuration; next five times of each job.
    Check,
    /// 内置的示例网络，无需联网。A federation network in a box; needs no network.
    Demo(DemoArgs),
    /// 读取已保存的文章页。Read saved article pages.
    Extract(PageArgs),
    /// 读取已保存的列表页。Read saved list pages.
    Discover(PageArgs),
    /// 用附有标准答案的网页衡量提取质量。Measure extraction on pages with expected results.
    Evaluate(EvaluateArgs),
    /// 逐项说明：取值、所用规则与其他候选。What is read on a page, by which rule, and what else.
    Explain(ExplainArgs),
    /// 将网页与应得结果存为测试样例。Store a page and what it should give as a fixture.
    Capture(CaptureArgs),
    /// 用今天的规则重读已存网页，先看会有何变化。Read kept pages again; show what would change.
    Replay(ReplayArgs),
    /// 网站改版后，按已知文章提出新的规则。Propose rules for a redesigned site by what is known.
    Repair(RepairArgs),
    /// 探测一个网站，提出站点文件。Look at a website and propose its site file.
    Probe(ProbeArgs),
    /// 撤下一张图片或一个附件：立即不再提供，也不会再取回。Take a picture or attachment down everywhere.
    Takedown(TakedownArgs),
    /// 每个任务接下来的时刻。When each job fires next.
    Next {
        /// 每个任务几个时刻（默认 5；写了 --until 时至多 1000）。How many times of each job.
        #[arg(long, short = 'n', value_parser = clap::value_parser!(u16).range(1..=1000))]
        count: Option<u16>,
        /// 列到哪一天为止（含），如 2026-12-31。The last day wanted.
        #[arg(long, value_name = "DATE")]
        until: Option<NaiveDate>,
    },
    /// 台账：每个计划时刻的结果（默认最近 7 天）。Every planned time and what became of it.
    Ledger(LedgerArgs),
    /// 撤下文章，处处不再出现，编号保留。Withdraw items everywhere; their ids stay.
    Withdraw(WithdrawArgs),
    /// 恢复撤下的文章；或从备份文件恢复整个服务。Bring withdrawn items back, or all from a backup file.
    Restore(RestoreArgs),
    /// 把数据库、图片与配置备份为一个文件，服务照常运行。All data in one file, while the daemon runs.
    Backup(BackupArgs),
    /// 按配置中的 retention 清理旧网页、旧版本与无用图片，绝不动文章。Prune what `[retention]` lets go; never items.
    Prune(PruneArgs),
    /// 彻底清除文章的文字、修订与已存网页，不能恢复。Erase items for good; only the fact stays.
    Purge(PurgeArgs),
    /// 等待放行的文章与修订，及已等多久。What waits for release, and for how long.
    Held,
    /// 放行等待审核的文章与修订。Make public what was held.
    Release(ReleaseArgs),
    /// 把文章导出为 Word、网页、表格或 JSON，随邮件或入库。Items as Word, HTML, CSV or JSON files.
    Export(ExportArgs),
    /// 尚未解决的问题。Open problems.
    Problems {
        /// 改为列出最近出现与恢复的问题，最新的在前。What opened and healed lately, the newest first.
        #[arg(long)]
        history: bool,
    },
    /// 告警：出了问题告诉谁。Who is told when something breaks.
    Alert {
        /// 要做的事。What to do.
        #[command(subcommand)]
        action: AlertAction,
    },
    /// 哪些站点和栏目与平时不同、暂不收录；核对无误后恢复收录。What is not believed of sites and columns, and a person's word that it is well.
    Trust(TrustArgs),
    /// 推送：订阅者、webhook 与放弃投递的内容。Who is sent to, and what was given up on.
    Push {
        /// 要做的事。What to do.
        #[command(subcommand)]
        action: PushAction,
    },
    /// 各接口客户端读到哪里、落后多少。How far each client of the API has come.
    Clients,
    /// 文摘的各期：出刊、审核、推送公众号。Issues of digests: build, review, push.
    Issue {
        /// 要做的事。What to do.
        #[command(subcommand)]
        action: IssueAction,
    },
    /// 统计。Reports.
    Report {
        /// 统计什么。Which.
        #[command(subcommand)]
        action: ReportAction,
    },
    /// 打印带注释的全部默认配置。Print the commented defaults.
    Config,
    /// 打印命令行补全脚本。Print a completion script.
    Completions {
        /// bash、zsh、fish……
        shell: Shell,
    },
}

/// `lianbo ledger`.
#[derive(Debug, clap::Args)]
pub struct LedgerArgs {
    /// SITE/COLUMN、SITE、订阅或任务名。A column, a site, a feed, or a job by its name.
    pub job: Option<String>,
    /// 从哪一天起。The first day wanted.
    #[arg(long, value_name = "DATE")]
    pub since: Option<NaiveDate>,
    /// 每个时刻一行 JSON。A line of JSON each.
    #[arg(long)]
    pub json: bool,
}

/// `lianbo alert`.
#[derive(Debug, Subcommand)]
pub enum AlertAction {
    /// 发一条测试消息，并说明对方的回答。Send a test message, and say what was answered.
    Test {
        /// alert 的 id；不写即全部。Ids of `[[alert]]`; all when absent.
        #[arg(value_name = "ID")]
        ids: Vec<String>,
    },
}

/// `lianbo push`.
#[derive(Debug, Subcommand)]
pub enum PushAction {
    /// 列出 webhook、外部 hub 与 WebSub 订阅。Webhooks, further hubs and subscriptions.
    List,
    /// 列出放弃投递的内容。What was given up on.
    Dead,
    /// 重发。Send again.
    Retry {
        /// 编号，见 push dead。Numbers of `push dead`.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
    },
    /// 从列表中删去，不再投递。Take off the list.
    Drop {
        /// 编号，见 push dead。Numbers of `push dead`.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
    },
}

/// `lianbo demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// 内容静止，刷新并发布一次后退出。Freeze the sites, refresh and publish once, exit.
    #[arg(long)]
    pub once: bool,
    /// 示例网络所在目录。Folder of the demo network.
    #[arg(long, default_value = "demo", value_name = "DIR")]
    pub folder: PathBuf,
}

/// `lianbo probe`.
#[derive(Debug, clap::Args)]
pub struct ProbeArgs {
    /// 网站首页或某个列表页的网址。The site's home page, or one of its list pages.
    #[arg(required_unless_present = "write")]
    pub url: Option<String>,
    /// 网址是一页链接：探测其中每个姊妹网站。The address is a page of links: probe each sister site.
    #[arg(long, conflicts_with = "id")]
    pub links: bool,
    /// 不联网，读取已保存的网页（wget --mirror 的目录，或含 pages.jsonl）。Saved pages instead of the network.
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// 写入 feeds/sites/ID.toml（在配置文件旁）或 FILE。Write the file there, or to FILE.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "")]
    pub write: Option<String>,
    /// 覆盖已有的文件。Replace a file that exists.
    #[arg(long, requires = "write")]
    pub force: bool,
    /// 站点编号（默认取自域名）。The site's id; else made of its host.
    #[arg(long)]
    pub id: Option<String>,
    /// 每个网站最多读几页（默认 30，--links 时 14）。Pages read of a site at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(3..=500))]
    pub max_pages: Option<u16>,
    /// 以 JSON 输出。Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `lianbo extract` and `lianbo discover`.
#[derive(Debug, clap::Args)]
pub struct PageArgs {
    /// 已保存的网页。Saved pages.
    #[arg(required_unless_present = "jsonl")]
    pub files: Vec<PathBuf>,
    /// 从标准输入逐行读取 {"file","url","site","fetched"}，逐行输出 JSON。JSON lines in and out.
    #[arg(long, conflicts_with_all = ["files", "url", "site", "fetched"])]
    pub jsonl: bool,
    /// 网页的地址。The page's address.
    #[arg(long)]
    pub url: Option<String>,
    /// 站点（使用其规则）。Site whose rules are used.
    #[arg(long)]
    pub site: Option<String>,
    /// 看到网页的时间（RFC 3339）。When the page was seen.
    #[arg(long)]
    pub fetched: Option<String>,
}

/// `lianbo evaluate`.
#[derive(Debug, clap::Args)]
pub struct EvaluateArgs {
    /// 网页所在目录：含 gold.jsonl，或每页一个含 page.html 与 expected.json 的目录。Folder of pages.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// 每页每项一行，写入 CSV 文件。Write one line a page and field.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// 底线文件（默认当前或上级目录的 tests/quality.toml）。The file of floors.
    #[arg(long, value_name = "FILE")]
    pub floors: Option<PathBuf>,
    /// 把底线提高到本次的结果，绝不降低。Raise the floors to what was measured, never lower them.
    #[arg(long)]
    pub raise: bool,
    /// 把底线改为本次的结果，哪怕更低。Set the floors to what was measured, even if that is lower.
    #[arg(long, conflicts_with = "raise")]
    pub lower_floors: bool,
}

/// `lianbo explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// 网址、文章编号、SITE/COLUMN 或文件。An address, an item, a column or a file.
    pub target: String,
    /// 文件的网址。The file's address.
    #[arg(long)]
    pub url: Option<String>,
    /// 改用此站点的规则。Site whose rules are used instead.
    #[arg(long)]
    pub site: Option<String>,
    /// 看到文件的时间（RFC 3339）。When the file was seen.
    #[arg(long)]
    pub fetched: Option<chrono::DateTime<chrono::Utc>>,
    /// 按列表页读取。Read as a list page.
    #[arg(long)]
    pub list: bool,
    /// 不访问网站。Do not visit the site.
    #[arg(long)]
    pub offline: bool,
    /// 输出一行 JSON。One line of JSON.
    #[arg(long)]
    pub json: bool,
}

/// `lianbo capture`.
#[derive(Debug, clap::Args)]
pub struct CaptureArgs {
    /// 网址（URL，或用 --url）与样例所在目录（DIR）。The page's address (or --url), and the folder of fixtures.
    #[arg(required = true, num_args = 1..=2, value_names = ["URL", "DIR"])]
    pub places: Vec<String>,
    /// 网页的地址。The page's address.
    #[arg(long)]
    pub url: Option<String>,
    /// 已保存的网页，代替访问网站。A saved page, instead of a visit.
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// 使用此站点的规则。Site whose rules are used.
    #[arg(long)]
    pub site: Option<String>,
    /// 按列表页读取。Read as a list page.
    #[arg(long)]
    pub list: bool,
    /// 覆盖已有的样例。Overwrite a fixture that is there.
    #[arg(long)]
    pub force: bool,
}

/// `lianbo takedown`.
#[derive(Debug, clap::Args)]
pub struct TakedownArgs {
    /// 文件的哈希、原网址，或本站 /assets/ 下的网址。Its hash, its original address, or ours.
    #[arg(value_name = "HASH|URL")]
    pub file: String,
    /// 取消撤下；文件将重新取回。Take the takedown back; the file is fetched again.
    #[arg(long)]
    pub undo: bool,
}

/// `lianbo trust`.
#[derive(Debug, clap::Args)]
pub struct TrustArgs {
    /// 站点或栏目；不写即列出暂不收录的。A site, or a column SITE/COLUMN; without it, what is held is listed.
    #[arg(value_name = "SITE|SITE/COLUMN")]
    pub subject: Option<String>,
    /// 只看平时的样子，不作改动。Show what is normal of it; change nothing.
    #[arg(long, requires = "subject")]
    pub show: bool,
    /// 由谁确认（默认为当前用户）。Who says so; else the user's name.
    #[arg(long, value_name = "NAME", requires = "subject", conflicts_with = "show")]
    pub by: Option<String>,
}

/// `lianbo repair`.
#[derive(Debug, clap::Args)]
pub struct RepairArgs {
    /// SITE/COLUMN
    #[arg(value_name = "SITE/COLUMN")]
    pub column: String,
    /// 写入站点文件；写入前先检查全部配置。Change the site's file, once the configuration takes it in.
    #[arg(long)]
    pub write: bool,
    /// 最多读几篇已知文章（默认 5）。Known articles read at most.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=40))]
    pub articles: u16,
    /// 不联网，读取已保存的网页：列表页，或一个目录（wget --mirror，或含 pages.jsonl）。Saved pages instead of the network: the list page, or a folder.
    #[arg(long, value_name = "FILE|DIR")]
    pub from: Option<PathBuf>,
    /// 以 JSON 输出。Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `lianbo replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// SITE 或 SITE/COLUMN；不写即全部。Sites or columns; all when absent.
    pub targets: Vec<String>,
    /// 存为修订。Store the new readings as revisions.
    #[arg(long)]
    pub apply: bool,
    /// 每篇一行 JSON。A line of JSON an item.
    #[arg(long)]
    pub json: bool,
}

impl Args {
    /// `--lang`, else the locale's language, else Chinese.
    pub fn lang(&self) -> Lang {
        match self.lang {
            Some(LangArg::Zh) => Lang::Zh,
            Some(LangArg::En) => Lang::En,
            None => locale_lang(|name| std::env::var(name).ok()),
        }
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| PathBuf::from("config.toml"))
    }
}

/// POSIX: `LC_ALL`, then `LC_MESSAGES`, then `LANG`; `C` and `POSIX` say nothing of a language.
fn locale_lang(variable: impl Fn(&str) -> Option<String>) -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    if locale.starts_with("en") { Lang::En } else { Lang::Zh }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn chinese_unless_the_locale_is_english() {
        let from = |pairs: &'static [(&str, &str)]| {
            locale_lang(|name| pairs.iter().find(|p| p.0 == name).map(|p| p.1.to_owned()))
        };
        assert_eq!(from(&[]), Lang::Zh);
        assert_eq!(from(&[("LANG", "C.UTF-8")]), Lang::Zh);
        assert_eq!(from(&[("LANG", "en_GB.UTF-8")]), Lang::En);
        assert_eq!(from(&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")]), Lang::Zh);
    }
}
