//! The network that the repository ships: who is described, who is read, and that nothing of it is
//! made up.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lianbo::config::{Config, Overrides, Site};
use lianbo::demo::Demo;
use lianbo::{daemon, model};

use crate::ground;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn shipped() -> Config {
    Config::load(&folder().join("config.toml")).unwrap()
}

/// The columns that are read, and the list page of each.
const READ: &[(&str, &str)] = &[
    ("acfic/js", "http://www.acfic.org.cn/gdgslgz/js/"),
    ("acfic/qlyw", "http://www.acfic.org.cn/qlyw/"),
    ("jiangsu/zt", "http://www.jssh.org.cn/zt/SSJL/GSLJC/"),
    ("lianyungang/gsldt", "http://gsl.lyg.gov.cn/sgsl/gsldt/"),
];

/// The thirteen cities of Jiangsu with their area codes.
const CITIES: &[(&str, &str)] = &[
    ("南京", "320100"),
    ("无锡", "320200"),
    ("徐州", "320300"),
    ("常州", "320400"),
    ("苏州", "320500"),
    ("南通", "320600"),
    ("连云港", "320700"),
    ("淮安", "320800"),
    ("盐城", "320900"),
    ("扬州", "321000"),
    ("镇江", "321100"),
    ("泰州", "321200"),
    ("宿迁", "321300"),
];

/// The chambers and associations that the province's portal links, as it prints their names.
const CHAMBERS: &[&str] = &[
    "江苏省工商联黄金珠宝业商会",
    "江苏省工商联服装业商会",
    "江苏省工商联餐业商会",
    "江苏省工商联五金机电业商会",
    "江苏省工商联房地产商会",
    "江苏省工商联家具装饰业商会",
    "江苏省工商联玩具业商会",
    "江苏省工商联石油化工商会",
    "江苏省工商联钢铁贸易业商会",
    "江苏省青年企业家联合会",
    "江苏省工商联建筑装饰装修业商会",
    "江苏省工商联缝制设备商会",
    "省反射保健协会",
    "江苏省工商联省汽摩配用品商会",
    "江苏省温州商会",
    "江苏省MBA企业家联谊会",
    "江苏省工商联体育产业商会",
    "江苏省工商联商业行业商会",
    "江苏省特产商会",
];

/// Every host that is known; whoever is not here has no address in the shipped files.
const HOSTS: &[(&str, &str)] = &[
    ("acfic", "www.acfic.org.cn"),
    ("changzhou", "gsl.jscz.org.cn"),
    ("jiangsu", "www.jssh.org.cn"),
    ("lianyungang", "gsl.lyg.gov.cn"),
    ("shanghai", "www.sfic.cn"),
    ("zhejiang", "www.zjfic.org.cn"),
];

#[test]
fn three_sites_are_read() {
    let config = shipped();
    let mut read: Vec<(String, String)> = config
        .columns()
        .map(|(_, column)| (column.id.to_string(), column.url.to_string()))
        .collect();
    read.sort();
    let wanted: Vec<(String, String)> =
        READ.iter().map(|(id, url)| (id.to_string(), url.to_string())).collect();
    assert_eq!(read, wanted);
    let enabled: Vec<&Site> = config.sites.iter().filter(|site| site.enabled).collect();
    assert_eq!(enabled.len(), 3);
}

#[test]
fn every_city_stands_there() {
    let config = shipped();
    for (city, region) in CITIES {
        let found: Vec<&Site> = config
            .sites
            .iter()
            .filter(|site| site.level == "city" && site.region.as_deref() == Some(region))
            .collect();
        let [site] = found.as_slice() else { panic!("{city}: {} sites", found.len()) };
        assert_eq!(site.name, format!("{city}市工商联"));
        assert_eq!(site.short_name, *city);
        assert_eq!(site.enabled, *city == "连云港");
    }
}

#[test]
fn the_chambers_bear_the_names_that_the_portal_prints() {
    let config = shipped();
    let mut names: Vec<&str> = config
        .sites
        .iter()
        .filter(|site| site.level == "chamber")
        .map(|site| site.name.as_str())
        .collect();
    let mut wanted = CHAMBERS.to_vec();
    names.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
    assert!(config.sites.iter().all(|site| site.level != "chamber" || !site.enabled));
}

