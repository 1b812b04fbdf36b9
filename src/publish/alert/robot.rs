//! How robots of chat groups are signed to, and what their answers mean.
//!
//! 钉钉: open.dingtalk.com, 自定义机器人安全设置 and 服务端错误码. 企业微信: developer.work.weixin.qq.com,
//! documents 91770 and 90313. 飞书: open.feishu.cn, 自定义机器人使用指南.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::Url;

use crate::model::{Doorbell, Hindrance, Robot, Secret};
use crate::publish::courier::mac;
use crate::text::plain::one_line;

use super::NotTold;

/// Characters of an answer that are told.
const SAID: usize = 200;
/// Shorter parts of an address are no keys: `send`, `hook`, `v2`.
const KEY: usize = 8;

/// Where `body` goes, and `body` itself, with the signature of `now` (milliseconds).
pub(super) fn signed(kind: Robot, bell: &Doorbell, now: i64, mut body: Value) -> (Url, Value) {
    let mut url = bell.url.clone();
    let Some(secret) = &bell.secret else { return (url, body) };
    match kind {
        // HMAC-SHA256 over `timestamp \n secret` by the secret, in milliseconds, in the query.
        Robot::Dingtalk => {
            let now = now.to_string();
            let sign = STANDARD.encode(mac(secret, &[now.as_bytes(), b"\n", secret.reveal()]));
            url.query_pairs_mut().append_pair("timestamp", &now).append_pair("sign", &sign);
        }
        // HMAC-SHA256 over nothing by `timestamp \n secret`, in seconds, in the body.
        Robot::Feishu => {
            let now = (now / 1000).to_string();
            let key = Secret::new([now.as_bytes(), b"\n", secret.reveal()].concat());
            body["timestamp"] = now.into();
            body["sign"] = STANDARD.encode(mac(&key, &[])).into();
        }
        // Its address is all there is.
        Robot::Wecom => {}
    }
    (url, body)
}

/// What the robot answered, with status 200.
pub(super) fn understood(kind: Robot, bell: &Doorbell, answer: &[u8]) -> Result<(), NotTold> {
    let parsed: Option<Value> = serde_json::from_slice(answer).ok();
    let (code, words) = match kind {
        Robot::Dingtalk | Robot::Wecom => (&["errcode"][..], "errmsg"),
        // Older robots answer with `StatusCode`.
        Robot::Feishu => (&["code", "StatusCode"][..], "msg"),
    };
    let code = parsed.as_ref().and_then(|answer| code.iter().find_map(|key| answer[*key].as_i64()));
    match (code, parsed) {
        (Some(0), _) => Ok(()),
        (Some(code), Some(answer)) => {
            let said = answer[words].as_str().unwrap_or_default();
            let hindrance = hindrance(kind, code, &said.to_lowercase());
            Err(NotTold::Refused { hindrance, code, said: discreet(said, bell) })
        }
        _ => {
            let text = String::from_utf8_lossy(&answer[..answer.len().min(4 * SAID)]);
            Err(NotTold::Garbled { said: discreet(&text, bell) })
        }
    }
}

