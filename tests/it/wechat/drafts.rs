//! Drafts: as they are sent, never doubled, never overwritten.

use std::time::Duration;

use lianbo::demo::Fault;
use lianbo::model::ProblemCode;
use lianbo::publish::wechat::{MediaId, Refusal, WechatError};
use serde_json::Value;

use super::{MARK, Stand};

#[tokio::test]
async fn a_draft_is_sent_in_raw_utf8_and_kept_as_it_was() {
    let stand = Stand::start().await;
    let issue = stand.articles(3).await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    assert!(!pushed.existed);
    assert_eq!(pushed.digest, None);

    let requests = stand.fake.requests();
    let sent = requests.iter().find(|request| request.call == "draft/add").unwrap();
    assert!(!sent.body.contains("\\u"), "{}", sent.body);
    assert!(sent.body.contains("㐂😀"));
    let sent: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(sent["articles"].as_array().unwrap().len(), 3);
    assert_eq!(sent["articles"][0]["pic_crop_1_1"], "0.287222_0_0.712778_1");

    let stored = stand.platform.draft(&pushed.media_id).await.unwrap();
    assert_eq!(Some(stored.update_time), pushed.update_time);
    for (stored, article) in stored.articles.iter().zip(&issue) {
        assert_eq!(stored.title, article.title);
        assert_eq!(stored.content, article.content);
        assert_eq!(stored.content_source_url, article.content_source_url);
    }
    assert_eq!(stand.platform.draft_count().await, Ok(1));
}

#[tokio::test]
async fn drafts_are_listed_newest_first_by_twenty() {
    let stand = Stand::start().await;
    let mut issue = stand.issue().await;
    for number in 0..25 {
        stand.clock.advance(10);
        issue[0].title = format!("第{number}期");
        stand.platform.add_draft(&issue).await.unwrap();
    }
    let page = stand.platform.drafts(0, 99, true).await.unwrap();
    assert_eq!((page.total, page.drafts.len()), (25, 20));
    assert_eq!(page.drafts[0].articles[0].title, "第24期");
    assert_eq!(page.drafts[0].articles[0].content, "");
    let rest = stand.platform.drafts(20, 20, false).await.unwrap();
    assert_eq!(rest.drafts.len(), 5);
    assert!(rest.drafts[4].articles[0].content.contains("市工商联"));

    // One that lies on the second page is found.
    issue[0].title = "第1期".to_owned();
    let pushed = stand.platform.create_draft(&issue, "第1期").await.unwrap();
    assert!(pushed.existed);
    assert_eq!(stand.platform.draft_count().await, Ok(25));
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_draft_was_made_leaves_one_draft() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.fake.faults().next("draft/add", Fault::Cut);
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    assert_eq!(stand.fake.count("draft/add"), 1);
    let drafts = stand.fake.drafts();
    assert_eq!(drafts.len(), 1);
    assert_eq!(pushed.media_id.as_str(), drafts[0].media_id);
    assert_eq!(pushed.update_time, Some(drafts[0].update_time));
    assert!(!pushed.existed, "it is ours, from this very push");
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_one_draft() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.fake.faults().next("draft/add", Fault::Silence);
    let impatient = stand.restart().with_timeout(Duration::from_millis(300));
    impatient.create_draft(&issue, MARK).await.unwrap();
    assert_eq!(stand.fake.count("draft/add"), 1);
    assert_eq!(stand.fake.drafts().len(), 1);
}

#[tokio::test]
async fn a_gateway_that_hides_the_answer_leaves_one_draft() {
    for fault in [Fault::Html(502), Fault::Empty, Fault::Refuse] {
        let stand = Stand::start().await;
        let issue = stand.issue().await;
        // Lost once with nothing done, then once with the draft made.
        stand.fake.faults().next("draft/add", fault.clone());
        stand.fake.faults().next("draft/add", Fault::Cut);
        stand.platform.create_draft(&issue, MARK).await.unwrap();
        assert_eq!(stand.fake.count("draft/add"), 2, "{fault:?}");
        assert_eq!(stand.fake.drafts().len(), 1, "{fault:?}");
        assert_eq!(stand.clock.waits(), [2, 8]);
    }
}

