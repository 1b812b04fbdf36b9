//! The access token: one request for many, kept over restarts, renewed and forced as is allowed.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use lianbo::demo::Fault;
use lianbo::model::ProblemCode;
use lianbo::publish::wechat::Refusal;
use serde_json::Value;

use super::Stand;

/// Bodies of the requests for tokens: whether each forced a new one.
fn forced(stand: &Stand) -> Vec<bool> {
    let requests = stand.fake.requests();
    let tokens = requests.iter().filter(|request| request.call == "stable_token");
    tokens
        .map(|request| {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            assert_eq!(body["grant_type"], "client_credential");
            body["force_refresh"].as_bool().unwrap()
        })
        .collect()
}

#[tokio::test]
async fn twenty_callers_make_one_request_for_a_token() {
    let stand = Stand::start().await;
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let platform = Arc::clone(&stand.platform);
            tokio::spawn(async move { platform.draft_count().await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Ok(0));
    }
    assert_eq!(stand.fake.count("draft/count"), 20);
    assert_eq!(forced(&stand), [false]);
}

#[tokio::test]
async fn twenty_callers_fail_together() {
    let stand = Stand::start().await;
    stand.fake.faults().unlisted("203.0.113.9".parse().unwrap());
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let platform = Arc::clone(&stand.platform);
            tokio::spawn(async move { platform.draft_count().await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap_err().code(), "address-not-listed");
    }
    assert_eq!(stand.fake.count("stable_token"), 1);
    assert_eq!(stand.fake.count("draft/count"), 0);
    // Whoever comes later asks anew.
    stand.fake.faults().clear();
    assert_eq!(stand.platform.draft_count().await, Ok(0));
}

#[tokio::test]
async fn a_token_outlives_the_process_in_a_file_for_its_owner_alone() {
    let stand = Stand::start().await;
    stand.platform.draft_count().await.unwrap();
    let file = stand.account().token_file;
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    stand.restart().draft_count().await.unwrap();
    assert_eq!(stand.fake.count("stable_token"), 1);

    // Neither another account's file nor a torn one is used.
    let mut other = stand.account();
    other.app_id = "wx1111111111111111".to_owned();
    let refused = stand.connect(other).draft_count().await.unwrap_err();
    assert_eq!(refused.code(), "app-id");
    std::fs::write(&file, "{\"app_id\":\"wx").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    stand.restart().draft_count().await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let left = std::fs::read_dir(file.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing half written is left");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_stops_nothing() {
    let stand = Stand::start().await;
    let mut account = stand.account();
    std::fs::write(stand.folder.path().join("file"), "").unwrap();
    account.token_file = stand.folder.path().join("file/below");
    assert_eq!(stand.connect(account).draft_count().await, Ok(0));
}

#[tokio::test]
async fn a_token_is_renewed_five_minutes_before_its_end() {
    let stand = Stand::start().await;
    stand.platform.draft_count().await.unwrap();
    stand.clock.advance(6899);
    stand.platform.draft_count().await.unwrap();
    assert_eq!(stand.fake.count("stable_token"), 1);
    stand.clock.advance(1);
    stand.platform.draft_count().await.unwrap();
    assert_eq!(forced(&stand), [false, false]);
    assert_eq!(stand.fake.tokens().len(), 2);
}

/// 40001: somebody made another token; asking once is enough.
#[tokio::test]
async fn code_40001_asks_for_the_token_and_repeats_the_call() {
    let stand = Stand::start().await;
    stand.platform.draft_count().await.unwrap();
    stand.fake.replace_token();
    assert_eq!(stand.platform.draft_count().await, Ok(0));
    assert_eq!(forced(&stand), [false, false]);
    assert_eq!(stand.fake.count("draft/count"), 3);
}

/// 42001: by the platform's clock it is over sooner than we thought.
#[tokio::test]
async fn code_42001_asks_for_the_token_and_repeats_the_call() {
    let stand = Stand::start().await;
    stand.platform.draft_count().await.unwrap();
    stand.fake.advance(chrono::TimeDelta::hours(3));
    assert_eq!(stand.platform.draft_count().await, Ok(0));
    let requests = stand.fake.requests();
    let refused: Vec<i64> = requests.iter().map(|request| request.errcode).collect();
    assert_eq!(refused, [0, 0, 42001, 0, 0]);
    assert_eq!(forced(&stand), [false, false]);
}

/// 40014 and 41001: as 40001.
#[tokio::test]
async fn codes_40014_and_41001_ask_for_the_token_and_repeat_the_call() {
    for code in [40014, 41001] {
        let stand = Stand::start().await;
        stand.fake.faults().refuse("draft/count", code);
        // The token is young, and the same comes back: nothing is forced, the call has failed.
        let refused = stand.platform.draft_count().await.unwrap_err();
        assert_eq!(refused.told().unwrap().code, code);
        assert_eq!(forced(&stand), [false, false], "{code}");

        stand.fake.replace_token();
        assert_eq!(stand.platform.draft_count().await, Ok(0));
    }
}

#[tokio::test]
async fn a_new_token_is_forced_only_where_the_same_old_one_comes_back() {
    let stand = Stand::start().await;
    stand.platform.draft_count().await.unwrap();
    stand.fake.spoil_token(40001);
    stand.clock.advance(60);
    let refused = stand.platform.draft_count().await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::Token));
    assert_eq!(refused.problem(), ProblemCode::WechatAccount);
    assert_eq!(forced(&stand), [false, false], "a token of 60 s is too young");

    stand.clock.advance(1);
    assert_eq!(stand.platform.draft_count().await, Ok(0));
    assert_eq!(forced(&stand), [false, false, false, true]);
}

