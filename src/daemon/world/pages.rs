//! What the servers of a world answer.

use bytes::Bytes;
use encoding_rs::GBK;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::net::Reply;

use super::faults::Fault;
use super::sites::{Article, Gone, Site, Style};

/// Stands in everything that must never be published.
pub(super) const FALSE: &str = "赝品";

/// The answer of a server, before faults of the line.
pub(super) struct Answer {
    pub(super) reply: Reply,
    /// What identifies its bytes, where the server knows conditional requests.
    pub(super) tag: Option<String>,
}

impl Answer {
    fn new(status: u16, body: Bytes) -> Self {
        Self { reply: Reply { status, headers: HeaderMap::new(), body }, tag: None }
    }

    fn page(site: &Site, html: &str) -> Self {
        let (body, charset) = match site.style {
            Style::Asp => (GBK.encode(html).0.into_owned(), "text/html; charset=gb2312"),
            Style::Trs | Style::Plain => (html.as_bytes().to_vec(), "text/html; charset=utf-8"),
        };
        Self::new(200, body.into()).with(header::CONTENT_TYPE, charset)
    }

    fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.reply.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// With the validators that the site gives.
    fn validated(mut self, site: &Site) -> Self {
        let hash = blake3::hash(&self.reply.body);
        let tag = match site.style {
            Style::Trs => format!("\"{}\"", &hash.to_hex()[..12]),
            // A date that follows from the bytes as a real one follows from their last change.
            Style::Asp => {
                let second = u32::from_le_bytes(hash.as_bytes()[..4].try_into().unwrap());
                let time = chrono::DateTime::from_timestamp(
                    1_700_000_000 + i64::from(second % 80_000_000),
                    0,
                );
                time.unwrap().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
            }
            Style::Plain => return self,
        };
        let name = if site.style == Style::Trs { header::ETAG } else { header::LAST_MODIFIED };
        self.tag = Some(tag.clone());
        self = self.with(name, &tag);
        self
    }
}

/// What `site` answers to a request for `path`.
pub(super) fn answer(site: &Site, path: &str) -> Answer {
    match site.fault {
        Some((fault, _)) => faulty(site, fault, path).unwrap_or_else(|| sound(site, path)),
        None => sound(site, path),
    }
}

/// The answer of another host than those of the sites.
pub(super) fn strange(path: &str) -> Answer {
    Answer::new(200, format!("<html><title>{FALSE}</title><h1>{FALSE}</h1>{path}</html>").into())
        .with(header::CONTENT_TYPE, "text/html; charset=utf-8")
}

fn sound(site: &Site, path: &str) -> Answer {
    let column = site.columns.iter().position(|column| path == format!("/{column}/"));
    if let Some(column) = column {
        return Answer::page(site, &list(site, column)).validated(site);
    }
    if let Some(article) = site.article(path) {
        return match article.gone {
            None => Answer::page(site, &article_page(site, article)).validated(site),
            Some(Gone::NotFound) => Answer::new(404, Bytes::new()),
            Some(Gone::Removed) => Answer::new(410, Bytes::new()),
            Some(Gone::Notice) => Answer::page(site, &notice()),
        };
    }
    if path.starts_with("/images/") {
        return Answer::new(200, picture(path)).with(header::CONTENT_TYPE, "image/png");
    }
    if path == "/" {
        return Answer::page(site, &framed("首页", "<p>欢迎</p>"));
    }
    Answer::new(404, Bytes::new())
}

