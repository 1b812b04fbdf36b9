//! Addresses: resolving, normalising, and telling private ones from public ones.
//!
//! In: addresses as pages print them; out: checked ones and answers about them. No look-ups.

mod address;

pub use address::is_private;

use url::Url;

/// Longer addresses are traps or embedded data.
const MAX_LENGTH: usize = 4096;
/// A `<base href>` names a host and perhaps a folder (bytes).
const LONGEST_BASE: usize = 512;

/// The absolute http(s) address that `href` means on a page at `base`; `None` for everything
/// else: scripts, mail, telephone, data, a bare fragment, nonsense.
pub fn resolve(base: &Url, href: &str) -> Option<Url> {
    let href: String = href.trim().chars().filter(|c| !c.is_control()).collect();
    if href.is_empty() || href.starts_with('#') || href.len() > MAX_LENGTH {
        return None;
    }
    let url = base.join(&href).ok()?;
    let usable = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    (usable && url.as_str().len() <= MAX_LENGTH).then_some(url)
}

/// True for an address that, told without resolving it, leads to a page and to no file: most links
/// of most pages.
pub fn is_plainly_page(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or_default().trim_end();
    match path.rsplit_once('.') {
        None => !path.is_empty(),
        Some((_, ending)) => {
            ending.contains('/')
                || [".html", ".htm", ".shtml"].iter().any(|page| path.ends_with(page))
        }
    }
}

/// The base against which a page resolves: its `<base href>`, else its address.
///
/// Every link repeats it, so that a long one would make a page hundreds of times as large.
pub fn base(page: &Url, base_href: Option<&str>) -> Url {
    base_href
        .filter(|href| href.len() <= LONGEST_BASE)
        .and_then(|href| resolve(page, href))
        .unwrap_or_else(|| page.clone())
}

/// The form in which two addresses of one page are equal.
///
/// Without scheme, user, `www.`, default port, fragment, session and tracking parameters, `index`
/// file and doubled slashes; parameters sorted, percent-encoding in upper case.
pub fn normalised(url: &Url) -> String {
    let mut text = bare_host(url);
    if let Some(port) = odd_port(url) {
        text.push(':');
        text.push_str(&port.to_string());
    }
    text.push_str(&normalised_path(url));
    let mut pairs: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| keeps(pair))
        .map(escapes)
        .collect();
    pairs.sort();
    pairs.dedup();
    if !pairs.is_empty() {
        text.push('?');
        text.push_str(&pairs.join("&"));
    }
    text
}

/// The path as in [`normalised`].
pub fn normalised_path(url: &Url) -> String {
    let mut text = String::new();
    for segment in url.path().split('/') {
        let segment = without_session(segment);
        if !segment.is_empty() {
            text.push('/');
            text.push_str(&escapes(segment));
        }
    }
    let last = text.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_index = matches!(last.as_str(), "index.html" | "index.htm" | "index.shtml");
    if is_index {
        text.truncate(text.len() - last.len());
    } else if url.path().ends_with('/') {
        text.push('/');
    }
    text
}

/// True when both lie on the same host, `www.` and mobile names (`m.`, `wap.`) aside.
///
/// Two departments of one city (`gsl.lyg.gov.cn`, `fgw.lyg.gov.cn`) are different sites.
pub fn same_site(a: &Url, b: &Url) -> bool {
    let name = |url: &Url| {
        let host = bare_host(url);
        let short = ["m.", "wap.", "mobile."].iter().find_map(|prefix| host.strip_prefix(prefix));
        short.filter(|rest| rest.contains('.')).map_or(host.clone(), str::to_owned)
    };
    name(a) == name(b) && odd_port(a) == odd_port(b)
}

/// True when the address names a file to download rather than a page.
pub fn is_file(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    FILE_ENDINGS.contains(&ending)
        || matches!(name, "downfile.jsp" | "download.jsp" | "downloadattachfile.jsp")
}

/// Endings of addresses that lead to a file.
pub const FILE_ENDINGS: &[&str] = &[
    "pdf", "doc", "docx", "wps", "ofd", "rtf", "txt", "xls", "xlsx", "et", "csv", "ppt", "pptx",
    "pps", "ppsx", "dps", "zip", "rar", "7z", "gz", "tar", "mp3", "wav", "mp4", "m4v", "avi",
    "wmv", "flv", "mov", "jpg", "jpeg", "png", "gif", "bmp", "webp", "svg", "exe", "apk", "ceb",
];

/// True for articles of WeChat Official Accounts, whose robots.txt forbids reading them.
pub fn is_wechat(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host == "mp.weixin.qq.com" || host == "weixin.qq.com")
}

/// The host in lower case, without `www.` and a final dot.
pub fn bare_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(&host).to_owned()
}

/// A port that is not one of the two usual ones.
fn odd_port(url: &Url) -> Option<u16> {
    url.port().filter(|port| !matches!(port, 80 | 443))
}

