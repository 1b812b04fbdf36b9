//! The quality of sites in a month, for their webmasters: a page that needs nothing but itself, and a
//! table of all faults. In Chinese.

use std::fmt::Write as _;

use crate::model::{Defect, Finding, Lang, SiteQuality};
use crate::text::sentence::quality::{advice, defect};
use crate::text::{plain, sheet};

use super::parts::escaped;

/// Faults of a kind that are listed on the page; the table has all of them.
const LISTED: usize = 200;

const STYLE: &str = "body{max-width:60rem;margin:0 auto;padding:1rem;font:1rem/1.7 \"PingFang SC\",\
\"Microsoft YaHei\",\"Noto Sans CJK SC\",sans-serif;color:#222}h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:\
1.1rem;margin:1.5rem 0 .3rem;border-left:.3rem solid #a8201a;padding-left:.6rem}h2 b{color:#a8201a}section.site{\
margin-bottom:3rem}table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{border:1px solid #ccc;padding:\
.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}td.n,th.n{text-align:right;white-space:nowrap}\
ul.kinds{display:flex;flex-wrap:wrap;gap:.4rem;padding:0;list-style:none}ul.kinds li{border:1px solid #ddd;\
border-radius:.4rem;padding:.1rem .6rem}.fine{color:#2a7a2a}.advice,.note{color:#555;font-size:.92rem}a{color:#1a4e8a;\
overflow-wrap:anywhere}@media(max-width:40rem){table.found thead{display:none}table.found tr{display:block;\
border:1px solid #ccc;margin:.4rem 0}table.found td{display:block;border:0}td.n{text-align:left}}@media print{\
section.site{break-after:page}tr{break-inside:avoid}a{color:inherit;text-decoration:none}}";

/// The heads of the table.
const HEADS: [&str; 10] =
    ["month", "site", "site_name", "column", "defect", "title", "url", "detail", "first", "last"];

/// One page with all of `sites`, each on a sheet of its own when printed; `month` is such as 2026-10.
pub fn quality_page(sites: &[SiteQuality], month: &str) -> String {
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>网站质量报告 {month}</title>\
         <style>{STYLE}</style></head><body>\n",
        month = escaped(month)
    );
    for site in sites {
        push_site(&mut html, site, month);
    }
    if sites.is_empty() {
        html.push_str("<p>没有网站。</p>\n");
    }
    html.push_str("</body></html>\n");
    plain::clean(&html)
}

/// A row for each fault, after the heads.
pub fn quality_table(sites: &[SiteQuality], month: &str) -> String {
    let mut text = sheet::row(HEADS);
    for site in sites {
        for finding in &site.findings {
            let column = finding.column.as_ref().map(ToString::to_string).unwrap_or_default();
            let url = finding.url.as_ref().map(ToString::to_string).unwrap_or_default();
            let (first, last) = (finding.first.to_string(), finding.last.to_string());
            text.push_str(&sheet::row([
                month,
                site.site.as_str(),
                &site.name,
                &column,
                finding.defect.as_str(),
                &finding.title,
                &url,
                &finding.detail,
                &first,
                &last,
            ]));
        }
    }
    text
}

fn push_site(html: &mut String, site: &SiteQuality, month: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        html,
        "<section class=\"site\"><h1>{} 网站质量报告 {}</h1>\n<p class=\"note\">依据联播平时读取该站所见，\
         没有为此额外访问；时间均为北京时间。</p>",
        escaped(&site.name),
        escaped(month)
    );
    let kinds: Vec<Defect> =
        Defect::ALL.iter().copied().filter(|kind| site.count(*kind) > 0).collect();
    if kinds.is_empty() {
        html.push_str("<p class=\"fine\">本月没有发现问题。</p>\n");
    } else {
        html.push_str("<ul class=\"kinds\">");
        for kind in &kinds {
            let _ =
                write!(html, "<li>{} <b>{}</b></li>", defect(*kind, Lang::Zh), site.count(*kind));
        }
        html.push_str("</ul>\n");
    }
    push_columns(html, site);
    for kind in kinds {
        push_kind(html, site, kind);
    }
    html.push_str("</section>\n");
}

