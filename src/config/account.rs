//! Official Accounts that drafts go to: every `[[account]]`.

use std::path::Path;

use url::Url;

use crate::model::{Both, SecretPlace};

use super::forms::{not_empty, site_id, web_address};
use super::reader::Section;

/// An Official Account of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id within the configuration.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The `AppID`: `wx…`.
    pub app_id: String,
    /// Where its `AppSecret` is; it is read when it is needed, and stands in no file of ours.
    pub secret: SecretPlace,
    /// Where the platform is asked.
    pub base: Url,
    /// Whether that may lie in a private network: a proxy of one's own.
    pub allow_private: bool,
    /// WeChat names of those whom drafts are shown to.
    pub reviewers: Vec<String>,
    /// Whether drafts may be published from here.
    pub may_publish: bool,
    /// Whether drafts may be sent to all followers from here.
    pub may_send: bool,
}

/// Where the platform is asked, unless it is said otherwise.
const PLATFORM: &str = "https://api.weixin.qq.com/";

/// All accounts; their ids are unique over all files.
pub(super) fn accounts(roots: &[Section<'_>], folder: &Path) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    for section in roots.iter().flat_map(|root| root.sections("account")) {
        let Some(account) = account(&section, folder) else { continue };
        if accounts.iter().any(|other| other.id == account.id) {
            let id = &account.id;
            let zh = format!("编号“{id}”已被占用");
            section.fault_at("id", Both::new(zh, format!("the id `{id}` is taken")));
        }
        accounts.push(account);
    }
    accounts
}

fn account(section: &Section<'_>, folder: &Path) -> Option<Account> {
    let id = section.required("id", site_id);
    let app_id = section.required("app_id", app_id);
    let name = section.text("name");
    let secret = secret(section, folder);
    let base = section.parsed("base", base);
    let reviewers = section.parsed_list("reviewers", not_empty);
    let allow_private = section.boolean("allow_private").unwrap_or(false);
    let may_publish = section.boolean("publish").unwrap_or(false);
    let may_send = section.boolean("mass_send").unwrap_or(false);
    section.finish();
    let id = id?.to_string();
    Some(Account {
        name: name.unwrap_or_else(|| id.clone()),
        id,
        app_id: app_id?,
        secret: secret?,
        base: base.or_else(|| Url::parse(PLATFORM).ok())?,
        allow_private,
        reviewers,
        may_publish,
        may_send,
    })
}

/// A secret is never written into the configuration, which is copied and shown around.
fn secret(section: &Section<'_>, folder: &Path) -> Option<SecretPlace> {
    let (file, variable) = (section.text("secret_file"), section.text("secret_env"));
    if section.has("secret") {
        section.fault_at(
            "secret",
            Both::new(
                "AppSecret 不能写在配置里；请写 secret_env（环境变量名）或 secret_file（权限 0600 的文件）",
                "the AppSecret must not stand here; wanted secret_env (a variable) or secret_file (a file with mode 0600)",
            ),
        );
        return None;
    }
    match (file, variable) {
        (Some(file), None) => Some(SecretPlace::File(folder.join(file))),
        (None, Some(variable)) => Some(SecretPlace::Variable(variable)),
        _ => {
            section.fault(Both::new(
                "secret_env、secret_file 应写且只写其中一个",
                "wanted one of secret_env and secret_file",
            ));
            None
        }
    }
}

fn app_id(text: &str) -> Result<String, Both> {
    let is_one = text.len() >= 10
        && text.starts_with("wx")
        && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_one {
        return Ok(text.to_owned());
    }
    Err(Both::new(
        format!("“{text}”不是 AppID；应以 wx 开头，见公众平台“设置与开发 → 基本配置”"),
        format!("`{text}` is no AppID; wanted one that begins with `wx`"),
    ))
}

/// An address that ends in a slash, so that paths can be put behind it.
fn base(text: &str) -> Result<Url, Both> {
    let slashed = if text.ends_with('/') { text.to_owned() } else { format!("{text}/") };
    web_address(&slashed)
}
