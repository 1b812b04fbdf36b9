//! Neither the token nor the secret is ever seen: in errors, in sentences, in `Debug`, in the log.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lianbo::demo::{APP_SECRET, Fault};
use lianbo::model::{AssetKind, Lang};
use lianbo::publish::wechat::WechatError;
use tracing::Dispatch;
use tracing_subscriber::fmt::MakeWriter;

use super::{MARK, Stand, jpeg};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// Everything that can be said of `error`.
fn all_of(error: &WechatError) -> String {
    let both = |lang| format!("{} {}", error.sentence().text(lang), error.hint().text(lang));
    let source = std::error::Error::source(error).map(ToString::to_string);
    format!("{error} {error:?} {} {} {source:?}", both(Lang::Zh), both(Lang::En))
}

#[tokio::test]
async fn nothing_shows_the_token_or_the_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let heard = Dispatch::new(subscriber);
    // With one subscriber alone, other threads of this process would switch lines off for all.
    let _second = Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::dispatcher::set_default(&heard);

    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let token = stand.fake.tokens()[0].clone();
    let hint = format!("invalid credential, access_token {token} or secret {APP_SECRET}");
    let mut seen = format!("{:?} {:?}", stand.platform, stand.account());
    let impatient = stand.restart().with_timeout(Duration::from_millis(300));
    let mut faults: Vec<Fault> = [-1, 40001, 40013, 40125, 40164, 45009, 48001, 45166, 61003]
        .into_iter()
        .map(|code| Fault::Code(code, hint.clone()))
        .collect();
    faults.extend([Fault::Html(502), Fault::Empty, Fault::Refuse, Fault::Cut, Fault::Silence]);
    for fault in faults {
        for call in ["draft/add", "draft/get", "media/uploadimg", "stable_token"] {
            stand.fake.faults().always(call, fault.clone());
        }
        let errors = [
            impatient.add_draft(&issue).await.err(),
            impatient.upload_picture(&jpeg(1), "a.jpg", AssetKind::Jpeg).await.err(),
            stand
                .restart()
                .with_timeout(Duration::from_millis(300))
                .create_draft(&issue, MARK)
                .await
                .err(),
        ];
        for error in errors.iter().flatten() {
            seen.push_str(&all_of(error));
        }
        stand.fake.faults().clear();
        stand.clock.advance(24 * 3600);
    }
    for base in ["http://127.0.0.1:1/", "ftp://127.0.0.1/", "http://nowhere.invalid/"] {
        let mut account = stand.account();
        account.base = base.parse().unwrap();
        let platform = stand.connect(account);
        seen.push_str(&all_of(&platform.draft_count().await.unwrap_err()));
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let rid = regex::Regex::new("errcode=48001 rid=\"[0-9a-f]{8}-[0-9a-f]{8}-").unwrap();
    assert!(rid.is_match(&log), "the name of a request is logged");
    assert!(log.contains("draft/add"), "the log was heard");
    for (name, text) in [("an error", &seen), ("the log", &log)] {
        assert!(!text.contains(APP_SECRET), "{name} shows the secret");
        for token in stand.fake.tokens() {
            assert!(!text.contains(&token[..24]), "{name} shows a token");
        }
    }
}