/// What a code means; 钉钉 has one for all of its security settings, and says which in words.
fn hindrance(kind: Robot, code: i64, words: &str) -> Hindrance {
    match (kind, code) {
        (Robot::Dingtalk, 310_000) if words.contains("keyword") || words.contains("关键词") => {
            Hindrance::Keyword
        }
        (Robot::Dingtalk, 310_000) if words.contains("whitelist") || words.contains("白名单") => {
            Hindrance::Address
        }
        (Robot::Dingtalk, 310_000) => Hindrance::Signature,
        (Robot::Dingtalk, 130_101 | 410_100) => Hindrance::TooOften,
        (Robot::Dingtalk, 300_001 | 300_005 | 400_013 | 400_101 | 400_102) => Hindrance::Unknown,
        (Robot::Dingtalk, 40_035 | 400_105 | 400_106 | 430_101..=430_104 | 460_101) => {
            Hindrance::Content
        }
        (Robot::Wecom, 93_000 | 93_004 | 93_008 | 40_001 | 41_001) => Hindrance::Unknown,
        (Robot::Wecom, 45_009 | 45_033) => Hindrance::TooOften,
        (Robot::Wecom, 60_020) => Hindrance::Address,
        (Robot::Wecom, 40_008 | 40_058 | 44_004 | 45_002) => Hindrance::Content,
        (Robot::Feishu, 19_001 | 19_003 | 19_005) => Hindrance::Unknown,
        (Robot::Feishu, 19_002 | 9_499) => Hindrance::Content,
        (Robot::Feishu, 19_021) => Hindrance::Signature,
        (Robot::Feishu, 19_022) => Hindrance::Address,
        (Robot::Feishu, 19_024) => Hindrance::Keyword,
        (Robot::Feishu, 11_232 | 11_247) => Hindrance::TooOften,
        _ => Hindrance::Other,
    }
}