#[tokio::test]
async fn twenty_new_tokens_a_day_are_never_forced() {
    let stand = Stand::start().await;
    stand.platform.draft_count().await.unwrap();
    for round in 0..(24 * 6) {
        stand.fake.spoil_token(40001);
        stand.clock.advance(600);
        // Every call may fail; a restart must not forget what was forced.
        let platform =
            if round % 7 == 0 { Arc::new(stand.restart()) } else { stand.platform.clone() };
        let _ = platform.draft_count().await;
    }
    let forced = forced(&stand).into_iter().filter(|forced| *forced).count();
    assert!((10..20).contains(&forced), "{forced}");
}

#[tokio::test]
async fn a_token_that_is_refused_again_and_again_is_no_loop() {
    let stand = Stand::start().await;
    let refuse = Fault::Code(40001, "invalid credential".to_owned());
    stand.fake.faults().always("draft/count", refuse);
    stand.platform.draft_count().await.unwrap_err();
    stand.clock.advance(61);
    let before = stand.fake.requests().len();
    stand.platform.draft_count().await.unwrap_err();
    let calls: Vec<String> =
        stand.fake.requests()[before..].iter().map(|request| request.call.clone()).collect();
    assert_eq!(calls, ["draft/count", "stable_token", "stable_token", "draft/count"]);
}

#[tokio::test]
async fn a_busy_platform_is_asked_for_the_token_three_times_more() {
    let stand = Stand::start().await;
    for _ in 0..3 {
        stand.fake.faults().refuse("stable_token", -1);
    }
    assert_eq!(stand.platform.draft_count().await, Ok(0));
    assert_eq!(stand.clock.waits(), [2, 8, 30]);
}

#[tokio::test]
async fn an_answer_without_a_token_is_no_token() {
    for (answer, code) in [(Fault::Empty, "garbled"), (Fault::Html(200), "garbled")] {
        let stand = Stand::start().await;
        stand.fake.faults().always("stable_token", answer);
        assert_eq!(stand.platform.draft_count().await.unwrap_err().code(), code);
        assert_eq!(stand.fake.count("draft/count"), 0);
    }
}
