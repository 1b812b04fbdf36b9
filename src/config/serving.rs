//! What is shown to whom: `[admin]` for operators, `[public]` for the foot of every public page,
//! `[serve]` for the manners between readers and us.

use std::collections::HashSet;
use std::fmt;
use std::net::SocketAddr;

use ipnet::IpNet;
use url::Url;

use super::Publication;
use super::forms::{base_url, former_slug, network, socket, web_address};
use super::reader::Section;
use crate::model::{Both, Emblems};

/// `[admin]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// Where the status page is served.
    pub listen: SocketAddr,
    /// What an operator must show; without one only loopback is served.
    pub token: Option<Token>,
    /// The address operators use, ending in `/`, where it is another than `listen`.
    pub base_url: Option<Url>,
}

/// `[serve]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Serve {
    /// Proxies whose word on who asks is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// How often a document may be downloaded from one address in ten minutes without asking
    /// whether it changed; 0 sets no limit.
    pub downloads: u32,
    /// Slugs of feeds that have ended for good.
    pub retired: Vec<String>,
}

/// A secret: compared, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Shorter tokens can be guessed.
const GOOD_TOKEN: usize = 16;

/// `[public]`: what the law and good manners want on public pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Public {
    /// ICP 备案 number.
    pub icp: Option<String>,
    /// 公安备案 number.
    pub police: Option<String>,
    /// Whom readers tell of mistakes: a mailbox, a page or a telephone number.
    pub corrections: Option<String>,
    /// 网站标识码 of the meta tag `SiteIDCode`.
    pub site_id_code: Option<String>,
    /// What feeds are recognised by in readers.
    pub emblems: Emblems,
}

