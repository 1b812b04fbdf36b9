//! What proves a site to be itself, and what a person says of it.

use super::*;

/// The list with an article more, and another's number below it.
fn hijacked() -> String {
    list((12..=21).rev()).replace("苏ICP备07010100号-1", "粤ICP备11111111号")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_not_itself_is_held_until_a_person_says_so() {
    let (ground, pipeline) = settled().await;
    let public = ground.public();
    // The same look with another's number: what was always printed is learned.
    ground.site.set("/yw/", page(&hijacked()));
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [ProblemCode::IdentityFailed]);
    assert!(ground.public() == public);
    // However it goes on: somebody has to look.
    ground.site.set("/yw/", page(&list((12..=21).rev())));
    ground.site.asked();
    let (reports, _) = once(&pipeline).await;
    assert!(reports.iter().all(|report| report.outcome == Outcome::Failed), "{reports:?}");
    assert_eq!(ground.site.asked(), Vec::<String>::new(), "the site is left alone");
    assert_eq!(codes(&pipeline).await, [ProblemCode::IdentityFailed]);
    assert!(ground.public() == public);
    drop(pipeline);

    let told = ground.lianbo(&["trust"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(
        told.out.contains("粤ICP备11111111号") && told.out.contains("lianbo trust xin"),
        "{told:?}"
    );
    assert_eq!(ground.lianbo(&["trust", "nobody"]).code, Some(2));
    let told = ground.lianbo(&["trust", "xin", "--by", "值班员"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let pipeline = ground.open().await;
    let kept = items(&pipeline.store).await.len();
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, []);
    assert_eq!(items(&pipeline.store).await.len(), kept + 1);
    drop(pipeline);
    let told = ground.lianbo(&["trust", "xin/yw", "--show"]);
    assert!(told.out.contains("10 rows") && told.out.contains("值班员"), "{told:?}");

    // What is declared counts from the first reading on.
    ground.reconfigure("family = \"generic\"", "family = \"generic\"\nicp = \"京ICP备10000000号\"");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [ProblemCode::IdentityFailed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_about_a_column_is_none_about_its_site() {
    let (ground, pipeline) = settled().await;
    drop(pipeline);
    // Twice: what was learned before the first word is still known at the second.
    for _ in 0..2 {
        assert_eq!(ground.lianbo(&["trust", "xin/yw", "--by", "值班员"]).code, Some(0));
    }
    let pipeline = ground.open().await;
    let public = ground.public();
    ground.site.set("/yw/", page(&hijacked()));
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [ProblemCode::IdentityFailed]);
    assert!(ground.public() == public);
    drop(pipeline);

    // The site is held, which one column cannot end.
    let told = ground.lianbo(&["trust", "xin/yw"]);
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.err.contains("lianbo trust xin") && told.err.contains("粤ICP备11111111号"));
    assert_eq!(ground.lianbo(&["trust"]).code, Some(1), "it is held as before");
    assert_eq!(ground.lianbo(&["trust", "xin"]).code, Some(0));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [], "now it may have another number");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_page_of_another_site_is_never_stored() {
    let (ground, pipeline) = settled().await;
    drop(pipeline);
    ground.reconfigure(
        "family = \"generic\"",
        "family = \"generic\"\nidentity = { must_contain = [\"新新商会\"], forbid = [\"棋牌\"] }",
    );
    let pipeline = ground.open().await;
    let (public, kept) = (ground.public(), items(&pipeline.store).await);
    ground.site.set("/yw/", page(&list((12..=21).rev())));
    let html = article(21).replace("</body>", "<div class=ad>在线棋牌</div></body>");
    ground.site.set("/art/21.html", page(&html));
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [ProblemCode::IdentityFailed]);
    assert_eq!(items(&pipeline.store).await, kept);
    assert!(ground.public() == public);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_found_to_be_well_is_normal_from_then_on() {
    let (ground, pipeline) = settled().await;
    let kept = items(&pipeline.store).await.len();
    ground.site.set("/yw/", page(&list((20..=21).rev())));
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, [ProblemCode::ListShort]);
    drop(pipeline);
    assert_eq!(ground.lianbo(&["trust", "xin/yw"]).code, Some(0));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(codes(&pipeline).await, []);
    assert_eq!(items(&pipeline.store).await.len(), kept + 1);
}
