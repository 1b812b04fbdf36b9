//! Previews, publishing, mass messages.

use lianbo::demo::Fault;
use lianbo::publish::wechat::{PublishState, Refusal};
use serde_json::Value;

use super::{MARK, Stand};

#[tokio::test]
async fn a_draft_is_shown_on_a_reviewers_phone() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    stand.platform.preview(&pushed.media_id, "reviewer_wx").await.unwrap();
    let requests = stand.fake.requests();
    let body: Value = serde_json::from_str(&requests.last().unwrap().body).unwrap();
    assert_eq!(body["towxname"], "reviewer_wx");
    assert_eq!(body["mpnews"]["media_id"], pushed.media_id.as_str());
    assert_eq!(stand.fake.drafts().len(), 1, "it stays in the box");
    // A reviewer's phone does not ring twice for one lost answer.
    stand.fake.faults().next("message/mass/preview", Fault::Cut);
    stand.platform.preview(&pushed.media_id, "reviewer_wx").await.unwrap_err();
    assert_eq!(stand.fake.count("message/mass/preview"), 2);
}

#[tokio::test]
async fn publishing_is_followed_whatever_kind_of_name_it_has() {
    for as_number in [false, true] {
        let stand = Stand::start().await;
        stand.fake.script_publishing(&[1, 1, 0], as_number);
        let issue = stand.articles(2).await;
        let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
        let publishing = stand.platform.submit(&pushed.media_id).await.unwrap();
        for _ in 0..2 {
            let state = stand.platform.published(&publishing).await.unwrap();
            assert_eq!((state.state, state.articles.len()), (PublishState::Running, 0));
            assert_eq!(stand.fake.drafts().len(), 1);
        }
        let done = stand.platform.published(&publishing).await.unwrap();
        assert_eq!((done.state, done.articles.len()), (PublishState::Done, 2));
        assert_eq!(stand.fake.drafts(), [], "a published draft leaves the box");
        let gone = stand.platform.draft(&pushed.media_id).await.unwrap_err();
        assert_eq!(gone.code(), "draft-gone");
    }
}

#[tokio::test]
async fn publishing_that_fails_says_how() {
    for (number, state, failed) in [
        (2, PublishState::OriginalRefused, vec![1]),
        (3, PublishState::Failed, vec![]),
        (4, PublishState::Refused, vec![1]),
        (5, PublishState::Deleted, vec![]),
        (6, PublishState::Banned, vec![]),
    ] {
        let stand = Stand::start().await;
        stand.fake.script_publishing(&[number], false);
        let issue = stand.issue().await;
        let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
        let publishing = stand.platform.submit(&pushed.media_id).await.unwrap();
        let found = stand.platform.published(&publishing).await.unwrap();
        assert_eq!((found.state, found.failed), (state, failed));
    }
    let stand = Stand::start().await;
    stand.fake.script_publishing(&[7], false);
    let issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    let publishing = stand.platform.submit(&pushed.media_id).await.unwrap();
    assert_eq!(stand.platform.published(&publishing).await.unwrap_err().code(), "lacking");
}

/// 45065: what was sent under the same name is the result.
#[tokio::test]
async fn a_mass_message_goes_out_once_although_its_answer_is_lost() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    stand.fake.faults().next("message/mass/sendall", Fault::Cut);
    let sent = stand.platform.send_all(&pushed.media_id, "demo-weekly-12").await.unwrap();
    assert_eq!(stand.clock.waits(), [61], "two attempts are more than a minute apart");
    let requests = stand.fake.requests();
    let codes: Vec<i64> = requests
        .iter()
        .filter(|request| request.call == "message/mass/sendall")
        .map(|request| request.errcode)
        .collect();
    assert_eq!(codes, [0, 45065]);
    let body: Value = serde_json::from_str(&requests.last().unwrap().body).unwrap();
    assert_eq!(body["clientmsgid"], "demo-weekly-12");
    assert_eq!(
        (&body["filter"]["is_to_all"], &body["send_ignore_reprint"]),
        (&Value::Bool(true), &Value::from(0))
    );
    // Another process that does not know of it gets the same.
    stand.clock.advance(120);
    let again = stand.restart().send_all(&pushed.media_id, "demo-weekly-12").await.unwrap();
    assert_eq!(again, sent);
}

/// 45066: a minute is waited for.
#[tokio::test]
async fn a_mass_message_that_was_just_tried_waits_a_minute() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    let sent = stand.platform.send_all(&pushed.media_id, "demo-weekly-12").await.unwrap();
    let again = stand.platform.send_all(&pushed.media_id, "demo-weekly-12").await.unwrap();
    assert_eq!((again, stand.clock.waits()), (sent, vec![61]));
}

/// 45067: a name that is too long is ours to mend.
#[tokio::test]
async fn a_mass_message_with_a_long_name_is_not_sent() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    let error = stand.platform.send_all(&pushed.media_id, &"x".repeat(65)).await.unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::OurFault));
    assert_eq!(stand.fake.drafts().len(), 1);
}

/// 45028, 53503, 53504, 53505: nothing is tried again.
#[tokio::test]
async fn what_may_not_go_out_stays() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    stand.fake.faults().refuse("message/mass/sendall", 45028);
    let error = stand.platform.send_all(&pushed.media_id, "a").await.unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::MassQuota));
    for (code, why) in
        [(53503, Refusal::ChecksFailed), (53504, Refusal::ByHand), (53505, Refusal::SaveFirst)]
    {
        stand.fake.faults().refuse("freepublish/submit", code);
        let error = stand.platform.submit(&pushed.media_id).await.unwrap_err();
        assert_eq!(error.refusal(), Some(why));
    }
    assert_eq!(stand.clock.waits(), [] as [u64; 0]);
    assert_eq!(stand.fake.drafts().len(), 1);
}