/// −1: looked for before it is tried again, three times more at most.
#[tokio::test]
async fn a_busy_platform_gets_the_draft_once() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.fake.faults().refuse("draft/add", -1);
    stand.fake.faults().refuse("draft/add", -1);
    stand.platform.create_draft(&issue, MARK).await.unwrap();
    assert_eq!(stand.fake.drafts().len(), 1);
    assert_eq!(stand.clock.waits(), [2, 8]);
    let calls: Vec<String> =
        stand.fake.requests().iter().map(|request| request.call.clone()).collect();
    let looked = calls.windows(2).filter(|two| *two == ["draft/add", "draft/batchget"]).count();
    assert_eq!(looked, 2, "{calls:?}");
}

#[tokio::test]
async fn a_platform_that_stays_busy_is_given_up() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.fake.faults().always("draft/add", Fault::Code(-1, "system error".to_owned()));
    let error = stand.platform.create_draft(&issue, MARK).await.unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::Busy));
    assert_eq!(stand.fake.count("draft/add"), 4);
    assert_eq!(stand.clock.waits(), [2, 8, 30, 30]);
}

#[tokio::test]
async fn where_nobody_can_look_nothing_is_tried_again() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.platform.draft_count().await.unwrap();
    stand.fake.faults().next("draft/add", Fault::Cut);
    // The look before the push works; the one after it does not.
    stand.fake.faults().quota("draft/batchget", 1);
    let error = stand.platform.create_draft(&issue, MARK).await.unwrap_err();
    assert_eq!((error.code(), error.problem()), ("draft-unclear", ProblemCode::WechatUnclear));
    assert_eq!(stand.fake.drafts().len(), 1);

    // The next day the same push finds what the first one made.
    stand.fake.faults().clear();
    stand.clock.advance(24 * 3600);
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    assert!(pushed.existed);
    assert_eq!(stand.fake.drafts().len(), 1);
}

#[tokio::test]
async fn a_push_that_was_killed_is_found_by_the_next() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let made = stand.platform.add_draft(&issue).await.unwrap();
    let pushed = stand.restart().create_draft(&issue, MARK).await.unwrap();
    assert_eq!((pushed.media_id, pushed.existed), (made, true));
}

#[tokio::test]
async fn another_issue_of_the_same_title_is_not_taken_for_it() {
    let stand = Stand::start().await;
    let mut issue = stand.issue().await;
    issue[0].title = "一周要闻".to_owned();
    issue[0].digest = "第2期：四则".to_owned();
    stand.platform.create_draft(&issue, "第2期").await.unwrap();
    issue[0].digest = "第3期：三则".to_owned();
    stand.fake.faults().next("draft/add", Fault::Refuse);
    let pushed = stand.platform.create_draft(&issue, "第3期").await.unwrap();
    assert!(!pushed.existed);
    assert_eq!(stand.fake.drafts().len(), 2);
}

