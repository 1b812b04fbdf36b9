//! The arguments of the reports.

use chrono::NaiveDate;
use clap::Subcommand;

/// `lianbo report`.
#[derive(Debug, Subcommand)]
pub enum ReportAction {
    /// 一个月内，各网站的文章被哪些网站采用。Whose items other sites took over in a month.
    Adoptions(AdoptionsArgs),
    /// 一个月内各网站的质量：死链、坏图、久不更新的栏目、日期错误……。What was wrong with each site in a month.
    Quality(QualityArgs),
}

/// `lianbo report quality`.
#[derive(Debug, clap::Args)]
pub struct QualityArgs {
    /// 月份，如 2026-10。The month.
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    pub month: NaiveDate,
    /// 只看这个网站。One site alone.
    #[arg(long, value_name = "ID")]
    pub site: Option<String>,
    /// 写成网页，可打印，每站一页，`-` 为标准输出。Write a page to FILE, one sheet a site, or to stdout for `-`.
    #[arg(long, value_name = "FILE")]
    pub html: Option<String>,
    /// 写成表格，每个问题一行，`-` 为标准输出。Write a table to FILE, a row for each fault, or to stdout for `-`.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<String>,
}

/// `lianbo report adoptions`.
#[derive(Debug, clap::Args)]
pub struct AdoptionsArgs {
    /// 月份，如 2026-10：按转载文章所署的日期计。The month that the reprints are dated from.
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    pub month: NaiveDate,
    /// 写入 CSV 文件，`-` 为标准输出。Write CSV to FILE, or to stdout for `-`.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<String>,
    /// 逐篇列出。List the items themselves.
    #[arg(long)]
    pub items: bool,
}

/// The first day of a month.
fn month(text: &str) -> Result<NaiveDate, String> {
    let fault = || "应为年月，如 2026-10 / wanted a month such as 2026-10".to_owned();
    if text.len() != 7 {
        return Err(fault());
    }
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_year_and_a_month() {
        assert_eq!(month("2026-10").unwrap().to_string(), "2026-10-01");
        for bad in ["2026", "2026-13", "2026-1", "2026-10-01", "10-2026", "二〇二六"] {
            assert!(month(bad).is_err(), "{bad}");
        }
    }
}
