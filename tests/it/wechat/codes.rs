//! Every code that the platform is known to answer with: what class it is, what operators hear, and
//! that nothing is tried again that will not change.

use lianbo::model::{Lang, ProblemCode};
use lianbo::publish::wechat::WechatError;

use super::{MARK, Stand};

/// The error of a push whose draft is refused with `errcode`, and how often it was sent.
async fn refused(errcode: i64) -> (WechatError, usize) {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.fake.faults().refuse("draft/add", errcode);
    let error = stand.platform.create_draft(&issue, MARK).await.unwrap_err();
    assert_eq!(error.told().unwrap().code, errcode);
    assert!(error.told().unwrap().rid.is_some(), "the name of the request is kept");
    assert_eq!(stand.fake.drafts(), []);
    assert_eq!(stand.clock.waits(), [] as [u64; 0]);
    (error, stand.fake.count("draft/add"))
}

macro_rules! codes {
    ($($name:ident $errcode:literal $code:literal $problem:ident $zh:literal;)*) => {
        $(#[tokio::test]
        async fn $name() {
            let (error, tries) = refused($errcode).await;
            assert_eq!(error.code(), $code);
            assert_eq!(error.problem(), ProblemCode::$problem);
            assert_eq!(tries, 1);
            let said = format!(
                "{}：{}", error.sentence().text(Lang::Zh), error.hint().text(Lang::Zh)
            );
            assert!(said.contains($zh), "{said}");
            assert!(said.contains(&format!("{}", $errcode)), "{said}");
        })*
    };
}

codes! {
    code_40005_is_told 40005 "file-type" WechatFailed "JPEG";
    code_40009_is_told 40009 "file-size" WechatFailed "压缩";
    code_40013_names_the_key 40013 "app-id" WechatAccount "wechat.app_id";
    code_40113_is_told 40113 "file-type" WechatFailed "JPEG";
    code_40125_names_the_key 40125 "app-secret" WechatAccount "wechat.secret_file";
    code_40164_names_the_menu 40164 "address-not-listed" WechatAddress "设置与开发 → 基本配置 → IP白名单";
    code_41005_is_our_fault 41005 "our-fault" WechatFailed "开发者";
    code_44003_is_our_fault 44003 "our-fault" WechatFailed "开发者";
    code_45002_is_told 45002 "content-long" WechatFailed "2 万字符";
    code_45003_is_told 45003 "title-long" WechatFailed "64 字";
    code_45005_is_told 45005 "link-long" WechatFailed "阅读原文";
    code_45008_is_told 45008 "article-count" WechatFailed "8 篇";
    code_45009_says_tomorrow 45009 "daily-quota" WechatQuota "明天零点";
    code_45028_is_told 45028 "mass-quota" WechatQuota "群发次数";
    code_45066_is_told 45066 "sent-too-soon" WechatFailed "一分钟";
    code_45067_is_our_fault 45067 "our-fault" WechatFailed "开发者";
    code_45106_is_our_fault 45106 "our-fault" WechatFailed "开发者";
    code_45166_is_told 45166 "content-refused" WechatFailed "WebP";
    code_47001_is_our_fault 47001 "our-fault" WechatFailed "开发者";
    code_48001_points_to_the_bundle 48001 "not-allowed" WechatNotAllowed "review.html";
    code_50002_points_to_the_bundle 50002 "account-restricted" WechatNotAllowed "review.html";
    code_53402_is_told 53402 "cover-crop" WechatFailed "900×383";
    code_53503_is_told 53503 "checks-failed" WechatFailed "检查";
    code_53504_is_told 53504 "publish-by-hand" WechatFailed "手工发表";
    code_53505_is_told 53505 "save-first" WechatFailed "保存";
    code_64562_is_told 64562 "foreign-link" WechatFailed "站外链接";
    an_unknown_code_is_shown_with_its_rid 61003 "unknown" WechatFailed "rid ";
}

/// 40013 and 40125 as the platform itself says them.
#[tokio::test]
async fn a_wrong_account_is_told_before_anything_is_sent() {
    let stand = Stand::start().await;
    let mut account = stand.account();
    account.app_id = "wx1111111111111111".to_owned();
    let error = stand.connect(account).draft_count().await.unwrap_err();
    assert_eq!(error.code(), "app-id");
    let mut account = stand.account();
    account.secret = lianbo::model::Secret::new("wrong");
    let error = stand.connect(account).draft_count().await.unwrap_err();
    assert_eq!(error.code(), "app-secret");
    assert_eq!(stand.fake.count("stable_token"), 2, "neither is tried again");
}

/// 40164: with the address that the platform saw.
#[tokio::test]
async fn an_unlisted_address_is_named() {
    let stand = Stand::start().await;
    stand.fake.faults().unlisted("203.0.113.9".parse().unwrap());
    let error = stand.platform.draft_count().await.unwrap_err();
    for lang in [Lang::Zh, Lang::En] {
        assert!(error.hint().text(lang).contains("203.0.113.9"));
        assert!(!error.hint().text(lang).contains("0.0.0.0"));
    }
    assert_eq!(stand.fake.requests().len(), 1);
}

/// 45009: nothing is asked again before midnight in Beijing; other calls go on.
#[tokio::test]
async fn a_quota_that_is_used_up_is_left_alone_until_tomorrow() {
    let stand = Stand::start().await;
    stand.fake.faults().quota("draft/count", 2);
    for _ in 0..2 {
        stand.platform.draft_count().await.unwrap();
    }
    for _ in 0..5 {
        let error = stand.platform.draft_count().await.unwrap_err();
        assert_eq!(error.code(), "daily-quota");
    }
    assert_eq!(stand.fake.count("draft/count"), 3);
    stand.platform.drafts(0, 1, true).await.unwrap();
    stand.fake.faults().clear();
    // It is 09:00 in Beijing.
    stand.clock.advance(15 * 3600 - 1);
    stand.platform.draft_count().await.unwrap_err();
    stand.clock.advance(1);
    stand.platform.draft_count().await.unwrap();
}

/// 45011: a minute is waited for once.
#[tokio::test]
async fn code_45011_waits_a_minute() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.fake.faults().refuse("draft/add", 45011);
    stand.platform.create_draft(&issue, MARK).await.unwrap();
    assert_eq!(stand.clock.waits(), [60]);
    for _ in 0..2 {
        stand.fake.faults().refuse("draft/count", 45011);
    }
    let error = stand.platform.draft_count().await.unwrap_err();
    assert_eq!(error.code(), "minute-quota");
}

/// 48001 as an account without rights meets it: on every call for drafts.
#[tokio::test]
async fn without_the_right_to_drafts_pictures_still_go() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    stand.fake.faults().forbid_drafts();
    let error = stand.platform.create_draft(&issue, MARK).await.unwrap_err();
    assert_eq!(error.problem(), ProblemCode::WechatNotAllowed);
    assert_eq!(stand.fake.count("draft/add"), 0);
}
