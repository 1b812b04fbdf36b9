//! How single values are written: each function takes the text and gives what it means, or what is
//! wrong with it.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use chrono::NaiveDate;
use chrono_tz::Tz;
use http::header::{self, HeaderName, HeaderValue};
use ipnet::IpNet;
use regex::Regex;
use url::Url;

use crate::model::{Both, Format, Lang, SiteId};
use crate::schedule::Cron;
use crate::text::alternative::Selector;

/// What is said of a word that is not one of those wanted.
pub(super) fn none_of(text: &str, wanted: &[&str]) -> Both {
    Both::new(
        format!("“{text}”不在可选之列：{}", wanted.join("、")),
        format!("`{text}` is none of {}", wanted.join(", ")),
    )
}

/// The name of a site or a feed.
pub(super) fn site_id(text: &str) -> Result<SiteId, Both> {
    text.parse::<SiteId>().map_err(|error| id_fault(text, &error.to_string()))
}

/// What is wrong with a name, in both languages.
pub(super) fn id_fault(text: &str, en: &str) -> Both {
    let zh = "只能用 1 到 40 个小写字母 a-z、数字和 -，首尾不能是 -";
    Both::new(format!("“{text}”不能用作编号：{zh}"), en)
}

/// Anything but blanks.
pub(super) fn not_empty(text: &str) -> Result<String, Both> {
    match text.trim() {
        "" => Err(Both::new("不能为空", "must not be empty")),
        text => Ok(text.to_owned()),
    }
}

/// A format by its extension.
pub(super) fn format(text: &str) -> Result<Format, Both> {
    let known = Format::ALL.map(Format::extension);
    Format::ALL
        .into_iter()
        .find(|format| format.extension() == text)
        .ok_or_else(|| none_of(text, &known))
}

/// A cron expression in `zone`.
pub(super) fn cron(text: &str, zone: Tz) -> Result<Cron, Both> {
    Cron::parse(text, zone).map_err(|error| error.both())
}

/// A language by its code.
pub(super) fn lang(text: &str) -> Result<Lang, Both> {
    match text {
        "zh" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        _ => Err(none_of(text, &["zh", "en"])),
    }
}

/// What the sites see in the User-Agent, which takes plain ASCII; empty means not yet set.
pub(super) fn contact(text: &str) -> Result<Option<String>, Both> {
    let text = text.trim();
    let mailbox = text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && domain.contains('.') && !domain.contains('@')
    });
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    if text.is_empty() {
        Ok(None)
    } else if plain && (mailbox || web_address(text).is_ok()) {
        Ok(Some(text.to_owned()))
    } else {
        Err(Both::new(
            format!("“{text}”应为邮箱或 http(s) 网址"),
            format!("`{text}` is neither an e-mail address nor an http(s) address"),
        ))
    }
}

/// A name and the address it is to be found at.
pub(super) fn fixed_address(host: &str, address: &str) -> Result<(String, SocketAddr), Both> {
    Ok((host.to_ascii_lowercase(), socket(address)?))
}

/// An IP address with port.
pub(super) fn socket(text: &str) -> Result<SocketAddr, Both> {
    text.parse().map_err(|_| {
        Both::new(
            format!("“{text}”不是带端口的 IP 地址；应如 127.0.0.1:8080"),
            format!("`{text}` is no IP address with port, such as 127.0.0.1:8080"),
        )
    })
}

/// A network, or a single address of one.
pub(super) fn network(text: &str) -> Result<IpNet, Both> {
    let single = || text.parse().map(|address: IpAddr| IpNet::from(address));
    text.parse().or_else(|_| single()).map_err(|_| {
        Both::new(
            format!("“{text}”不是 IP 地址或网段；应如 10.0.0.5 或 10.0.0.0/8"),
            format!("`{text}` is no IP address or network, such as 10.0.0.5 or 10.0.0.0/8"),
        )
    })
}

/// The slug that a feed once had, of a composite feed or a site, or `SITE/COLUMN`; none of those in
/// `used`.
pub(super) fn former_slug(text: &str, used: &HashSet<&str>) -> Result<String, Both> {
    let parts = text.splitn(2, '/').map(site_id).collect::<Result<Vec<_>, _>>()?;
    let slug = parts.iter().map(SiteId::as_str).collect::<Vec<_>>().join("/");
    if used.contains(slug.as_str()) {
        return Err(Both::new(
            format!("地址 /feeds/{slug} 仍在使用，不能同时写作旧址"),
            format!("the address `/feeds/{slug}` is in use, and cannot be a former one too"),
        ));
    }
    Ok(slug)
}

/// The address readers use, ending in `/`.
pub(super) fn base_url(text: &str) -> Result<Url, Both> {
    let mut url = web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Both::new(
            format!("“{text}”不应带有 ? 或 # 部分"),
            format!("`{text}` must have no query and no fragment"),
        ));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// An IANA time zone.
pub(super) fn zone(text: &str) -> Result<Tz, Both> {
    text.parse().map_err(|_| {
        Both::new(
            format!("“{text}”不是 IANA 时区；应如 Asia/Shanghai"),
            format!("`{text}` is no IANA time zone, such as Asia/Shanghai"),
        )
    })
}

/// RFC 4151 §2.1: a domain name or an e-mail address; empty means not yet set.
pub(super) fn authority(text: &str) -> Result<String, Both> {
    let (name, domain) = text.rsplit_once('@').unwrap_or(("mailbox", text));
    let well_formed = !name.is_empty()
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'))
        && domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        });
    if text.is_empty() || well_formed {
        return Ok(text.to_owned());
    }
    Err(Both::new(
        format!("“{text}”应为小写的域名或邮箱(RFC 4151)"),
        format!("`{text}` is no domain name or e-mail address in lower case (RFC 4151)"),
    ))
}

