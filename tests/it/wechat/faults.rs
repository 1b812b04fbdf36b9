//! Answers that are none, and answers that are right but odd.

use std::time::Duration;

use lianbo::demo::Fault;
use lianbo::model::Lang;
use lianbo::publish::wechat::WechatError;

use super::{MARK, Stand};

#[tokio::test]
async fn odd_but_right_answers_are_taken() {
    for fault in [Fault::Bare, Fault::PlainText, Fault::Delay(Duration::from_millis(5))] {
        let stand = Stand::start().await;
        for call in [
            "stable_token",
            "media/uploadimg",
            "material/add_material",
            "draft/add",
            "draft/update",
            "draft/get",
            "draft/batchget",
            "draft/count",
            "draft/delete",
        ] {
            stand.fake.faults().always(call, fault.clone());
        }
        let issue = stand.issue().await;
        let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
        stand
            .platform
            .bring_up_to_date(&pushed.media_id, pushed.update_time, &issue, MARK)
            .await
            .unwrap();
        stand.platform.delete_draft(&pushed.media_id).await.unwrap();
        assert_eq!(stand.platform.draft_count().await, Ok(0));
        assert_eq!(stand.clock.waits(), [] as [u64; 0], "{fault:?}");
    }
}

#[tokio::test]
async fn a_gateway_that_is_down_for_a_moment_is_waited_for() {
    for fault in [Fault::Html(502), Fault::Empty, Fault::Refuse, Fault::Cut] {
        let stand = Stand::start().await;
        stand.fake.faults().next("draft/count", fault.clone());
        assert_eq!(stand.platform.draft_count().await, Ok(0), "{fault:?}");
        assert_eq!(stand.clock.waits(), [2], "{fault:?}");
    }
}

#[tokio::test]
async fn what_came_instead_of_an_answer_is_told() {
    for (fault, words) in [
        (Fault::Html(502), "the HTML page `502 Bad Gateway` (status 502)"),
        (Fault::Empty, "nothing (status 200)"),
    ] {
        let stand = Stand::start().await;
        stand.fake.faults().always("draft/count", fault);
        let error = stand.platform.draft_count().await.unwrap_err();
        assert_eq!(error.code(), "garbled");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.sentence().text(Lang::Zh).contains(words));
        assert_eq!(stand.fake.count("draft/count"), 4);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_told() {
    let stand = Stand::start().await;
    stand.fake.faults().always("draft/count", Fault::Cut);
    let error = stand.platform.draft_count().await.unwrap_err();
    assert!(matches!(error, WechatError::Unreached { call: "draft/count", .. }));
    assert!(error.hint().text(Lang::Zh).contains("wechat.base"));
}

#[tokio::test]
async fn a_platform_that_is_not_there_is_told() {
    let stand = Stand::start().await;
    let mut account = stand.account();
    drop(stand.fake);
    // Nobody listens on the port that was given back, or on port 1.
    account.base = "http://127.0.0.1:1/".parse().unwrap();
    let clock = stand.clock.clone();
    let error = super::connect(account.clone(), &clock).draft_count().await.unwrap_err();
    assert_eq!(error.code(), "unreached");
    account.allow_private = false;
    let error = super::connect(account.clone(), &clock).draft_count().await.unwrap_err();
    assert!(error.to_string().contains("private"), "{error}");
    account.base = "ftp://127.0.0.1/".parse().unwrap();
    let error = super::connect(account, &clock).draft_count().await.unwrap_err();
    assert!(error.to_string().contains("neither http nor https"), "{error}");
}

#[tokio::test]
async fn a_base_may_have_a_path_and_a_port_of_its_own() {
    let stand = Stand::start().await;
    let mut account = stand.account();
    account.base.set_path("/wx/api/");
    let error = stand.connect(account).draft_count().await.unwrap_err();
    // The fake has nothing there, and says so with a page for people.
    assert_eq!(error.code(), "garbled", "{error}");
    assert_eq!(stand.fake.requests(), []);
}