/// `/a;jsessionid=…` without what follows the semicolon.
fn without_session(segment: &str) -> &str {
    let lower = segment.to_ascii_lowercase();
    [";jsessionid=", ";psid="]
        .iter()
        .find_map(|mark| lower.find(mark))
        .and_then(|at| segment.get(..at))
        .unwrap_or(segment)
}

/// False for parameters that do not choose the page.
fn keeps(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    !name.is_empty()
        && !name.starts_with("utm_")
        && !name.starts_with("share_")
        && !IDLE_PARAMETERS.contains(&name.as_str())
}

const IDLE_PARAMETERS: &[&str] = &[
    "_",
    "from",
    "fbclid",
    "gclid",
    "isappinstalled",
    "jsessionid",
    "nsukey",
    "phpsessid",
    "scene",
    "sessionid",
    "spm",
    "timestamp",
    "wxshare",
];

/// Percent-encoding in upper case.
fn escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left = 0;
    for c in text.chars() {
        if c == '%' {
            left = 3;
        }
        out.push(if left > 0 { c.to_ascii_uppercase() } else { c });
        left = if left > 0 { left - 1 } else { 0 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn links_are_resolved_and_others_refused() {
        let page = url("http://sheng.test/zt/SSJL/index.html");
        for (href, wanted) in [
            ("./202004/t20200410_1.html", "http://sheng.test/zt/SSJL/202004/t20200410_1.html"),
            ("../gg/a.html", "http://sheng.test/zt/gg/a.html"),
            ("//b.test/a", "http://b.test/a"),
            (" /a\n.html ", "http://sheng.test/a.html"),
            ("?id=5", "http://sheng.test/zt/SSJL/index.html?id=5"),
            ("/市/a.html", "http://sheng.test/%E5%B8%82/a.html"),
        ] {
            assert_eq!(resolve(&page, href).unwrap().as_str(), wanted);
        }
        for href in [
            "",
            "#",
            "#top",
            "javascript:void(0)",
            " JavaScript:a()",
            "java\nscript:a()",
            "mailto:a@b.test",
            "tel:110",
            "data:text/html,x",
            "file:///etc/passwd",
            "http://",
            "ftp://a.test/x",
        ] {
            assert_eq!(resolve(&page, href), None, "{href}");
        }
        assert_eq!(resolve(&page, &"a".repeat(5000)), None);
        assert_eq!(base(&page, Some("/neu/")).as_str(), "http://sheng.test/neu/");
        assert_eq!(base(&page, Some("javascript:x")), page);
        assert_eq!(base(&page, Some(&format!("/{}/", "a".repeat(600)))), page);
    }

    #[test]
    fn addresses_of_one_page_are_equal() {
        let same = [
            "http://jia.test/art/a.html?b=2&a=%e5%b8%82",
            "https://www.jia.test:443/art/a.html?a=%E5%B8%82&b=2#top",
            "HTTP://WWW.JIA.TEST:80//art/a.html?a=%e5%b8%82&b=2&utm_source=x&spm=1.2&from=timeline",
            "http://u:p@jia.test/art/a.html;jsessionid=0A1B?a=%E5%B8%82&b=2&isappinstalled=0",
        ];
        for address in same {
            assert_eq!(normalised(&url(address)), "jia.test/art/a.html?a=%E5%B8%82&b=2");
        }
        assert_eq!(normalised(&url("http://a.test/x/index.html")), "a.test/x/");
        assert_eq!(normalised(&url("http://a.test")), "a.test/");
        assert_eq!(normalised(&url("http://a.test:8080/x/")), "a.test:8080/x/");
        assert_ne!(normalised(&url("http://a.test/A")), normalised(&url("http://a.test/a")));
        assert_eq!(normalised(&url("http://www.test/a")), "www.test/a");
    }

    #[test]
    fn sites_are_told_apart() {
        let home = url("http://www.jia.test/");
        for same in ["https://jia.test/x", "http://m.jia.test/x", "http://WWW.jia.test:80"] {
            assert!(same_site(&home, &url(same)), "{same}");
        }
        for other in ["http://gsl.jia.test/", "http://jia.test:81/", "http://xjia.test/"] {
            assert!(!same_site(&home, &url(other)), "{other}");
        }
        assert!(is_wechat(&url("https://mp.weixin.qq.com/s/abc")));
        assert!(!is_wechat(&url("https://mp.weixin.qq.com.evil.test/s/abc")));
        for page in ["/a/b/", "../x", "a.html?b=1", "http://a.test/x", "a", "t20260102_1.shtml#top"]
        {
            assert!(is_plainly_page(page), "{page}");
        }
        for other in ["", "?a", "#", "a.pdf", "x.PDF?v=1", "/down.jsp", "http://a.test"] {
            assert!(!is_plainly_page(other), "{other}");
        }
        for file in ["/a/P02.pdf", "/a/通知.DOCX", "/module/download/downfile.jsp?classid=0"] {
            assert!(is_file(&home.join(file).unwrap()), "{file}");
        }
        for page in ["/a/t2.html", "/", "/a.pdf/x", "/show.aspx?f=a.pdf"] {
            assert!(!is_file(&home.join(page).unwrap()), "{page}");
        }
    }
}
