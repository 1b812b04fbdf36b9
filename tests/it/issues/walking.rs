//! Building, editing, reviewing.

use lianbo::manuscript;
use lianbo::model::{CoverSpec, Deed, IssueState, Material, ProblemCode, Since, Step};
use lianbo::pipeline::{Built, Changes, IssueError, Spot};
use lianbo::render::issue::{Edits, PieceEdit};
use lianbo::store::Taking;

use super::{Ground, person};

/// What a refusal says in English.
fn refusal(error: &IssueError) -> String {
    match error {
        IssueError::Refused(both) => both.text(lianbo::model::Lang::En).to_owned(),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_is_built_once_a_day_and_never_without_news() {
    let ground = Ground::new().await;
    let built = ground.pipeline.build_issue("weekly", None, &person("甲")).await.unwrap();
    let Built::New(record) = built else { panic!("{built:?}") };
    assert_eq!((record.issue.number, record.issue.id.total), (1, 1));
    assert_eq!(record.issue.chosen.len(), 24);
    let again = ground.pipeline.build_issue("weekly", None, &person("甲")).await.unwrap();
    let Built::There(same) = again else { panic!("{again:?}") };
    assert_eq!(same.issue, record.issue, "the issue of the day stays as it is");
    // Next day everything of the period was printed, or is beyond the limit of this issue.
    let config = ground.with(|config| config.digests[0].spec.limit = 200);
    let next = "2026-11-21".parse().unwrap();
    let Built::New(rest) = config.build_issue("weekly", Some(next), &person("甲")).await.unwrap()
    else {
        panic!("what did not fit is left")
    };
    let printed: Vec<_> = record.issue.chosen.iter().map(|chosen| &chosen.from).collect();
    assert!(rest.issue.chosen.iter().all(|chosen| !printed.contains(&&chosen.from)));
    let later = "2026-11-22".parse().unwrap();
    let nothing = config.build_issue("weekly", Some(later), &person("甲")).await.unwrap();
    assert!(matches!(nothing, Built::Nothing), "{nothing:?}");
    let records = ground.pipeline.store.issues(Some("weekly")).await.unwrap();
    assert_eq!(records.len(), 2, "an empty period burns no number");
}

#[tokio::test(flavor = "multi_thread")]
async fn reprints_appear_once_and_sections_take_what_they_hold() {
    let ground = Ground::new().await;
    let id = ground.weekly().await;
    let printed = ground.pipeline.print_issue(&id).await.unwrap();
    let mut told = std::collections::HashSet::new();
    for piece in &printed.composition.pieces {
        let item = ground.pipeline.store.item(piece.item.as_ref().unwrap()).await.unwrap().unwrap();
        let twins = item.also_at.iter().map(|other| other.id.clone());
        for id in std::iter::once(item.id.clone()).chain(twins) {
            assert!(told.insert(id), "`{}` tells a story that stands there already", piece.title);
        }
    }
    let sections: Vec<&str> =
        printed.composition.pieces.iter().map(|piece| piece.section.as_str()).collect();
    let mut order = sections.clone();
    order.dedup();
    assert_eq!(order, ["要闻", "市县动态", "商会动态"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_people_approve_in_order_and_any_edit_voids_it() {
    let ground = Ground::new().await;
    let (pipeline, id) = (&ground.pipeline, ground.weekly().await);
    let wrong = pipeline.approve_issue(&id, &person("甲"), Some(Step::Final), "").await;
    assert!(refusal(&wrong.unwrap_err()).contains("the first review, not the final review"));
    assert_eq!(pipeline.approve_issue(&id, &person("甲"), None, "").await.unwrap(), Step::First);
    let same = pipeline.approve_issue(&id, &person("甲"), None, "").await;
    assert!(refusal(&same.unwrap_err()).contains("another person"));
    assert_eq!(pipeline.approve_issue(&id, &person("乙"), None, "").await.unwrap(), Step::Second);
    assert_eq!(pipeline.approve_issue(&id, &person("丙"), None, "可").await.unwrap(), Step::Final);
    let printed = pipeline.print_issue(&id).await.unwrap();
    assert_eq!(printed.record.issue.state, IssueState::Final);
    assert!(printed.next_step().is_none());

    let changes = Changes { note: Some("编者按。".to_owned()), ..Changes::default() };
    pipeline.change_issue(&id, &changes, &person("丁"), "").await.unwrap();
    let edited = pipeline.print_issue(&id).await.unwrap();
    assert_eq!(edited.next_step(), Some(Step::First));
    assert_eq!(edited.record.issue.state, IssueState::Built);
    assert_ne!(edited.content_sha256, printed.content_sha256);
    assert!(edited.record.acts.iter().all(|act| !act.holds));
    // The same content again is no approval: it was voided, not merely hidden.
    let back = Changes { note: Some(String::new()), ..Changes::default() };
    pipeline.change_issue(&id, &back, &person("丁"), "").await.unwrap();
    let back = pipeline.print_issue(&id).await.unwrap();
    assert_eq!(back.content_sha256, printed.content_sha256);
    assert_eq!(back.next_step(), Some(Step::First));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prints_is_what_was_approved_even_when_the_configuration_changes() {
    let ground = Ground::new().await;
    let id = ground.approved().await;
    let other = ground.with(|config| config.digests[0].spec.footer = "别的落款".to_owned());
    let printed = other.print_issue(&id).await.unwrap();
    assert_eq!(
        (printed.next_step(), printed.record.issue.state),
        (Some(Step::First), IssueState::Built)
    );
    let refused = other.push_issue(&id, &person("甲"), false).await.unwrap_err();
    assert!(refusal(&refused).contains("void"), "{refused}");
    assert_eq!(ground.pipeline.print_issue(&id).await.unwrap().next_step(), None);
    // A daemon that goes on under that configuration says so.
    other.settle_issues().await.unwrap();
    let stored = other.store.issue(&id).await.unwrap().unwrap();
    assert_eq!(stored.issue.state, IssueState::Built);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_item_does_not_print_and_voids_the_approvals() {
    let ground = Ground::new().await;
    let (pipeline, id) = (&ground.pipeline, ground.approved().await);
    pipeline.write_bundle(&id, None).await.unwrap();
    let printed = pipeline.print_issue(&id).await.unwrap();
    let piece = printed.composition.pieces[0].clone();
    let item = piece.item.clone().unwrap();
    pipeline.store.withdraw(vec![item], Taking::gone(), super::frozen_now()).await.unwrap();
    pipeline.follow_issues().await.unwrap();
    let after = pipeline.print_issue(&id).await.unwrap();
    assert_eq!(after.next_step(), Some(Step::First));
    assert_eq!(after.composition.pieces[0].since, Since::Withdrawn);
    let last = after.record.acts.last().unwrap();
    assert_eq!(last.what, Deed::Overtaken);
    assert!(last.remark.contains(&piece.title));
    // Nothing of it is left in what would be pasted or pushed.
    let sentence: String = piece.text.chars().take(12).collect();
    for file in ["article-1.html", "article-1.paste.html", "draft.json", "digest.txt", "digest.md"]
    {
        let text = std::fs::read_to_string(ground.bundle("weekly").join(file)).unwrap();
        assert!(!text.contains(&sentence), "{file} still says `{sentence}`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_taken_down_leaves_issues_and_their_bundles() {
    let ground = Ground::new().await;
    let (pipeline, id) = (&ground.pipeline, ground.approved().await);
    pipeline.write_bundle(&id, None).await.unwrap();
    let printed = pipeline.print_issue(&id).await.unwrap();
    let (address, picture) = printed.composition.pictures.iter().next().unwrap();
    let file = |name: &str| ground.bundle("weekly").join("images").join(name);
    assert!(file(&picture.name).exists());
    let what = lianbo::store::What::Address(address.parse().unwrap());
    let done = pipeline.store.take_down(what, super::frozen_now()).await.unwrap();
    assert_eq!(done.issues, std::slice::from_ref(&id));
    pipeline.rewrite_bundles(&done.issues).await.unwrap();
    let after = pipeline.print_issue(&id).await.unwrap();
    assert_eq!(after.composition.missing[address].text(lianbo::model::Lang::En), "taken down");
    assert_eq!(after.next_step(), Some(Step::First), "what was approved had the picture");
    assert!(!file(&picture.name).exists());
    let review = std::fs::read_to_string(ground.bundle("weekly").join("review.html")).unwrap();
    assert!(!review.contains(&picture.name));
    pipeline.complete_issue(&id).await.unwrap();
    let again = pipeline.print_issue(&id).await.unwrap();
    assert!(again.composition.missing.contains_key(address), "it does not come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn why_there_is_no_cover_is_told_in_english_as_all_details_are() {
    let ground = Ground::new().await;
    let none = ground.with(|config| {
        config.digests[0].spec.cover = CoverSpec::File("none.jpg".into());
    });
    none.build_issue("weekly", None, &person("甲")).await.unwrap();
    let mut problems = none.store.problems().await.unwrap().into_iter();
    let problem = problems.find(|problem| problem.code == ProblemCode::CoverFailed);
    let detail = problem.unwrap().detail;
    assert!(detail.starts_with("the picture `none.jpg` cannot be read"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_review_page_saves_is_applied_once() {
    let ground = Ground::new().await;
    let (pipeline, id) = (&ground.pipeline, ground.weekly().await);
    let printed = pipeline.print_issue(&id).await.unwrap();
    let piece = |chosen: &lianbo::model::Chosen| PieceEdit {
        key: chosen.key.clone(),
        section: chosen.section.clone(),
        title: None,
        summary: None,
        picture: true,
        drop: false,
    };
    let mut edits = Edits {
        issue: id.to_string(),
        version: printed.composition.issue.version,
        content_sha256: printed.content_sha256.clone(),
        title: String::new(),
        note: String::new(),
        pieces: printed.composition.issue.chosen.iter().map(piece).collect(),
    };
    edits.title = "特刊".to_owned();
    edits.pieces[1].title = Some("改过的标题".to_owned());
    edits.pieces[2].drop = true;
    edits.pieces.swap(0, 1);
    pipeline.edit_issue(&id, &edits, &person("甲"), "").await.unwrap();
    let after = pipeline.print_issue(&id).await.unwrap();
    assert_eq!(after.composition.title(), "特刊");
    assert_eq!(after.composition.pieces[0].title, "改过的标题");
    assert_eq!(after.composition.pieces.len(), printed.composition.pieces.len() - 1);
    let stale = pipeline.edit_issue(&id, &edits, &person("乙"), "").await.unwrap_err();
    assert!(refusal(&stale).contains("version 1"), "{stale}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manuscript_joins_an_issue_with_its_pictures() {
    let ground = Ground::new().await;
    let (pipeline, id) = (&ground.pipeline, ground.weekly().await);
    // A Word file as another federation would send it: our own export of an item with pictures.
    let with_picture = pipeline
        .store
        .newest(&lianbo::model::Selection::All, 100, None)
        .await
        .unwrap()
        .into_iter()
        .find(|item| !item.images.is_empty())
        .unwrap();
    let mut markdown = format!("# 来稿标题\n\n来源：外地商会\n\n{}\n", "正文第一段。".repeat(5));
    markdown.push_str("\n- 其一\n- 其二\n");
    let manuscript = manuscript::read("来稿.md", markdown.as_bytes()).unwrap();
    let spot = Spot { section: Some("商会动态".to_owned()), first: true };
    let record = pipeline.add_manuscript(&id, "来稿.md", manuscript, &spot, &person("甲")).await;
    let record = record.unwrap();
    assert_eq!(record.issue.version, 2);
    let printed = pipeline.print_issue(&id).await.unwrap();
    let first =
        printed.composition.pieces.iter().find(|piece| piece.section == "商会动态").unwrap();
    assert_eq!((first.title.as_str(), first.source.as_str()), ("来稿标题", "外地商会"));
    assert!(matches!(
        record.issue.chosen.iter().find(|chosen| chosen.key == first.key).unwrap().from,
        Material::Manuscript { .. }
    ));
    let mistyped = Spot { section: Some("商会动泰".to_owned()), first: false };
    let refused = pipeline.add_item(&id, &with_picture.id, &mistyped, &person("甲")).await;
    let told = refusal(&refused.unwrap_err());
    assert!(told.contains("`商会动泰`") && told.contains("要闻, 市县动态, 商会动态"), "{told}");
    // An item can be added too, once.
    let held = printed.composition.pieces.iter().any(|p| p.item.as_ref() == Some(&with_picture.id));
    let added = pipeline.add_item(&id, &with_picture.id, &Spot::default(), &person("甲")).await;
    assert_eq!(added.is_err(), held, "what stands there already is refused");
    let again = pipeline.add_item(&id, &with_picture.id, &Spot::default(), &person("甲")).await;
    assert!(refusal(&again.unwrap_err()).contains("already"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_items_give_the_same_bundle() {
    let ground = Ground::new().await;
    let id = ground.weekly().await;
    let one = ground.pipeline.print_issue(&id).await.unwrap();
    let two = ground.pipeline.print_issue(&id).await.unwrap();
    let (one, two) =
        (ground.pipeline.bundle(&one).await.unwrap(), ground.pipeline.bundle(&two).await.unwrap());
    assert!(one == two);
    let paths: Vec<&str> = one.iter().map(|file| file.path.as_str()).collect();
    for wanted in [
        "review.html",
        "approval.html",
        "manifest.json",
        "draft.json",
        "digest.txt",
        "digest.md",
        "article-1.html",
        "article-1.paste.html",
        "cover-235.jpg",
        "cover-1x1.jpg",
    ] {
        assert!(paths.contains(&wanted), "{wanted} is not in {paths:?}");
    }
    let (folder, _) = ground.pipeline.write_bundle(&id, None).await.unwrap();
    assert!(folder.ends_with("issues/weekly/2026-11-20-no001"), "{}", folder.display());
    assert!(folder.join("bundle.zip").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_issue_stays_and_hears_of_what_happens_later() {
    let ground = Ground::new().await;
    let (pipeline, id) = (&ground.pipeline, ground.approved().await);
    pipeline.close_issue(&id, &person("甲"), "已印发").await.unwrap();
    let changes = Changes { title: Some("迟了".to_owned()), ..Changes::default() };
    let late = pipeline.change_issue(&id, &changes, &person("甲"), "").await.unwrap_err();
    assert!(refusal(&late).contains("closed"));
    let item = pipeline.print_issue(&id).await.unwrap().composition.pieces[0].item.clone().unwrap();
    pipeline.store.withdraw(vec![item], Taking::gone(), super::frozen_now()).await.unwrap();
    pipeline.follow_issues().await.unwrap();
    let open = pipeline.store.problems().await.unwrap();
    let told = open.iter().find(|problem| problem.code.as_str() == "issue-overtaken").unwrap();
    assert_eq!(told.subject, "issue weekly/1");
    pipeline.close_issue(&id, &person("甲"), "已在平台删除").await.unwrap();
    let open = pipeline.store.problems().await.unwrap();
    assert!(open.iter().all(|problem| problem.code.as_str() != "issue-overtaken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_file_brings_its_pictures_along() {
    use docx_rs::{Docx, Paragraph, Pic, Run};
    let picture = image::RgbImage::from_fn(320, 200, |x, y| {
        image::Rgb([(x % 256) as u8, (y % 256) as u8, ((x * y) % 256) as u8])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let text = |text: &str| Paragraph::new().add_run(Run::new().add_text(text));
    let docx =
        Docx::new()
            .add_paragraph(text("商会走访会员企业").style("Title"))
            .add_paragraph(text("走访组来到三家会员企业，了解用工和订单情况，现场答复问题。"))
            .add_paragraph(Paragraph::new().add_run(
                Run::new().add_image(Pic::new_with_dimensions(png.into_inner(), 320, 200)),
            ))
            .add_paragraph(text("各企业负责人表示感谢。"));
    let mut file = std::io::Cursor::new(Vec::new());
    docx.build().pack(&mut file).unwrap();

    let ground = Ground::new().await;
    let (pipeline, id) = (&ground.pipeline, ground.weekly().await);
    let manuscript = manuscript::read("走访.docx", &file.into_inner()).unwrap();
    assert_eq!(manuscript.pictures.len(), 1);
    let spot = Spot { section: Some("要闻".to_owned()), first: true };
    pipeline.add_manuscript(&id, "走访.docx", manuscript, &spot, &person("甲")).await.unwrap();
    let printed = pipeline.print_issue(&id).await.unwrap();
    let piece = &printed.composition.pieces[0];
    assert_eq!(piece.images.len(), 1);
    let address = piece.images[0].url.as_str();
    assert!(printed.composition.pictures.contains_key(address), "{address} is kept with the issue");
    let own = &printed.layout.articles[1];
    assert_eq!((own.pieces[0].as_str(), own.pictures.len()), (piece.key.as_str(), 1));
}

#[test]
fn a_secret_stands_in_no_configuration_and_in_no_file_that_others_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let with = |secret: &str| {
        let text = format!("[[account]]\nid = \"a\"\napp_id = \"wx1234567890\"\n{secret}\n");
        std::fs::write(&file, text).unwrap();
        lianbo::config::Config::load(&file)
    };
    let faults = with("secret = \"abc\"").unwrap_err().to_string();
    assert!(faults.contains("account.secret") && faults.contains("0600"), "{faults}");
    assert!(!faults.contains("abc"), "it is not repeated: {faults}");
    assert!(with("secret_env = \"X\"").is_ok());
    assert!(with("").is_err(), "one of the two is wanted");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let ground = Ground::new().await;
    let id = ground.approved().await;
    let file = ground.folder.path().join("secret");
    std::fs::write(&file, lianbo::demo::APP_SECRET).unwrap();
    let own = ground.with(|config| {
        config.accounts[0].secret = lianbo::model::SecretPlace::File(file.clone());
    });
    for (mode, fine) in [(0o644, false), (0o600, true)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let pushed = own.push_issue(&id, &person("甲"), false).await;
        assert_eq!(pushed.is_ok(), fine, "{mode:o}: {pushed:?}");
        if let Err(error) = pushed {
            let said = refusal(&error);
            assert!(
                said.contains("chmod 600") && !said.contains(lianbo::demo::APP_SECRET),
                "{said}"
            );
        }
    }
}
