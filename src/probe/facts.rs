//! What a page says of its site: names, publisher, the codes in its foot.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use crate::model::Rejection;
use crate::text::{dom, plain, registration, web};

/// What a page says of the site it stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Meta `SiteName`, else the part of `<title>` that names an organisation, else the publisher.
    pub name: Option<String>,
    /// 主办单位, else who holds the copyright.
    pub publisher: Option<String>,
    /// 网站标识码: six digits of the area and four of the site, or `bm` and eight digits.
    pub id_code: Option<String>,
    /// ICP number.
    pub icp: Option<String>,
    /// The name of the column, where the page is one: meta `ColumnName`, the last of the breadcrumb
    /// or the first part of `<title>`.
    pub column: Option<String>,
    /// Where an empty front page sends its readers.
    pub forward: Option<Url>,
}

impl Facts {
    /// The six digits of the area in the code of the site.
    pub fn region(&self) -> Option<&str> {
        let code = self.id_code.as_deref()?;
        let area = code.get(..6)?;
        (code.len() == 10 && area.bytes().all(|b| b.is_ascii_digit()) && !code.starts_with("bm"))
            .then_some(area)
    }

    /// These facts without the numbers of which another page of the site prints others.
    #[must_use]
    pub fn agreed(self, other: &Self) -> Self {
        let bare = |icp: &str| registration::whole_icp(icp);
        let icp = self.icp.filter(|icp| other.icp.as_deref().is_none_or(|b| bare(b) == bare(icp)));
        let id_code =
            self.id_code.filter(|code| other.id_code.as_ref().is_none_or(|other| other == code));
        Self { icp, id_code, ..self }
    }

    /// These facts, completed by those of another page.
    pub fn or(self, other: &Self) -> Self {
        let first = |a: Option<String>, b: &Option<String>| a.or_else(|| b.clone());
        Self {
            name: first(self.name, &other.name),
            publisher: first(self.publisher, &other.publisher),
            id_code: first(self.id_code, &other.id_code),
            icp: first(self.icp, &other.icp),
            ..self
        }
    }
}

/// Reads what the page `html` at `url` says of its site.
pub fn facts(html: &str, url: &Url) -> Result<Facts, Rejection> {
    let document = dom::parse(html)?;
    let text = dom::visible_text(&document.root());
    let title = dom::descendants(&document.root())
        .find(|node| node.has_name("title"))
        .map(|node| plain::one_line(&node.text()))
        .unwrap_or_default();
    let body: String = match text.lines().next() {
        Some(first) if plain::one_line(first) == title => {
            text.lines().skip(1).collect::<Vec<_>>().join("\n")
        }
        _ => text,
    };
    let publisher = publisher(&body);
    let name = dom::meta(&document, "SiteName")
        .map(|name| clean(&name))
        .filter(|name| is_name(name))
        .or_else(|| organisation(&title))
        .or_else(|| publisher.clone());
    let code = dom::meta(&document, "SiteIDCode");
    let code = code
        .filter(|code| registration::is_code(code))
        .or_else(|| registration::labelled_code(&body));
    let column = dom::meta(&document, "ColumnName").map(|name| clean(&name));
    Ok(Facts {
        name,
        publisher,
        id_code: code,
        icp: registration::icp(&body).map(str::to_owned),
        column: column
            .filter(|name| is_column(name))
            .or_else(|| crumb(&body))
            .or_else(|| first_part(&title)),
        forward: forward(html, &dom::base(&document, url)),
    })
}

static SPONSOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"主\s*办\s*(?:单\s*位)?\s*[:：]\s*([^\s:：|,，;；]+)")
        .expect("the pattern is valid")
});
static OWNER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:版权(?:所有|归)?\s*[:：©]*\s*([^\s:：|,，;；。©]{4,30})|([^\s:：|,，;；。©]{4,30})\s*版权所有)")
        .expect("the pattern is valid")
});

/// Words in the names of those who publish such sites.
const ORGANISATION: &[&str] = &[
    "工商联",
    "工商业联合会",
    "总商会",
    "商会",
    "协会",
    "联合会",
    "联谊会",
    "统战",
    "促进会",
    "委员会",
    "政府",
];

fn publisher(text: &str) -> Option<String> {
    let sponsor = SPONSOR.captures(text).map(|found| clean(&found[1]));
    sponsor.filter(|name| is_name(name)).or_else(|| {
        OWNER.captures_iter(text).find_map(|found| {
            let name = found.get(2).or_else(|| found.get(1)).map(|name| clean(name.as_str()))?;
            (is_name(&name) && names_organisation(&name)).then_some(name)
        })
    })
}

fn names_organisation(text: &str) -> bool {
    ORGANISATION.iter().any(|word| text.contains(word))
}

/// The part of a title that names who the site belongs to; of several the shortest.
fn organisation(title: &str) -> Option<String> {
    let parts = parts(title);
    let named = parts.iter().filter(|part| is_name(part) && names_organisation(part));
    let best = named.min_by_key(|part| {
        // `某市工商联召开会议` names its site too, but is a headline.
        let ends = ORGANISATION.iter().any(|word| part.ends_with(word) || part.ends_with('网'));
        (!ends, part.chars().count())
    });
    best.or_else(|| parts.last().filter(|part| is_name(part) && !is_column_word(part))).cloned()
}

fn is_column_word(part: &str) -> bool {
    super::names::weight(part) > 20 && part.chars().count() <= 6
}

