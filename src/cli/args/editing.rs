//! The arguments of the commands that take items back and let them out.

/// `lianbo withdraw`.
#[derive(Debug, clap::Args)]
pub struct WithdrawArgs {
    /// 文章：编号、SITE/KEY、本站文章页或原文网址。Items: ids, SITE/KEY, their pages here, or their addresses.
    #[arg(value_name = "ITEM", required_unless_present = "search", conflicts_with = "search")]
    pub items: Vec<String>,
    /// 列出提到此名的文章（标题、正文、图注、署名、附件名、修订）及其转载，从中选择。Choose among the items that mention NAME, and their reprints.
    #[arg(long, value_name = "NAME")]
    pub search: Option<String>,
    /// 只撤下这几条，如 1,3-5。Only these of the list.
    #[arg(long, value_name = "NUMBERS", requires = "search")]
    pub only: Option<String>,
    /// 不再询问；未写 --only 即全部撤下。Ask nothing; all of the list unless --only is given.
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub record: RecordArgs,
}

/// What is noted about a withdrawal, for operators.
#[derive(Debug, clap::Args)]
pub struct RecordArgs {
    /// 缘由，只供内部查阅。The reason; never published.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// 由谁决定（默认为当前用户），只供内部查阅。Who decided; else the user's name. Never published.
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// `lianbo restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// 文章：编号、SITE/KEY、本站文章页或原文网址；或一个备份文件。Items: ids, SITE/KEY, their pages here, or their addresses; or one backup file.
    #[arg(value_name = "ITEM|FILE", required = true)]
    pub items: Vec<String>,
    /// 数据目录不空也恢复：原有的改名留在旁边（备份文件）。Restore a backup though the data folder is not empty; what is there is kept beside it.
    #[arg(long)]
    pub force: bool,
    /// 不恢复其中的配置文件（备份文件）。Leave out the configuration files of a backup.
    #[arg(long)]
    pub without_config: bool,
}

/// `lianbo purge`.
#[derive(Debug, clap::Args)]
pub struct PurgeArgs {
    /// 文章：编号、SITE/KEY、本站文章页或原文网址。Items: ids, SITE/KEY, their pages here, or their addresses.
    #[arg(value_name = "ITEM", required = true)]
    pub items: Vec<String>,
    /// 不再询问。Ask nothing.
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub record: RecordArgs,
}

/// `lianbo release`.
#[derive(Debug, clap::Args)]
pub struct ReleaseArgs {
    /// 文章：编号、SITE/KEY、本站文章页或原文网址。Items: ids, SITE/KEY, their pages here, or their addresses.
    #[arg(value_name = "ITEM", required_unless_present_any = ["site", "feed", "all"])]
    pub items: Vec<String>,
    /// 该站点（或栏目 SITE/COLUMN）等待的全部。All that waits of a site or column.
    #[arg(long, value_name = "SITE", conflicts_with_all = ["items", "all"])]
    pub site: Option<String>,
    /// 只放入这个订阅；不写文章即其全部。Into this feed only; all that waits for it without items.
    #[arg(long, value_name = "FEED")]
    pub feed: Option<String>,
    /// 等待放行的全部。All that waits.
    #[arg(long, conflicts_with = "items")]
    pub all: bool,
}
