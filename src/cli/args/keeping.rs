//! The arguments of the commands that keep the data: `backup`, `prune`.

use std::path::PathBuf;

/// `lianbo backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// 备份文件，如 /mnt/backup/lianbo-2026-11-20.tar.zst。The file to write.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// 不含图片与附件；恢复后从原网站重新取回（若还在）。Without held files, which are fetched again.
    #[arg(long)]
    pub without_pictures: bool,
    /// 不含已存的文章网页。Without kept article pages.
    #[arg(long)]
    pub without_pages: bool,
    /// 覆盖已有的备份文件。Replace a file that exists.
    #[arg(long)]
    pub force: bool,
}

/// `lianbo prune`.
#[derive(Debug, clap::Args)]
pub struct PruneArgs {
    /// 只看各项用量与将要清理的内容，不改动。Show what is used and what would go; change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// 另把数据库重写一遍以归还空间：期间不能写入，并需要与数据库同样大的空闲磁盘。
    /// Rewrite the database too, to give all room back: needs as much free disk again, and nobody writes meanwhile.
    #[arg(long, conflicts_with = "dry_run")]
    pub compact: bool,
}
