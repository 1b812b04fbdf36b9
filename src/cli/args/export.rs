//! The arguments of `export`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::ValueEnum;

/// `lianbo export`.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// 文章：编号、SITE/KEY、本站文章页或原文网址。Items: ids, SITE/KEY, their pages here, or their addresses.
    #[arg(value_name = "ITEM", required_unless_present_any = ["since", "until", "feed", "site"],
          conflicts_with_all = ["since", "until", "feed", "site"])]
    pub items: Vec<String>,
    /// 从这一天起（含）发布的，如 2026-11-01。Published on this day or later.
    #[arg(long, value_name = "DATE")]
    pub since: Option<NaiveDate>,
    /// 到这一天为止（含）发布的。Published on this day or earlier.
    #[arg(long, value_name = "DATE")]
    pub until: Option<NaiveDate>,
    /// 属于此订阅的（/feeds/ 后的名称，如 all、sheng/yw），可重复。Of this feed; may be repeated.
    #[arg(long, value_name = "SLUG")]
    pub feed: Vec<String>,
    /// 属于此站点或栏目（SITE/COLUMN）的，可重复。Of this site or column; may be repeated.
    #[arg(long, value_name = "SITE")]
    pub site: Vec<String>,
    /// 格式。The format.
    #[arg(long, value_enum)]
    pub format: ExportFormat,
    /// 写到哪里：jsonl、csv 为文件；html 为 .html 文件或目录；docx 为目录。不写即标准输出（docx 除外）。Where to: a file, or a folder for docx and html; stdout when absent.
    #[arg(long, value_name = "PATH", required_if_eq("format", "docx"))]
    pub out: Option<PathBuf>,
    /// 覆盖已有的文件。Replace files that exist.
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// What items are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// 每行一个 JSON 对象，与 /api/items 相同
    Jsonl,
    /// Excel 可直接打开的表格
    Csv,
    /// 网页
    Html,
    /// 每篇一个 Word 文件，图片另附
    Docx,
}
