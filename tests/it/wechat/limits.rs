//! Limits of drafts, and what is done at each.

use lianbo::demo::{Digests, Strictness, Titles};
use lianbo::model::DraftArticle;
use lianbo::publish::wechat::{Refusal, WechatError};

use super::{MARK, Stand};

/// What becomes of an issue that `change` was made to, and how often it was sent.
async fn pushed(change: impl Fn(&mut Vec<DraftArticle>)) -> (Result<(), WechatError>, usize) {
    let stand = Stand::start().await;
    let mut issue = stand.articles(2).await;
    change(&mut issue);
    let result = stand.platform.create_draft(&issue, MARK).await.map(drop);
    (result, stand.fake.count("draft/add"))
}

/// Refused for this reason, with this code, after one attempt, and nothing is in the box.
async fn refused(code: i64, why: Refusal, change: impl Fn(&mut Vec<DraftArticle>)) {
    let (result, tries) = pushed(change).await;
    let error = result.unwrap_err();
    assert_eq!((error.refusal(), error.told().unwrap().code), (Some(why), code));
    assert_eq!(tries, 1, "{code} is not tried again");
}

/// 45002: 20,000 characters, or a million bytes.
#[tokio::test]
async fn code_45002_wants_a_shorter_article() {
    refused(45002, Refusal::ContentLong, |issue| issue[1].content = "字".repeat(20_000)).await;
    let (fits, _) = pushed(|issue| issue[1].content = "字".repeat(19_999)).await;
    assert_eq!(fits, Ok(()));
}

/// 45003: 64 characters fit, 65 do not.
#[tokio::test]
async fn code_45003_wants_a_shorter_title() {
    refused(45003, Refusal::TitleLong, |issue| issue[1].title = "题".repeat(65)).await;
    let (fits, _) = pushed(|issue| issue[1].title = "题".repeat(64)).await;
    assert_eq!(fits, Ok(()));
}

#[tokio::test]
async fn titles_count_as_characters_because_they_are_not_escaped() {
    let stand = Stand::start().await;
    stand.fake.demand(Strictness { titles: Titles::Spelled64, ..Strictness::default() });
    let mut issue = stand.issue().await;
    issue[0].title = "题".repeat(64);
    stand.platform.create_draft(&issue, "").await.unwrap();
    stand.fake.demand(Strictness { titles: Titles::Characters32, ..Strictness::default() });
    issue[0].title = "标".repeat(33);
    let error = stand.platform.create_draft(&issue, "").await.unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::TitleLong));
}

/// 45004: 120 bytes, then 54, then none.
#[tokio::test]
async fn code_45004_shortens_the_summary_step_by_step() {
    for (digests, taken, tries) in [
        (Digests::Characters128, None, 1),
        (Digests::Bytes120, Some("要".repeat(40)), 2),
        (Digests::Bytes54, Some("要".repeat(18)), 3),
        (Digests::None, Some(String::new()), 4),
    ] {
        let stand = Stand::start().await;
        stand.fake.demand(Strictness { digests, ..Strictness::default() });
        let mut issue = stand.issue().await;
        issue[0].digest = "要".repeat(100);
        let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
        assert_eq!(pushed.digest, taken, "{digests:?}");
        assert_eq!(stand.fake.count("draft/add"), tries, "{digests:?}");
        let stored = stand.platform.draft(&pushed.media_id).await.unwrap();
        match taken.as_deref() {
            None => assert_eq!(stored.articles[0].digest, issue[0].digest),
            // The platform writes one itself.
            Some("") => assert!(stored.articles[0].digest.starts_with("市工商联")),
            Some(taken) => assert_eq!(stored.articles[0].digest, taken),
        }

        // So it does for a draft that is there.
        let again = stand
            .platform
            .bring_up_to_date(&pushed.media_id, pushed.update_time, &issue, MARK)
            .await
            .unwrap();
        assert_eq!(again.digest, taken, "{digests:?}");
    }
}

#[tokio::test]
async fn a_summary_that_is_refused_at_any_length_is_told() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.fake.faults().refuse("draft/add", 45004);
    let error = stand.platform.create_draft(&issue, MARK).await.unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::DigestLong));
}

/// 45005: 1 KB.
#[tokio::test]
async fn code_45005_wants_the_link_dropped() {
    refused(45005, Refusal::LinkLong, |issue| {
        issue[1].content_source_url = format!("https://a.test/{}", "x".repeat(1024));
    })
    .await;
}

/// 45008: eight articles.
#[tokio::test]
async fn code_45008_wants_fewer_articles() {
    refused(45008, Refusal::ArticleCount, |issue| *issue = vec![issue[0].clone(); 9]).await;
    let (fits, _) = pushed(|issue| *issue = vec![issue[0].clone(); 8]).await;
    assert_eq!(fits, Ok(()));
}

/// 40007: the cover is not there any more.
#[tokio::test]
async fn code_40007_wants_the_cover_uploaded_anew() {
    refused(40007, Refusal::Media, |issue| issue[1].thumb_media_id = "forgotten".to_owned()).await;
    refused(40007, Refusal::Media, |issue| issue[0].thumb_media_id.clear()).await;
}

#[tokio::test]
async fn a_cover_that_is_gone_is_not_taken_for_a_draft_that_is() {
    let stand = Stand::start().await;
    let mut issue = stand.issue().await;
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    issue[0].thumb_media_id = "forgotten".to_owned();
    let error = stand
        .platform
        .bring_up_to_date(&pushed.media_id, pushed.update_time, &issue, MARK)
        .await
        .unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::Media));
}

/// 44003: nothing to make a draft of.
#[tokio::test]
async fn code_44003_is_our_fault() {
    refused(44003, Refusal::OurFault, Vec::clear).await;
}

/// 53402: a crop that is none.
#[tokio::test]
async fn code_53402_wants_another_cover() {
    refused(53402, Refusal::CoverCrop, |issue| issue[0].pic_crop_1_1 = "0_0_0_1".to_owned()).await;
}

/// 47001: a whole page is no article.
#[tokio::test]
async fn code_47001_is_our_fault() {
    refused(47001, Refusal::OurFault, |issue| {
        issue[0].content = "<!DOCTYPE html><html><body>字</body></html>".to_owned();
    })
    .await;
}

/// The platform stores what its filter leaves, and says so.
#[tokio::test]
async fn what_the_filter_leaves_comes_back() {
    let stand = Stand::start().await;
    let mut issue = stand.issue().await;
    issue[0].content = "<section style=\"position:fixed;color:#333\" id=\"a\"><script>x()</script>\
        <p onclick=\"x()\" class=\"b\">字</p><img src=\"https://a.test/1.jpg\">\
        <a href=\"https://a.test/\">外</a><iframe src=\"https://v.qq.com/x\">v</iframe></section>"
        .to_owned();
    let pushed = stand.platform.create_draft(&issue, MARK).await.unwrap();
    let stored = stand.platform.draft(&pushed.media_id).await.unwrap();
    assert_eq!(
        stored.articles[0].content,
        "<section style=\"color:#333\"><p>字</p><a>外</a></section>"
    );
}