/// RFC 4151 §2.1: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
pub(super) fn tag_date(text: &str) -> Result<String, Both> {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let full = match parts.as_slice() {
        [year] => format!("{year}-01-01"),
        [year, month] => format!("{year}-{month}-01"),
        _ => text.to_owned(),
    };
    let formed = digits && matches!(lengths.as_slice(), [4] | [4, 2] | [4, 2, 2]);
    if formed && full.parse::<NaiveDate>().is_ok() {
        return Ok(text.to_owned());
    }
    Err(Both::new(
        format!("“{text}”不是日期；应如 2026、2026-01、2026-01-31"),
        format!("`{text}` is no date of a tag URI; wanted such as 2026, 2026-01 or 2026-01-31"),
    ))
}

/// A day such as `2026-11-20`.
pub(super) fn day(text: &str) -> Result<NaiveDate, Both> {
    text.parse().map_err(|_| {
        Both::new(
            format!("“{text}”不是日期；应如 2026-11-20"),
            format!("`{text}` is no date, such as 2026-11-20"),
        )
    })
}

/// An absolute http(s) address with a host.
pub(super) fn web_address(text: &str) -> Result<Url, Both> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        Ok(url) => {
            let scheme = url.scheme();
            let en = format!("wanted http:// or https://, found `{scheme}:`");
            Err(Both::new(format!("应为 http:// 或 https://，实为“{scheme}:”"), en))
        }
        Err(error) => Err(no_address(text, error)),
    }
}

/// The address of a list page, relative to the site's home.
pub(super) fn list_address(text: &str, home: Option<&Url>) -> Result<Url, Both> {
    match home {
        Some(home) => {
            let url = home.join(text).map_err(|error| no_address(text, error))?;
            web_address(url.as_str())
        }
        None => web_address(text),
    }
}

fn no_address(text: &str, error: url::ParseError) -> Both {
    if error == url::ParseError::RelativeUrlWithoutBase {
        return Both::new(
            format!("“{text}”不是完整网址；应以 http:// 或 https:// 开头"),
            format!("`{text}` is no whole address; wanted http:// or https:// in front"),
        );
    }
    Both::new(format!("“{text}”不是网址：{error}"), format!("`{text}` is no address: {error}"))
}

/// `national` and so on.
pub(super) fn level(text: &str) -> Result<String, Both> {
    const LEVELS: [&str; 5] = ["national", "province", "city", "county", "chamber"];
    if LEVELS.contains(&text) { Ok(text.to_owned()) } else { Err(none_of(text, &LEVELS)) }
}

/// An area code of GB/T 2260.
pub(super) fn region(text: &str) -> Result<String, Both> {
    if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(Both::new(
        format!("“{text}”不是行政区划代码；应为六位数字(GB/T 2260)"),
        format!("`{text}` is no area code; wanted six digits (GB/T 2260)"),
    ))
}

/// The first two, four or all six digits of area codes.
pub(super) fn region_prefix(text: &str) -> Result<String, Both> {
    if matches!(text.len(), 2 | 4 | 6) && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(Both::new(
        format!("“{text}”应为行政区划代码的前两位、四位或全部六位数字，如 32、3202"),
        format!("`{text}` is no begin of an area code; wanted 2, 4 or 6 digits such as 32"),
    ))
}

/// Headers that the fetcher sets itself, or that would make another guest of us.
const OWN_HEADERS: [HeaderName; 12] = [
    header::HOST,
    header::USER_AGENT,
    header::REFERER,
    header::COOKIE,
    header::AUTHORIZATION,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::RANGE,
];

/// A request header.
pub(super) fn request_header(name: &str, value: &str) -> Result<(String, String), Both> {
    let known = HeaderName::try_from(name).map_err(|_| {
        Both::new(
            format!("“{name}”不能用作请求头名称"),
            format!("`{name}` is no name of a request header"),
        )
    })?;
    if OWN_HEADERS.contains(&known) {
        return Err(Both::new(
            format!("“{name}”由程序自己填写，不能改动"),
            format!("`{name}` is set by the program itself"),
        ));
    }
    let plain = HeaderValue::from_str(value).is_ok_and(|value| value.to_str().is_ok());
    if plain {
        return Ok((name.to_owned(), value.to_owned()));
    }
    Err(Both::new(
        format!("“{value}”含有请求头不能用的字符"),
        format!("`{value}` has characters that a request header cannot have"),
    ))
}

/// A CSS selector.
pub(super) fn selector(text: &str) -> Result<Selector, Both> {
    Selector::new(text)
        .map_err(|error| Both::new(format!("“{text}”不是正确的 CSS 选择器"), error.to_string()))
}

/// A regular expression with its fault in one line.
pub(super) fn regex(text: &str) -> Result<Regex, Both> {
    Regex::new(text).map_err(|error| {
        let reason = error.to_string();
        let last = reason.lines().last().unwrap_or("cannot be read").trim();
        let last = last.trim_start_matches("error: ");
        Both::new(
            format!("“{text}”不是正确的正则表达式：{last}"),
            format!("`{text}` is no regular expression: {last}"),
        )
    })
}

/// A JSON pointer (RFC 6901).
pub(super) fn pointer(text: &str) -> Result<String, Both> {
    if text.is_empty() || text.starts_with('/') {
        return Ok(text.to_owned());
    }
    Err(Both::new(
        format!("“{text}”不是 JSON 指针；应如 /data/title(RFC 6901)"),
        format!("`{text}` is no JSON pointer; wanted such as /data/title (RFC 6901)"),
    ))
}
