//! An issue in the account: one draft, uploaded once, never over an editor's change.

use lianbo::demo::Fault;
use lianbo::model::{IssueState, Lang};
use lianbo::pipeline::{Changes, IssueError, Pushed};
use lianbo::store::Taking;

use super::{Ground, person};

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewed_issue_becomes_one_draft_and_a_second_push_changes_nothing() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.weekly().await;
    let early = pipeline.push_issue(&id, &person("丁"), false).await.unwrap_err();
    let IssueError::Refused(said) = &early else { panic!("{early}") };
    assert!(said.text(Lang::Zh).contains("还差初审"), "{said}");
    assert!(platform.requests().is_empty(), "the platform is not asked before three have approved");

    ground.approve(&id).await;
    let pushed = pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    let Pushed::Made(draft) = pushed else { panic!("{pushed:?}") };
    let printed = pipeline.print_issue(&id).await.unwrap();
    assert_eq!(printed.record.issue.state, IssueState::Pushed);
    let drafts = platform.drafts();
    assert_eq!(drafts.len(), 1);
    assert_eq!(drafts[0].articles.len(), printed.layout.articles.len());
    // What survives the platform's filter is what the preview showed, picture by picture.
    for (article, laid) in drafts[0].articles.iter().zip(&printed.layout.articles) {
        assert_eq!(article.title, laid.draft.title);
        let mut addresses = article.content.split("https://mmbiz.qpic.cn/").skip(1);
        let filled = lianbo::render::wechat::fill(&laid.draft.content, |_| {
            let rest = addresses.next()?;
            Some(format!("https://mmbiz.qpic.cn/{}", rest.split('"').next()?))
        });
        assert_eq!(article.content, filled.content);
        assert!(filled.left.is_empty());
    }
    let (uploads, asked) = (platform.count("media/uploadimg"), platform.requests().len());
    let pictures: std::collections::HashSet<&String> =
        printed.layout.articles.iter().flat_map(|laid| &laid.pictures).collect();
    assert!(uploads > 3, "the demo's items have pictures");
    assert_eq!(uploads, pictures.len(), "each picture is uploaded once");

    let again = pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    assert_eq!(again, Pushed::Same(draft));
    assert_eq!(platform.requests().len(), asked, "nothing is asked of the platform");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_goes_into_the_same_draft_and_uploads_nothing_again() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.approved().await;
    let Pushed::Made(first) = pipeline.push_issue(&id, &person("丁"), false).await.unwrap() else {
        panic!("a new draft")
    };
    let uploads = platform.count("media/uploadimg");
    assert!(uploads > 3, "the demo's items have pictures");
    let changes = Changes { note: Some("补一段编者按。".to_owned()), ..Changes::default() };
    pipeline.change_issue(&id, &changes, &person("戊"), "").await.unwrap();
    let early = pipeline.push_issue(&id, &person("丁"), false).await;
    assert!(early.is_err(), "the edit is to be approved first");
    ground.approve(&id).await;
    let pushed = pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    let Pushed::Updated(second) = pushed else { panic!("{pushed:?}") };
    assert_eq!(second.media_id, first.media_id);
    assert_eq!(platform.count("media/uploadimg"), uploads);
    assert!(platform.drafts()[0].articles[0].content.contains("补一段编者按。"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editors_change_on_the_platform_is_never_overwritten() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.approved().await;
    let Pushed::Made(draft) = pipeline.push_issue(&id, &person("丁"), false).await.unwrap() else {
        panic!("a new draft")
    };
    assert!(platform.edit_by_hand(&draft.media_id, "（编辑改过）"));
    let changes = Changes { note: Some("新按语".to_owned()), ..Changes::default() };
    pipeline.change_issue(&id, &changes, &person("戊"), "").await.unwrap();
    ground.approve(&id).await;
    let refused = pipeline.push_issue(&id, &person("丁"), false).await.unwrap_err();
    let IssueError::Platform(error) = refused else { panic!("{refused}") };
    assert_eq!(error.code(), "edited-by-hand");
    let drafts = platform.drafts();
    assert!(drafts[0].articles[0].title.ends_with("（编辑改过）"));
    assert!(!drafts[0].articles[0].content.contains("新按语"));
    let problems = pipeline.store.problems().await.unwrap();
    assert!(problems.iter().any(|problem| problem.subject == "issue weekly/1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_was_deleted_on_the_platform_is_made_again_when_asked_for() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.approved().await;
    let first = pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    assert!(platform.delete_by_hand(&first.draft().media_id));
    let changes = Changes { note: Some("新按语".to_owned()), ..Changes::default() };
    pipeline.change_issue(&id, &changes, &person("戊"), "").await.unwrap();
    ground.approve(&id).await;
    let refused = pipeline.push_issue(&id, &person("丁"), false).await.unwrap_err();
    let IssueError::Platform(error) = refused else { panic!("{refused}") };
    assert_eq!(error.code(), "draft-gone");
    assert!(error.hint().text(Lang::Zh).contains("--anew"), "the way on is named");
    assert_eq!(
        platform.drafts().len(),
        0,
        "it may have been published: nobody makes another unasked"
    );
    let pushed = pipeline.push_issue(&id, &person("丁"), true).await.unwrap();
    assert!(matches!(pushed, Pushed::Made(_)), "{pushed:?}");
    assert_eq!(platform.drafts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_a_push_that_was_cut_off_is_left_to_a_person() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.approved().await;
    let first = pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    // As if the process had been killed between the platform's answer and our note of it.
    let again = pipeline.push_issue(&id, &person("丁"), true).await.unwrap();
    let Pushed::Found(found) = again else { panic!("{again:?}") };
    assert_eq!((&found.media_id, platform.drafts().len()), (&first.draft().media_id, 1));
    let next = pipeline.push_issue(&id, &person("丁"), false).await.unwrap_err();
    let IssueError::Platform(error) = next else { panic!("{next}") };
    assert_eq!(error.code(), "edited-by-hand", "nothing is written over what nobody knows");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_did_is_noted_though_somebody_edits_meanwhile() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.approved().await;
    platform.faults().next("draft/add", Fault::Held);
    let (pusher, pushed_id) = (pipeline.clone(), id.clone());
    let push =
        tokio::spawn(async move { pusher.push_issue(&pushed_id, &person("丁"), false).await });
    while platform.count("draft/add") == 0 {
        tokio::task::yield_now().await;
    }
    let changes = Changes { note: Some("同时".to_owned()), ..Changes::default() };
    pipeline.change_issue(&id, &changes, &person("戊"), "").await.unwrap();
    platform.faults().let_go();
    let pushed = push.await.unwrap().unwrap();
    let record = pipeline.store.issue(&id).await.unwrap().unwrap();
    assert_eq!(record.pushed.as_ref(), Some(pushed.draft()));
    assert_eq!(record.issue.note, "同时", "and the edit stands too");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_hears_of_a_refusal_of_the_first_upload() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.approved().await;
    platform.faults().unlisted("203.0.113.7".parse().unwrap());
    let refused = pipeline.push_issue(&id, &person("丁"), false).await.unwrap_err();
    let IssueError::Platform(error) = refused else { panic!("{refused}") };
    assert!(error.hint().text(Lang::Zh).contains("203.0.113.7"), "{}", error.hint());
    let problems = pipeline.store.problems().await.unwrap();
    let told = problems.iter().find(|problem| problem.code.as_str() == "wechat-address").unwrap();
    assert_eq!(told.subject, "issue weekly/1");
    platform.faults().clear();
    pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    assert!(pipeline.store.problems().await.unwrap().is_empty(), "healed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_whose_answer_was_lost_makes_no_second_draft() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.approved().await;
    platform.faults().next("draft/add", Fault::Cut);
    let _ = pipeline.push_issue(&id, &person("丁"), false).await;
    let _ = pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    assert_eq!(platform.drafts().len(), 1);
    let record = pipeline.store.issue(&id).await.unwrap().unwrap();
    assert_eq!(record.pushed.unwrap().media_id, platform.drafts()[0].media_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cover_that_somebody_removed_is_uploaded_again() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.approved().await;
    platform.faults().refuse("draft/add", 40007);
    let pushed = pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    assert!(matches!(pushed, Pushed::Made(_)), "{pushed:?}");
    assert_eq!(platform.drafts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_hears_what_to_correct_in_a_draft_that_was_overtaken() {
    let ground = Ground::new().await;
    let (pipeline, platform) = (&ground.pipeline, ground.platform());
    let id = ground.approved().await;
    pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    let piece = pipeline.print_issue(&id).await.unwrap().composition.pieces[0].clone();
    let item = piece.item.clone().unwrap();
    pipeline.store.withdraw(vec![item], Taking::gone(), super::frozen_now()).await.unwrap();
    pipeline.follow_issues().await.unwrap();
    let problems = pipeline.store.problems().await.unwrap();
    let told = problems.iter().find(|problem| problem.code.as_str() == "issue-overtaken").unwrap();
    assert!(told.detail.contains(&piece.title), "{told:?}");
    ground.approve(&id).await;
    let pushed = pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    assert!(matches!(pushed, Pushed::Updated(_)), "{pushed:?}");
    let stands =
        |text: &str| platform.drafts()[0].articles.iter().any(|a| a.content.contains(text));
    assert!(!stands(&piece.title));
    let problems = pipeline.store.problems().await.unwrap();
    assert!(problems.iter().all(|problem| problem.code.as_str() != "issue-overtaken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_and_sending_are_off_unless_the_account_says_so() {
    let ground = Ground::new().await;
    let id = ground.approved().await;
    ground.pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    for to_all in [false, true] {
        let refused = ground.pipeline.send_issue(&id, to_all, &person("丁")).await.unwrap_err();
        let IssueError::Refused(said) = refused else { panic!("{refused}") };
        assert!(said.text(Lang::En).contains("not switched on"));
    }
    let asked = ground.platform().requests();
    assert!(asked.iter().all(|r| !r.call.contains("sendall") && !r.call.contains("submit")));
    let allowed = ground.with(|config| config.accounts[0].may_send = true);
    allowed.send_issue(&id, true, &person("丁")).await.unwrap();
    let record = allowed.store.issue(&id).await.unwrap().unwrap();
    assert_eq!(record.issue.state, IssueState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_is_shown_the_draft() {
    let ground = Ground::new().await;
    let id = ground.approved().await;
    let early = ground.pipeline.preview_issue(&id, &[], &person("丁")).await;
    assert!(early.is_err(), "there is no draft yet");
    ground.pipeline.push_issue(&id, &person("丁"), false).await.unwrap();
    let shown = ground.pipeline.preview_issue(&id, &[], &person("丁")).await.unwrap();
    assert_eq!(shown.to, ["shili-shengao"], "the account's reviewers");
    assert_eq!(ground.platform().count("message/mass/preview"), 1);
}