/// What was said, short, on one line, without the keys of the address and the secret.
fn discreet(said: &str, bell: &Doorbell) -> String {
    let mut keys: Vec<String> =
        bell.url.query_pairs().map(|(_, value)| value.into_owned()).collect();
    keys.extend(bell.url.path_segments().into_iter().flatten().map(str::to_owned));
    keys.extend(bell.url.query().map(str::to_owned));
    let secret = bell.secret.as_ref();
    keys.extend(secret.map(|secret| String::from_utf8_lossy(secret.reveal()).into_owned()));
    keys.retain(|key| key.len() >= KEY);
    keys.sort_by_key(|key| std::cmp::Reverse(key.len()));
    let mut said = one_line(said);
    for key in &keys {
        said = said.replace(key, "…");
    }
    said.chars().take(SAID).collect()
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use serde_json::json;
    use sha2::Sha256;

    use super::*;

    fn bell(url: &str, secret: Option<&str>) -> Doorbell {
        let secret = secret.map(|secret| Secret::new(secret.as_bytes()));
        Doorbell { url: Url::parse(url).unwrap(), secret, allow_private: false }
    }

    fn by_another_program(key: &str, text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    #[test]
    fn dingtalk_is_signed_in_the_query() {
        let bell = bell("https://robot.example/send?access_token=a%2Fb", Some("SECabc密"));
        let body = json!({ "msgtype": "markdown" });
        let (url, sent) = signed(Robot::Dingtalk, &bell, 1_763_600_000_123, body.clone());
        assert_eq!(sent, body);
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let sign = by_another_program("SECabc密", "1763600000123\nSECabc密");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            pairs,
            [pair("access_token", "a/b"), pair("timestamp", "1763600000123"), pair("sign", &sign)]
        );
        assert!(!url.as_str().contains('+') && !url.query().unwrap().contains("/"), "{url}");
    }

    #[test]
    fn feishu_is_signed_in_the_body() {
        let bell = bell("https://robot.example/hook/xyz", Some("demo"));
        let (url, sent) = signed(Robot::Feishu, &bell, 1_599_360_473_999, json!({ "card": {} }));
        assert_eq!(url, bell.url);
        assert_eq!(sent["timestamp"], "1599360473");
        assert_eq!(sent["sign"], by_another_program("1599360473\ndemo", ""));
        assert!(sent["card"].is_object());
    }

    #[test]
    fn without_a_secret_nothing_is_added() {
        for kind in [Robot::Dingtalk, Robot::Wecom, Robot::Feishu] {
            let bell = bell("https://robot.example/send?key=k", None);
            assert_eq!(signed(kind, &bell, 1, json!({})), (bell.url.clone(), json!({})));
        }
    }

    #[test]
    fn a_refusal_comes_with_status_200_and_is_understood() {
        let bell = bell(
            "https://robot.example/send?access_token=0123456789abcdef",
            Some("hunter2hunter2"),
        );
        for (kind, answer, wanted) in [
            (
                Robot::Dingtalk,
                r#"{"errcode":310000,"errmsg":"keywords not in content, more: [https://x]"}"#,
                Hindrance::Keyword,
            ),
            (
                Robot::Dingtalk,
                r#"{"errcode":310000,"errmsg":"sign not match, more: [x]"}"#,
                Hindrance::Signature,
            ),
            (
                Robot::Dingtalk,
                r#"{"errcode":310000,"errmsg":"ip 1.2.3.4 not in whitelist"}"#,
                Hindrance::Address,
            ),
            (
                Robot::Dingtalk,
                r#"{"errcode":310000,"errmsg":"invalid timestamp"}"#,
                Hindrance::Signature,
            ),
            (
                Robot::Dingtalk,
                r#"{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}"#,
                Hindrance::TooOften,
            ),
            (
                Robot::Dingtalk,
                r#"{"errcode":300001,"errmsg":"token is not exist"}"#,
                Hindrance::Unknown,
            ),
            (Robot::Dingtalk, r#"{"errcode":-1,"errmsg":"系统繁忙"}"#, Hindrance::Other),
            (
                Robot::Wecom,
                r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#,
                Hindrance::Unknown,
            ),
            (
                Robot::Wecom,
                r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#,
                Hindrance::TooOften,
            ),
            (
                Robot::Wecom,
                r#"{"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}"#,
                Hindrance::Content,
            ),
            (
                Robot::Feishu,
                r#"{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}"#,
                Hindrance::Signature,
            ),
            (Robot::Feishu, r#"{"code":19024,"msg":"Key Words Not Found"}"#, Hindrance::Keyword),
            (Robot::Feishu, r#"{"code":19022,"msg":"Ip Not Allowed"}"#, Hindrance::Address),
            (Robot::Feishu, r#"{"StatusCode":19001,"msg":"param invalid"}"#, Hindrance::Unknown),
        ] {
            let error = understood(kind, &bell, answer.as_bytes()).unwrap_err();
            assert_eq!(error.hindrance(), wanted, "{answer}");
        }
        for (kind, answer) in [
            (Robot::Dingtalk, r#"{"errcode":0,"errmsg":"ok"}"#),
            (Robot::Wecom, r#"{"errcode":0,"errmsg":"ok"}"#),
            (Robot::Feishu, r#"{"code":0,"msg":"success","data":{}}"#),
            (Robot::Feishu, r#"{"StatusCode":0,"StatusMessage":"success"}"#),
        ] {
            assert_eq!(understood(kind, &bell, answer.as_bytes()), Ok(()), "{answer}");
        }
    }

    #[test]
    fn what_is_no_answer_is_none_and_says_no_secret() {
        let bell = bell(
            "https://robot.example/hook/0123456789abcdef?access_token=fedcba9876543210",
            Some("hunter2hunter2"),
        );
        for answer in [
            "",
            "null",
            "<html>fedcba9876543210 0123456789abcdef hunter2hunter2\n</html>",
            "{\"errcode\":\"0\"}",
            "{\"errcode\":77,\"errmsg\":\"access_token=fedcba9876543210 hunter2hunter2\"}",
            "{\"errcode\":77,\"errmsg\":5}",
        ] {
            let error = understood(Robot::Dingtalk, &bell, answer.as_bytes()).unwrap_err();
            let said = format!("{error} {error:?}");
            for key in ["hunter2", "fedcba98", "01234567"] {
                assert!(!said.contains(key), "{said}");
            }
            assert!(!error.to_string().contains('\n'));
        }
        let long = format!("{{\"errcode\":77,\"errmsg\":\"{}\"}}", "长".repeat(5000));
        let error = understood(Robot::Dingtalk, &bell, long.as_bytes()).unwrap_err();
        assert!(error.to_string().chars().count() < 300);
        let garbled = [0xff, 0xfe, 0x00, 0xc3];
        assert!(understood(Robot::Wecom, &bell, &garbled).is_err());
    }
}
