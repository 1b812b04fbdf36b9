//! Dates that content management systems write into addresses.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::valid_day;
use crate::model::Posted;

/// The day an article's address tells, such as `/202004/t20200410_196544.html`.
///
/// File names that count seconds since 1970 tell nothing: they say when a file was made.
pub fn from_url(url: &Url) -> Option<Posted> {
    let path = url.path();
    PATTERNS.iter().find_map(|pattern| {
        let parts = pattern.captures(path)?;
        let part = |i: usize| parts.get(i).map_or("", |part| part.as_str());
        let year = part(1).parse().ok()?;
        valid_day(year, part(2).parse().ok()?, part(3).parse().ok()?).map(Posted::day)
    })
}

/// In the order of trust; each has the groups year, month, day.
static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // TRS: /202004/t20200410_196544.html
        r"/[tT](\d{4})(\d\d)(\d\d)_\d+(?:_\d+)?\.",
        // hanweb: /art/2022/1/5/art_123_456.html
        r"/art/(\d{4})/(\d{1,2})/(\d{1,2})/",
        // /2021-04/08/…, /2021/04/08/…, /2021-04-08/…, /202104/08/…
        r"/(\d{4})[-/]?(\d{1,2})[-/](\d{1,2})/",
        // /a/20230521/…, /20230521.html
        r"/(\d{4})(\d\d)(\d\d)(?:/|\.s?html?$)",
        // /2021/0408/…
        r"/(\d{4})/(\d\d)(\d\d)/",
        // phpcms: /2019/qimajfai_1231/10923.html
        r"/(\d{4})/[A-Za-z0-9]+_(\d\d)(\d\d)/",
        // /20210408_123.html, /20210408-123.html
        r"/(\d{4})(\d\d)(\d\d)[_-]\w+\.",
    ]
    .iter()
    .map(|pattern| Regex::new(pattern).expect("the patterns above are valid"))
    .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_tell_days() {
        for (path, wanted) in [
            ("/zt/SSJL/GSLJC/202004/t20200410_196544.html", "2020-04-10"),
            ("/202004/t20200410_196544_1.shtml", "2020-04-10"),
            ("/art/2022/1/5/art_123_456789.html", "2022-01-05"),
            ("/2021-04/08/content_1.htm", "2021-04-08"),
            ("/2021-04/08/1.htm", "2021-04-08"),
            ("/n1/2021/04/08/c1-2.html", "2021-04-08"),
            ("/n1/2021/0408/c1-2.html", "2021-04-08"),
            ("/202104/08/1.html", "2021-04-08"),
            ("/a/20230521/1684678908471.shtml", "2023-05-21"),
            ("/html/gsl/2019/QIMAJFAI_1231/10923.html", "2019-12-31"),
            ("/html/2021/gongzuodongtai_1025/3598.html", "2021-10-25"),
            ("/xw/20210408_88.html", "2021-04-08"),
        ] {
            let url = Url::parse(&format!("http://a.test{path}")).unwrap();
            assert_eq!(from_url(&url).unwrap().to_string(), wanted, "in {path}");
        }
    }

    #[test]
    fn other_addresses_tell_nothing() {
        for path in [
            "/news/1684678908471.shtml",
            "/news/show-96.html",
            "/col/col1620074/art/2026/art_0123456789abcdef0123456789abcdef.html",
            "/202004/",
            "/202013/t20201310_1.html",
            "/bzxw/9965771.html",
            "/bzxw/99657712.html",
            "/display.php?d=2021-04-08",
        ] {
            let url = Url::parse(&format!("http://a.test{path}")).unwrap();
            assert_eq!(from_url(&url), None, "in {path}");
        }
    }
}