/// `None` where the fault has nothing to do with `path`.
fn faulty(site: &Site, fault: Fault, path: &str) -> Option<Answer> {
    let is_article = site.article(path).is_some();
    let is_list = site.columns.iter().any(|column| path == format!("/{column}/"));
    let page = |html: &str| Some(Answer::page(site, html));
    match fault {
        Fault::Down => Some(Answer::new(500, FALSE.into())),
        Fault::Busy => Some(Answer::new(503, FALSE.into()).with(header::RETRY_AFTER, "60")),
        Fault::Forbidden => Some(Answer::new(403, FALSE.into())),
        Fault::Challenge if path != "/robots.txt" => {
            page("<html><script>var acw_sc__v2 = 1;</script></html>")
        }
        Fault::Maintenance if path != "/robots.txt" => {
            page(&framed("系统维护", &format!("<p>{FALSE}：系统正在升级维护，请稍后再来。</p>")))
        }
        Fault::Hijacked if path != "/robots.txt" => {
            let target = format!("http://strange.test{path}");
            Some(Answer::new(302, Bytes::new()).with(header::LOCATION, &target))
        }
        Fault::Empty if is_list => page(&framed("列表", "<ul class=\"list\"></ul>")),
        Fault::Redesigned if is_list => page(&redesigned()),
        Fault::ArticlesDown if is_article => Some(Answer::new(500, FALSE.into())),
        Fault::SomeDown if site.article(path).is_some_and(|one| one.number % 3 == 0) => {
            Some(Answer::new(500, FALSE.into()))
        }
        Fault::ArticlesGone if is_article => Some(Answer::new(404, FALSE.into())),
        Fault::ArticlesHome if is_article => {
            Some(Answer::new(302, Bytes::new()).with(header::LOCATION, "/"))
        }
        _ => None,
    }
}

/// Rows that look like those of news and lead nowhere.
fn redesigned() -> String {
    let row = |n: u32| {
        format!(
            "<li><a href=\"/x/{n}.html\">{FALSE}第{n}号公众参与活动专题页面</a><span>2026-10-0{n}</span></li>"
        )
    };
    let rows: String = (1..=6).map(row).collect();
    framed("新版", &format!("<ul class=\"list\">{rows}</ul>"))
}

fn notice() -> String {
    framed("提示信息", "<p>对不起，您访问的文章已被删除。</p>")
}

fn framed(title: &str, inner: &str) -> String {
    format!("<html><head><title>{title}</title></head><body>{inner}</body></html>")
}

fn list(site: &Site, column: usize) -> String {
    let rows: String = site
        .listed(column)
        .into_iter()
        .map(|at| {
            let article = &site.articles[at];
            let (url, title) =
                (address(site, article, column), &article.versions.last().unwrap().title);
            format!("<li><a href=\"{url}\">{title}</a><span>{}</span></li>", article.posted)
        })
        .collect();
    framed(
        "栏目",
        &format!("<div class=\"nav\"><a href=\"/\">首页</a></div><ul class=\"list\">{rows}</ul>"),
    )
}

/// How a list names an article: the second column of a site still writes its old scheme and host.
fn address(site: &Site, article: &Article, column: usize) -> String {
    match column {
        0 => article.path.clone(),
        _ => format!("http://www.{}{}", site.host, article.path),
    }
}

fn article_page(site: &Site, article: &Article) -> String {
    let version = article.versions.last().unwrap();
    let (title, posted, credit) = (&version.title, article.posted, &article.credit);
    let meta = match site.style {
        Style::Trs => format!(
            "<meta name=\"ArticleTitle\" content=\"{title}\"><meta name=\"PubDate\" content=\"{posted}\">\
             <meta name=\"ContentSource\" content=\"{credit}\">"
        ),
        Style::Asp | Style::Plain => String::new(),
    };
    let mut paragraphs: Vec<String> =
        version.paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    if article.has_picture {
        paragraphs.insert(1, format!("<p><img src=\"/images/{}.png\"></p>", article.number));
    }
    format!(
        "<html><head><title>{title}</title>{meta}</head><body><h1>{title}</h1>\
         <div class=\"info\">发布时间：{posted} 来源：{credit}</div><div class=\"content\">{}</div></body></html>",
        paragraphs.concat()
    )
}

/// A small picture of a colour of its own.
fn picture(path: &str) -> Bytes {
    let hash = blake3::hash(path.as_bytes());
    let [red, green, blue] = hash.as_bytes()[..3].try_into().unwrap();
    let picture = image::RgbImage::from_pixel(64, 48, image::Rgb([red, green, blue]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner().into()
}