impl Token {
    /// A token that was not read from a file.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// True when nobody guesses it.
    pub fn is_long(&self) -> bool {
        self.0.len() >= GOOD_TOKEN
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Admin {
    /// Reads `[admin]`; `public` is the address readers are served on.
    pub(super) fn read(section: &Section<'_>, public: Option<SocketAddr>) -> Option<Self> {
        let listen = section.parsed("listen", socket);
        let token = section.parsed("token", token).flatten();
        if let (Some(listen), Some(value)) = (listen, section.value("listen")) {
            if !listen.ip().is_loopback() && token.is_none() {
                value.fault(Both::new(
                    format!("“{listen}”可从外部访问；请设置 admin.token，或改为 127.0.0.1"),
                    format!("`{listen}` can be reached from outside; set `admin.token`, or listen on 127.0.0.1"),
                ));
            }
            if listen.port() != 0 && public == Some(listen) {
                value.fault(Both::new(
                    format!("“{listen}”已用于 daemon.listen；请换一个端口"),
                    format!("`{listen}` is `daemon.listen` already; wanted another port"),
                ));
            }
        }
        let base_url = section.parsed("base_url", |text| match text.trim() {
            "" => Ok(None),
            text => base_url(text).map(Some),
        });
        section.finish();
        Some(Self { listen: listen?, token, base_url: base_url.flatten() })
    }

    /// The address operators use, ending in `/`.
    pub fn address(&self) -> Url {
        self.base_url.clone().unwrap_or_else(|| {
            let mut url = Url::parse("http://localhost/").expect("this is an address");
            // Any host and port fit into an address of this scheme.
            let _ = url.set_ip_host(self.listen.ip());
            let _ = url.set_port(Some(self.listen.port()));
            url
        })
    }
}

impl Serve {
    /// Reads `[serve]`; `feeds` are those that are published.
    pub(super) fn read(section: &Section<'_>, feeds: &[Publication]) -> Self {
        let used: HashSet<&str> = feeds.iter().flat_map(Publication::slugs).collect();
        let downloads = section.number("downloads", 0..1_000_001).unwrap_or(60);
        let serve = Self {
            trusted_proxies: section.parsed_list("trusted_proxies", network),
            downloads: u32::try_from(downloads).unwrap_or(0),
            retired: section.parsed_list("retired", |text| former_slug(text, &used)),
        };
        section.finish();
        serve
    }
}

impl Public {
    /// Reads `[public]`.
    pub(super) fn read(section: &Section<'_>) -> Self {
        let public = Self {
            icp: section.parsed("icp", icp).flatten(),
            police: section.parsed("police", police).flatten(),
            corrections: section.parsed("corrections", filled).flatten(),
            site_id_code: section.parsed("site_id_code", site_id_code).flatten(),
            emblems: emblems(section),
        };
        section.finish();
        public
    }
}

/// The addresses of pictures; an empty one is none.
fn emblems(section: &Section<'_>) -> Emblems {
    let picture = |key| section.parsed(key, picture).flatten();
    let pixels = |key, most: u64| {
        let number = section.number(key, 0..most + 1).and_then(|number| u16::try_from(number).ok());
        number.filter(|&number| number > 0)
    };
    Emblems {
        icon: picture("icon"),
        favicon: picture("favicon"),
        logo: picture("logo"),
        logo_width: pixels("logo_width", 144),
        logo_height: pixels("logo_height", 400),
    }
}

fn picture(text: &str) -> Result<Option<Url>, Both> {
    filled(text)?.map(|text| web_address(&text)).transpose()
}

/// The text, `None` where it is left empty.
fn filled(text: &str) -> Result<Option<String>, Both> {
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A token as HTTP carries it; `None` where it is left empty.
pub(super) fn token(text: &str) -> Result<Option<Token>, Both> {
    // HTTP Basic and Bearer carry no others unharmed.
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok((!text.is_empty()).then(|| Token(text.to_owned())))
    } else {
        Err(Both::new(
            "只能用不含空格的 ASCII 字母、数字和符号",
            "wanted ASCII letters, digits and signs without spaces",
        ))
    }
}

fn icp(text: &str) -> Result<Option<String>, Both> {
    match filled(text)? {
        Some(text) if !text.contains("ICP") => Err(Both::new(
            format!("“{text}”不是 ICP 备案号；应如 苏ICP备12345678号"),
            format!("`{text}` is no ICP number, such as 苏ICP备12345678号"),
        )),
        number => Ok(number),
    }
}

fn police(text: &str) -> Result<Option<String>, Both> {
    match filled(text)? {
        Some(text) if !text.contains("公网安备") => Err(Both::new(
            format!("“{text}”不是公安备案号；应如 苏公网安备32010602010001号"),
            format!("`{text}` is no number of 公安备案, such as 苏公网安备32010602010001号"),
        )),
        number => Ok(number),
    }
}

fn site_id_code(text: &str) -> Result<Option<String>, Both> {
    let well_formed = |text: &String| {
        let digits = text.strip_prefix("bm").unwrap_or(text);
        (text.len() == 10) && digits.bytes().all(|b| b.is_ascii_digit())
    };
    match filled(text)? {
        Some(text) if !well_formed(&text) => Err(Both::new(
            format!("“{text}”不是网站标识码；应为十位数字，或 bm 加八位数字"),
            format!("`{text}` is no 网站标识码; wanted ten digits, or `bm` and eight"),
        )),
        code => Ok(code),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::{Sink, Source};
    use super::*;
    use crate::model::Lang;

    /// What is wrong with `text`, and the admin table as far as it could be read.
    fn admin(text: &str) -> (Vec<String>, Option<Admin>) {
        let source = Source { name: "c.toml".to_owned(), text: text.to_owned() };
        let sink = Sink::default();
        let table = source.parse(&sink);
        let section = Section::root(&source, &table, &sink).section("admin");
        let read = Admin::read(&section, "127.0.0.1:8080".parse().ok());
        (sink.into_vec().iter().map(|fault| fault.text(Lang::En)).collect(), read)
    }

    #[test]
    fn only_loopback_goes_without_a_token() {
        for listen in ["127.0.0.1:8081", "[::1]:8081", "127.0.0.1:0"] {
            let (faults, read) = admin(&format!("[admin]\nlisten = \"{listen}\"\n"));
            assert_eq!(faults, [""; 0]);
            assert_eq!(read.unwrap().token, None);
        }
        for listen in ["0.0.0.0:8081", "192.168.1.5:8081", "[::]:8081"] {
            let (faults, _) = admin(&format!("[admin]\nlisten = \"{listen}\"\ntoken = \"\"\n"));
            assert_eq!(faults.len(), 1, "{listen}");
            assert!(faults[0].starts_with("c.toml:2: admin.listen: "), "{faults:?}");
            let (faults, read) =
                admin(&format!("[admin]\nlisten = \"{listen}\"\ntoken = \"s3cret\"\n"));
            assert_eq!(faults, [""; 0]);
            assert_eq!(read.unwrap().token.unwrap().reveal(), "s3cret");
        }
    }

    #[test]
    fn the_two_listeners_stand_apart() {
        let (faults, _) = admin("[admin]\nlisten = \"127.0.0.1:8080\"\n");
        assert!(faults[0].contains("`daemon.listen` already"), "{faults:?}");
    }

    #[test]
    fn a_token_is_never_printed() {
        let (_, read) = admin("[admin]\nlisten = \"127.0.0.1:1\"\ntoken = \"s3cret\"\n");
        assert!(!format!("{read:?}").contains("s3cret"));
        let (faults, _) = admin("[admin]\nlisten = \"127.0.0.1:1\"\ntoken = \"two words\"\n");
        assert_eq!(faults.len(), 1);
        assert!(!faults[0].contains("two words"));
    }

    #[test]
    fn numbers_of_the_foot_are_recognised() {
        assert_eq!(icp("苏ICP备12345678号-1"), Ok(Some("苏ICP备12345678号-1".to_owned())));
        assert_eq!(icp(" "), Ok(None));
        assert!(icp("12345678").is_err());
        assert!(police("苏公网安备 32010602010001号").is_ok());
        assert!(police("32010602010001").is_err());
        assert!(site_id_code("3200000012").is_ok() && site_id_code("bm14000002").is_ok());
        assert!(site_id_code("32000").is_err());
    }
}