#[tokio::test]
async fn a_draft_that_nobody_touched_is_brought_up_to_date() {
    let stand = Stand::start().await;
    let mut issue = stand.articles(2).await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    stand.clock.advance(600);
    issue[1].content = "<p>更正</p>".to_owned();
    let again = stand
        .platform
        .bring_up_to_date(&pushed.media_id, pushed.update_time, &issue, MARK)
        .await
        .unwrap();
    assert_eq!(again.media_id, pushed.media_id);
    assert!(again.update_time > pushed.update_time);
    assert_eq!(stand.fake.drafts()[0].articles[1].content, "<p>更正</p>");
    // One object, not an array.
    let requests = stand.fake.requests();
    let update = requests.iter().rfind(|request| request.call == "draft/update").unwrap();
    let body: Value = serde_json::from_str(&update.body).unwrap();
    assert_eq!((&body["index"], body["articles"].is_object()), (&Value::from(1), true));
    // And so on, with the time that was recorded last.
    stand
        .platform
        .bring_up_to_date(&again.media_id, again.update_time, &issue, MARK)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_editors_change_is_never_overwritten() {
    let stand = Stand::start().await;
    let issue = stand.articles(2).await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    stand.clock.advance(600);
    assert!(stand.fake.edit_by_hand(pushed.media_id.as_str(), "（修订）"));
    let before = stand.fake.drafts();
    let error = stand
        .platform
        .bring_up_to_date(&pushed.media_id, pushed.update_time, &issue, MARK)
        .await
        .unwrap_err();
    assert_eq!((error.code(), error.problem()), ("edited-by-hand", ProblemCode::WechatEdited));
    assert_eq!(stand.fake.drafts(), before);
    // Where it is not known when we wrote it, nobody knows whose it is.
    let unknown = stand.platform.bring_up_to_date(&pushed.media_id, None, &issue, MARK).await;
    assert!(matches!(unknown, Err(WechatError::Edited { recorded: None, .. })));
    assert_eq!(stand.fake.drafts(), before);
    // Nor with another number of articles, where the draft would be replaced.
    let fewer = &issue[..1];
    let replaced =
        stand.platform.bring_up_to_date(&pushed.media_id, pushed.update_time, fewer, MARK);
    assert!(replaced.await.is_err());
    assert_eq!(stand.fake.drafts(), before);
}

#[tokio::test]
async fn a_draft_with_more_articles_takes_the_place_of_the_earlier_one() {
    let stand = Stand::start().await;
    let issue = stand.articles(3).await;
    let pushed = stand.platform.create_draft(&issue[..2], MARK).await.unwrap();
    stand.fake.faults().next("draft/add", Fault::Cut);
    let again = stand
        .platform
        .bring_up_to_date(&pushed.media_id, pushed.update_time, &issue, MARK)
        .await
        .unwrap();
    assert_ne!(again.media_id, pushed.media_id);
    let drafts = stand.fake.drafts();
    assert_eq!(drafts.len(), 1);
    assert_eq!(
        (drafts[0].media_id.as_str(), drafts[0].articles.len()),
        (again.media_id.as_str(), 3)
    );
}

#[tokio::test]
async fn an_update_that_stops_halfway_says_how_far_it_came() {
    let stand = Stand::start().await;
    let mut issue = stand.articles(2).await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    stand.clock.advance(600);
    let long = std::mem::replace(&mut issue[1].title, "长".repeat(65));
    let error = stand
        .platform
        .bring_up_to_date(&pushed.media_id, pushed.update_time, &issue, MARK)
        .await
        .unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::TitleLong));
    let WechatError::Partly { done: 1, articles: 2, update_time, .. } = error else {
        panic!("{error}");
    };
    // With the time recorded, our own half is not taken for an editor's.
    issue[1].title = long;
    let again = stand.platform.bring_up_to_date(&pushed.media_id, update_time, &issue, MARK).await;
    assert!(again.is_ok(), "{again:?}");
}

#[tokio::test]
async fn a_draft_that_is_gone_is_not_made_anew() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    stand.platform.delete_draft(&pushed.media_id).await.unwrap();
    let error = stand
        .platform
        .bring_up_to_date(&pushed.media_id, pushed.update_time, &issue, MARK)
        .await
        .unwrap_err();
    assert_eq!(error, WechatError::Gone { media_id: pushed.media_id.clone() });
    assert_eq!(stand.fake.drafts(), []);
    let unknown = MediaId::new("nobody");
    assert_eq!(stand.platform.delete_draft(&unknown).await.unwrap_err().code(), "draft-gone");
}

#[tokio::test]
async fn a_draft_is_pushed_where_its_time_cannot_be_had() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.fake.faults().quota("draft/get", 0);
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    assert_eq!(pushed.update_time, None);
    assert_eq!(stand.titles(), [issue[0].title.as_str()]);
}
