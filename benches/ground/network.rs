//! A network of sites with as many items as a benchmark asks for. Nothing is fetched: drafts go
//! straight into the store, always the same ones.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use lianbo::config::Config;
use lianbo::model::{Body, ColumnId, Draft, ItemId};
use lianbo::pipeline::Pipeline;
use lianbo::store::Findings;

const SITES: usize = 10;
const COLUMNS: usize = 5;
/// Drafts stored in one transaction.
const BATCH: usize = 500;
/// Items that came in last, one an hour; those before came in over the years.
const RECENT: usize = 720;
const YEARS: i64 = 20;

const PHRASES: [&str; 24] = [
    "全市民营经济高质量发展大会",
    "座谈会在市行政中心召开",
    "与会企业家畅谈发展心得",
    "围绕科技创新与产业创新深度融合",
    "就优化营商环境提出意见建议",
    "各商会会长逐一发言",
    "要进一步弘扬企业家精神",
    "坚定信心、开拓创新",
    "组织会员企业赴外地考察学习",
    "签订战略合作框架协议",
    "为困难家庭送去慰问物资",
    "开展法律服务进商会活动",
    "推动政策直达快享",
    "举办金融机构与企业对接会",
    "年轻一代企业家培训班开班",
    "光彩事业再添新成果",
    "助力乡村全面振兴",
    "调研重点项目建设情况",
    "共话合作、共谋发展",
    "听取基层商会工作汇报",
    "强调要守牢安全生产底线",
    "加快数字化绿色化转型",
    "表彰优秀会员企业",
    "选举产生新一届理事会",
];

/// The configuration in `folder`, whose sites are read by nobody.
pub(crate) fn config(folder: &Path, more: &str) -> Arc<Config> {
    let mut text = format!(
        "[daemon]\ndata = \"data\"\nlisten = \"127.0.0.1:0\"\n{more}\n\
         [serve]\ndownloads = 0\n[id]\nauthority = \"lianbo.example\"\n\
         [fetch]\ncontact = \"bench@lianbo.example\"\n[schedule]\nrefresh = \"0 0 1 1 *\"\n"
    );
    for site in 0..SITES {
        let _ = write!(
            text,
            "[[site]]\nid = \"s{site}\"\nname = \"第{site}工商联\"\nhome = \"http://s{site}.test/\"\n"
        );
        for column in 0..COLUMNS {
            let _ = write!(
                text,
                "[[site.column]]\nid = \"c{column}\"\nname = \"栏目{column}\"\nurl = \"/c{column}/\"\n"
            );
        }
    }
    text += "[[feed]]\nid = \"all\"\ntitle = \"全部\"\nsites = [\"*\"]\n";
    let file = folder.join("config.toml");
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(&file, text).unwrap();
    Arc::new(Config::load(&file).unwrap())
}

/// The column of the draft `number`.
pub(crate) fn column(number: usize) -> ColumnId {
    let (site, column) = (number % SITES, number / SITES % COLUMNS);
    format!("s{site}/c{column}").parse().unwrap()
}

/// Stores the drafts of `numbers`, the last of them at `now`.
pub(crate) async fn store(
    pipeline: &Pipeline,
    numbers: std::ops::Range<usize>,
    now: DateTime<Utc>,
) {
    let recent = numbers.end.saturating_sub(RECENT).max(numbers.start);
    let old = recent - numbers.start;
    let began = now - Duration::days(365 * YEARS);
    let span_s = (Duration::days(365 * YEARS) - Duration::hours(RECENT as i64)).num_seconds();
    for start in (numbers.start..recent).step_by(BATCH) {
        let share = span_s * (start - numbers.start) as i64 / old as i64;
        let came = began + Duration::seconds(share);
        for residue in 0..SITES * COLUMNS {
            let of_column = |number: &usize| number % (SITES * COLUMNS) == residue;
            let numbers = (start..(start + BATCH).min(recent)).filter(of_column);
            save(pipeline, numbers, came).await;
        }
    }
    for number in recent..numbers.end {
        let came = now - Duration::hours((numbers.end - 1 - number) as i64);
        save(pipeline, std::iter::once(number), came).await;
    }
}

/// Stores drafts of one column.
async fn save(pipeline: &Pipeline, numbers: impl Iterator<Item = usize>, came: DateTime<Utc>) {
    let drafts: Vec<Draft> = numbers.map(|number| draft(number, came)).collect();
    let Some(column) = drafts.first().map(|first| first.column.clone()) else { return };
    let findings = Findings { drafts, ..Findings::default() };
    pipeline.store.save(&column, findings, came).await.unwrap();
}

/// The draft `number`, with about 2 KB of text.
pub(crate) fn draft(number: usize, published: DateTime<Utc>) -> Draft {
    let column = column(number);
    let (site, key) = (column.site().clone(), format!("trs-{number}"));
    let url: url::Url = format!("http://{site}.test/c/t20261120_{number}.html").parse().unwrap();
    let mut state = u64::try_from(number).unwrap() + 1;
    let mut phrase = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        PHRASES[usize::try_from(state >> 33).unwrap() % PHRASES.len()]
    };
    let title = format!("{}（{number}）", phrase());
    let paragraphs: Vec<String> =
        (0..6).map(|_| (0..8).map(|_| phrase()).collect::<Vec<_>>().join("，") + "。").collect();
    let text = paragraphs.join("\n");
    let html = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    Draft {
        id: ItemId::from_tag_uri(format!("tag:lianbo.example,2026:{site}/{key}")),
        key,
        site,
        aliases: vec![url.clone()],
        url,
        title: title.clone(),
        credit: None,
        author: None,
        editor: None,
        photographer: None,
        attribution: "来源：市工商联".to_owned(),
        posted: None,
        published: published.into(),
        breadcrumb: vec!["首页".to_owned(), "要闻".to_owned()],
        body: Body { html, text: text.clone(), ..Body::default() },
        summary: paragraphs[0].clone(),
        hash: format!("{number:032x}"),
        partial: false,
        listed_title: title,
        column,
    }
}
