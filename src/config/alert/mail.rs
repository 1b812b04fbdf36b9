//! Alerts that are mail.

use std::net::IpAddr;
use std::path::Path;

use crate::model::{Both, Encryption, Mailing, SecretPlace};

use super::super::forms::{none_of, not_empty};
use super::super::reader::Section;

/// Who takes the mail, and whom it is from and to.
pub(super) fn mailing(section: &Section<'_>, folder: &Path) -> Option<Mailing> {
    let host = section.required("host", not_empty);
    let port = section.number("port", 1..65_536).and_then(|port| u16::try_from(port).ok());
    let encryption = section.parsed("tls", |text| encryption(text, host.as_deref()));
    let encryption = encryption.unwrap_or(match port {
        None | Some(465) => Encryption::Tls,
        Some(_) => Encryption::StartTls,
    });
    let usual = match encryption {
        Encryption::Tls => 465,
        Encryption::StartTls => 587,
        Encryption::None => 25,
    };
    let user = section.text("user");
    let password = password(section, folder);
    if user.is_some() != password.is_some() {
        section.fault(Both::new(
            "user 与口令（password_env 或 password_file）应同时写明",
            "wanted `user` and a password (`password_env` or `password_file`), or neither",
        ));
    }
    let from = section.required("from", mailbox);
    let to = section.parsed_list("to", mailbox);
    if to.is_empty() {
        section.fault_at("to", Both::new("至少要有一个收件人", "wanted one recipient at least"));
    }
    let allow_private = section.boolean("allow_private").unwrap_or(false);
    Some(Mailing {
        host: host?,
        port: port.unwrap_or(usual),
        encryption,
        user,
        password,
        from: from?,
        to,
        allow_private,
    })
}

/// Without encryption a password can be read on the way, so that it is for this machine alone,
/// unless the operator says it in so many words.
fn encryption(text: &str, host: Option<&str>) -> Result<Encryption, Both> {
    let here = host.is_some_and(|host| {
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    });
    match text {
        "tls" => Ok(Encryption::Tls),
        "starttls" => Ok(Encryption::StartTls),
        "none" if here => Ok(Encryption::None),
        "insecure" => Ok(Encryption::None),
        "none" => Err(Both::new(
            "none 只用于本机的邮件服务器；确要不加密地发往别处，请写 insecure",
            "`none` is for a mail server on this machine; say `insecure` where mail is to leave it unencrypted",
        )),
        _ => Err(none_of(text, &["tls", "starttls", "none", "insecure"])),
    }
}

/// A password is never written into the configuration, which is copied and shown around.
fn password(section: &Section<'_>, folder: &Path) -> Option<SecretPlace> {
    let (file, variable) = (section.text("password_file"), section.text("password_env"));
    if section.has("password") {
        let what = Both::new(
            "口令不能写在配置里；请写 password_env（环境变量名）或 password_file（权限 0600 的文件）",
            "the password must not stand here; wanted password_env (a variable) or password_file (a file with mode 0600)",
        );
        section.fault_at("password", what);
    }
    match (file, variable) {
        (None, None) => None,
        (Some(file), None) => Some(SecretPlace::File(folder.join(file))),
        (None, Some(variable)) => Some(SecretPlace::Variable(variable)),
        (Some(_), Some(_)) => {
            section.fault_at(
                "password_file",
                Both::new(
                    "password_env、password_file 只能写其中一个",
                    "wanted one of password_env and password_file",
                ),
            );
            None
        }
    }
}

/// `name@example.org` or `Name <name@example.org>`.
fn mailbox(text: &str) -> Result<String, Both> {
    let text = not_empty(text)?;
    match text.parse::<lettre::message::Mailbox>() {
        Ok(_) => Ok(text),
        Err(_) => Err(Both::new(
            format!("“{text}”不是邮箱；应如 ops@example.org 或“运维 <ops@example.org>”"),
            format!("`{text}` is no mailbox, such as ops@example.org or `Ops <ops@example.org>`"),
        )),
    }
}
