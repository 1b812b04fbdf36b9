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

/// What texts are made of: frequent characters, drawn by chance, so that no two are alike.
const CHARACTERS: &str = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过\
     子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业\
     本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质\
     气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管\
     特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南\
     给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白\
     教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记\
     需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感\
     劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京\
     识适属圆包火住调满县局照参红细引听该铁价严";

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
    let characters: Vec<char> = CHARACTERS.chars().filter(|c| c.is_alphabetic()).collect();
    let mut phrase = || -> String {
        let character = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005);
            state = state.wrapping_add(1_442_695_040_888_963_407);
            characters[usize::try_from(state >> 33).unwrap() % characters.len()]
        };
        (0..11).map(character).collect()
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