fn push_columns(html: &mut String, site: &SiteQuality) {
    html.push_str(
        "<h2>栏目</h2>\n<table><thead><tr><th>栏目</th><th class=\"n\">本月文章</th><th>最近一篇</th>\
         <th class=\"n\">读取</th><th class=\"n\">失败</th><th class=\"n\">读不到（小时）</th></tr></thead><tbody>\n",
    );
    for column in &site.columns {
        let last = column.last.map(|day| day.to_string()).unwrap_or_else(|| "—".to_owned());
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td class=\"n\">{}</td><td>{last}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escaped(&column.name),
            column.new,
            column.runs,
            column.failed,
            column.hours_down
        );
    }
    html.push_str("</tbody></table>\n");
}

fn push_kind(html: &mut String, site: &SiteQuality, kind: Defect) {
    let all: Vec<&Finding> = site.findings.iter().filter(|found| found.defect == kind).collect();
    let _ = writeln!(
        html,
        "<h2>{} <b>{}</b></h2>\n<p class=\"advice\">{}</p>\n<table class=\"found\"><thead><tr><th>什么</th>\
         <th>所见</th><th>时间</th></tr></thead><tbody>",
        defect(kind, Lang::Zh),
        all.len(),
        advice(kind)
    );
    for finding in all.iter().take(LISTED) {
        let address = finding.url.as_ref().map(|url| escaped(url.as_str()));
        let title = if finding.title.is_empty() { None } else { Some(escaped(&finding.title)) };
        let what = match (address, title) {
            (Some(url), title) => {
                let shown = title.unwrap_or_else(|| url.clone());
                format!("<a href=\"{url}\" rel=\"noreferrer\">{shown}</a>")
            }
            (None, title) => title.unwrap_or_default(),
        };
        let days = match finding.first == finding.last {
            true => finding.first.to_string(),
            false => format!("{} 至 {}，{} 次", finding.first, finding.last, finding.count),
        };
        let _ = writeln!(
            html,
            "<tr><td>{what}</td><td>{}</td><td>{days}</td></tr>",
            escaped(&finding.detail)
        );
    }
    html.push_str("</tbody></table>\n");
    if all.len() > LISTED {
        let more = all.len() - LISTED;
        let _ = writeln!(html, "<p class=\"note\">另有 {more} 条，见表格文件。</p>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ColumnQuality;
    use url::Url;

    fn site(findings: Vec<Finding>) -> SiteQuality {
        SiteQuality {
            site: "a".parse().unwrap(),
            name: "市<b>工商联".to_owned(),
            columns: vec![ColumnQuality {
                column: "a/news".parse().unwrap(),
                name: "要闻".to_owned(),
                new: 3,
                last: "2026-10-30".parse().ok(),
                runs: 90,
                failed: 2,
                hours_down: 1,
            }],
            findings,
        }
    }

    fn finding(title: &str) -> Finding {
        Finding {
            defect: Defect::DeadLink,
            column: "a/news".parse().ok(),
            url: Url::parse("http://a.test/1.html?a=\"><script>").ok(),
            title: title.to_owned(),
            detail: "404".to_owned(),
            first: "2026-10-01".parse().unwrap(),
            last: "2026-10-03".parse().unwrap(),
            count: 5,
        }
    }

    #[test]
    fn hostile_titles_are_text_on_the_page_and_no_formulas_in_the_table() {
        let sites = [site(vec![finding("=HYPERLINK(\"http://x\")<script>alert(1)</script>")])];
        let html = quality_page(&sites, "2026-10");
        assert!(!html.contains("<script") && !html.contains("市<b>"), "{html}");
        assert!(html.contains("2026-10-01 至 2026-10-03，5 次") && html.ends_with("</html>\n"));
        let table = quality_table(&sites, "2026-10");
        assert_eq!(table.lines().count(), 2);
        assert!(table.contains("'=HYPERLINK"), "{table}");
    }

    #[test]
    fn a_clean_site_is_told_so_and_long_lists_are_cut_on_the_page_alone() {
        let clean = quality_page(&[site(Vec::new())], "2026-10");
        assert!(clean.contains("本月没有发现问题") && !clean.contains("class=\"found\""));
        let many = [site((0..300).map(|n| finding(&format!("第{n}篇"))).collect())];
        let html = quality_page(&many, "2026-10");
        assert!(html.contains("另有 100 条") && !html.contains("第250篇"));
        assert_eq!(quality_table(&many, "2026-10").lines().count(), 301);
    }
}