#[test]
fn the_neighbours_stand_there_disabled() {
    let config = shipped();
    for (id, name) in [("zhejiang", "浙江省工商联"), ("shanghai", "上海市工商联")] {
        let site = config.sites.iter().find(|site| site.id.as_str() == id).unwrap();
        assert_eq!((site.name.as_str(), site.enabled), (name, false));
    }
    // Whole numbers: the nation, the province, 13 cities, 19 chambers, two neighbours.
    assert_eq!(config.sites.len(), 1 + 1 + 13 + 19 + 2);
}

#[test]
fn no_host_is_made_up() {
    let config = shipped();
    let hosts: BTreeMap<&str, &str> = config
        .sites
        .iter()
        .filter_map(|site| Some((site.id.as_str(), site.home.as_ref()?.host_str()?)))
        .collect();
    let known: BTreeMap<&str, &str> = HOSTS.iter().copied().collect();
    assert_eq!(hosts, known);
}

#[test]
fn a_file_describes_one_site_and_says_what_is_missing() {
    let config = shipped();
    let mut described = Vec::new();
    for entry in fs::read_dir(folder().join("feeds/sites")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let site = config.sites.iter().find(|site| site.id.as_str() == name).unwrap();
        let comment: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
        let comment = comment.join("\n");
        if !site.enabled {
            for word in ["已知：", "缺：", "issing: "] {
                assert!(comment.contains(word), "{name} does not say {word}");
            }
        }
        described.push(name);
    }
    assert_eq!(described.len(), config.sites.len());
    let lianyungang = fs::read_to_string(folder().join("feeds/sites/lianyungang.toml")).unwrap();
    assert!(lianyungang.contains("推断") && lianyungang.contains("INFERRED"));
}

#[test]
fn the_composite_feeds_are_there() {
    let config = shipped();
    let slugs: Vec<&str> = config
        .feeds
        .iter()
        .filter(|feed| feed.group.is_empty())
        .map(|feed| feed.spec.slug.as_str())
        .collect();
    assert_eq!(slugs, ["all", "jiangsu-quansheng", "shixian", "jukang-yiqing", "wuxi-xinwen"]);
}

/// The titles of the published feed `slug`.
fn titles(data: &Path, slug: &str) -> Vec<String> {
    let text = fs::read(data.join("public/feeds").join(format!("{slug}.json"))).unwrap();
    let feed: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let items = feed["items"].as_array().unwrap().iter();
    items.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_in_the_feeds_that_want_it() {
    let portal = ground::Site::start();
    let (seed, other) = ("无锡市总商会党委提出“三加强”理念", "省工商联召开座谈会");
    let list = "/zt/SSJL/GSLJC/";
    let rows =
        [("./202004/t20200411_196545.html", other), ("./202004/t20200410_196544.html", seed)];
    portal.set(list, ground::page(&ground::list_html(&rows, None)));
    let article = fs::read_to_string(folder().join("tests/pages/seed/page.html")).unwrap();
    portal.set(&format!("{list}202004/t20200410_196544.html"), ground::page(&article));
    // This one prints no way from the home page; that of its column stands in.
    let article = ground::article_html(other);
    portal.set(&format!("{list}202004/t20200411_196545.html"), ground::page(&article));

    let data = tempfile::tempdir().unwrap();
    let mut config = shipped().under(Overrides {
        data: Some(data.path().to_owned()),
        resolve: [("www.jssh.org.cn".to_owned(), portal.address)].into(),
        platform: None,
    });
    for site in &mut config.sites {
        site.fetch.gap = std::time::Duration::ZERO;
    }
    let pipeline = daemon::open(Arc::new(config), Demo::frozen_clock()).await.unwrap();
    let column: model::ColumnId = "jiangsu/zt".parse().unwrap();
    let (reports, published) = daemon::once(&pipeline, &[column], |_| {}).await.unwrap();
    assert!(reports[0].faults.is_empty() && published.faults.is_empty(), "{reports:?}");
    for slug in ["all", "jiangsu-quansheng", "jukang-yiqing", "jiangsu", "jiangsu/zt"] {
        assert_eq!(titles(data.path(), slug), [other, seed], "{slug}");
    }
    assert_eq!(titles(data.path(), "wuxi-xinwen"), [seed]);
    for slug in ["shixian", "acfic", "lianyungang/gsldt"] {
        let document = data.path().join("public/feeds").join(format!("{slug}.json"));
        assert!(!document.exists(), "{slug} has nothing to show yet");
    }
}