fn parts(title: &str) -> Vec<String> {
    title
        .split(['_', '-', '|', '—', '–', '>', '－', '·'])
        .map(clean)
        .filter(|part| !part.is_empty())
        .collect()
}

/// Without the words that front pages put around a name.
fn clean(text: &str) -> String {
    let mut text = plain::one_line(text);
    for word in [
        "欢迎您访问",
        "欢迎访问",
        "欢迎光临",
        "欢迎进入",
        "网站首页",
        "首页",
        "官方网站",
        "门户网站",
        "版权所有",
        "官网",
    ] {
        text = text.replace(word, "");
    }
    text.trim_matches(|c: char| !c.is_alphanumeric() && !"（）()“”《》".contains(c)).to_owned()
}

fn is_name(text: &str) -> bool {
    let count = text.chars().count();
    (2..=30).contains(&count) && text.chars().filter(|c| c.is_ascii_digit()).count() <= 4
}

fn is_column(text: &str) -> bool {
    (2..=16).contains(&text.chars().count()) && !super::names::is_no_column(text)
}

static POSITION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:您?(?:现在|当前)?的?所?在?位置|您现在的位置|当前位置)(?:是|为)?\s*[:：]([^\n]+)",
    )
    .expect("the pattern is valid")
});

/// The last entry of the breadcrumb.
fn crumb(text: &str) -> Option<String> {
    let way = POSITION.captures(text)?;
    let last =
        way[1].rsplit(['>', '》', '»', '＞', '/', '→']).map(clean).find(|part| !part.is_empty());
    last.filter(|name| is_column(name) && !["正文", "列表", "内容"].contains(&name.as_str()))
}

fn first_part(title: &str) -> Option<String> {
    parts(title).into_iter().next().filter(|part| is_column(part))
}

static REFRESH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)<meta[^>]+http-equiv\s*=\s*["']?refresh[^>]+url\s*=\s*['"]?([^"'>\s]+)"#)
        .expect("the pattern is valid")
});
static LOCATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:location(?:\.href)?\s*=\s*|location\.replace\()\s*["']([^"']+)["']"#)
        .expect("the pattern is valid")
});
static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)<frame[^>]+src\s*=\s*["']?([^"'>\s]+)"#).expect("the pattern is valid")
});

/// Pages longer than this are no mere signposts.
const SIGNPOST: usize = 4096;

fn forward(html: &str, base: &Url) -> Option<Url> {
    let target = REFRESH.captures(html).or_else(|| {
        let short = html.len() <= SIGNPOST;
        short.then(|| LOCATION.captures(html).or_else(|| FRAME.captures(html))).flatten()
    })?;
    let url = web::resolve(base, &target[1])?;
    (web::same_site(&url, base) && web::normalised(&url) != web::normalised(base)).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Facts {
        facts(html, &Url::parse("http://a.test/").unwrap()).unwrap()
    }

    #[test]
    fn a_site_tells_its_name() {
        for (html, name) in [
            ("<title>首页_某省工商业联合会</title><p>x", "某省工商业联合会"),
            ("<title>欢迎访问某市工商联官网</title><p>x", "某市工商联"),
            ("<title>要闻 - 某市工商联</title><p>x", "某市工商联"),
            ("<meta name=sitename content=某商会网><title>首页</title><p>x", "某商会网"),
            ("<title>首页</title><p>主办单位：某县工商业联合会 电话", "某县工商业联合会"),
            ("<title>首页-某统战工作网</title><p>x", "某统战工作网"),
        ] {
            assert_eq!(read(html).name.as_deref(), Some(name), "{html}");
        }
    }

    #[test]
    fn the_foot_tells_publisher_and_codes() {
        let foot = "<title>x</title><div>某市工商业联合会 版权所有 苏ICP备00000002号-1 网站标识码：3201000099</div>";
        let facts = read(foot);
        assert_eq!(facts.publisher.as_deref(), Some("某市工商业联合会"));
        assert_eq!(facts.icp.as_deref(), Some("苏ICP备00000002号-1"));
        assert_eq!(facts.region(), Some("320100"));
        let facts = read("<title>x</title><p>版权所有：某县总商会</p><p>标识码：bm14000002</p>");
        assert_eq!(facts.publisher.as_deref(), Some("某县总商会"));
        assert_eq!((facts.id_code.as_deref(), facts.region()), (Some("bm14000002"), None));
        assert_eq!(
            read("<p>主办：丙市工商联 承办：某公司").publisher.as_deref(),
            Some("丙市工商联")
        );
    }

    #[test]
    fn a_list_page_tells_its_column() {
        for (html, column) in [
            ("<meta name=ColumnName content=工作动态><p>x", "工作动态"),
            ("<title>某市工商联</title><p>您现在的位置：首页 &gt; 商会动态</p>", "商会动态"),
            ("<title>通知公告_某市工商联</title><p>x", "通知公告"),
        ] {
            assert_eq!(read(html).column.as_deref(), Some(column), "{html}");
        }
    }

    #[test]
    fn an_empty_front_page_sends_on() {
        for html in [
            "<meta http-equiv=refresh content='0; url=/gsl/index.html'>",
            "<script>window.location.href='/gsl/index.html'</script>",
            "<frameset><frame src=/gsl/index.html></frameset>",
        ] {
            let forward = read(html).forward.map(String::from);
            assert_eq!(forward.as_deref(), Some("http://a.test/gsl/index.html"), "{html}");
        }
        assert_eq!(read("<script>location.href='http://b.test/'</script>").forward, None);
    }
}
