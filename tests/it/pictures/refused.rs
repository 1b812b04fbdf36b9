//! What is no picture, what does not come, and what is too much.

use super::*;

/// A PNG whose head says that it is 20,000 pixels wide and high.
fn bomb() -> Vec<u8> {
    let mut bytes = picture(ImageFormat::Png, 1);
    bytes[16..24].copy_from_slice(&[0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20]);
    let crc = !bytes[12..29].iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    });
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// What can come in place of a picture, the code it is told under, and what is said of it.
fn no_pictures(port: u16) -> Vec<(Reply, ProblemCode, &'static str)> {
    let whole = picture(ImageFormat::Jpeg, 3);
    let refused = ProblemCode::CustodyRefused;
    let failed = ProblemCode::CustodyFailed;
    vec![
        (image(b"<!DOCTYPE html><html><body>404</body></html>"), refused, "a web page"),
        (image(&whole[..whole.len() - 9]), refused, "ends before the picture does"),
        (image(&whole[..whole.len() / 2]), refused, "JPEG"),
        (image(&picture(ImageFormat::Png, 3)[..90]), refused, "PNG"),
        (image(&bomb()), refused, "20000 × 20000 pixels"),
        (image(&vec![0xFF; 9 << 20]), refused, "too-large"),
        (image(b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"), refused, "SVG"),
        (image(b"%PDF-1.7 %%EOF"), refused, "unknown kind"),
        (image(b""), refused, "nothing"),
        (redirect(&format!("http://127.0.0.1:{port}/p/real.jpg")), refused, "private address"),
        (redirect("http://169.254.169.254/latest/meta-data/"), refused, "private address"),
        (reply("404 Not Found", "", b""), failed, "http-status"),
        (reply("500 Oops", "", b""), failed, "http-status"),
    ]
}

#[tokio::test]
async fn whatever_is_no_picture_is_refused_by_name_and_the_original_stays() {
    let ground = ground(&["/p/1.jpg"]);
    ground.site.set("/p/real.jpg", image(&picture(ImageFormat::Jpeg, 1)));
    let pipeline = ground.open().await;
    for (n, (answer, code, said)) in no_pictures(ground.site.address.port()).into_iter().enumerate()
    {
        // A further article for each, since a failure is left alone for a while.
        let (art, pic) = (format!("/art/{n}0.html"), format!("/p/n{n}.jpg"));
        ground.site.set(&pic, answer);
        ground.site.set(&art, article(&format!("{TITLE}第{n}次"), &[&pic]));
        ground.site.set("/yw/", page(&list_html(&[(&art, &format!("{TITLE}第{n}次"))], None)));
        once(&pipeline).await;
        let found = pipeline.store.problems().await.unwrap();
        let named = found.iter().find(|problem| problem.code == code && problem.subject == "xin");
        let detail = named.map_or("", |problem| problem.detail.as_str());
        assert!(detail.contains(said) && detail.contains(&pic), "{said}: {found:?}");
        let rss = text(&ground.public(), "feeds/all.rss");
        assert!(rss.contains(&format!("http://xin.test{pic}")), "{said}: the original is gone");
        assert!(!ground.public().keys().any(|path| path.starts_with("assets/")), "{said}");
    }
    // And the articles themselves came all the same.
    assert_eq!(items(&pipeline.store).await.len(), 14);
}

#[tokio::test]
async fn a_failing_picture_is_tried_a_few_times_and_then_left() {
    let ground = ground(&["/p/1.jpg"]);
    ground.site.set("/p/1.jpg", image(b"nothing of use"));
    let pipeline = ground.open().await;
    let mut tries = 0;
    for _ in 0..200 {
        once(&pipeline).await;
        tries += ground.site.asked().iter().filter(|path| *path == "/p/1.jpg").count();
        ground.later(TimeDelta::hours(2));
    }
    assert_eq!(tries, 6);
    assert_shown(&ground, &["http://xin.test/p/1.jpg"], &[]);
    // What is not waited for any more is no open problem.
    assert_eq!(problems(&pipeline.store).await, []);
}

#[tokio::test]
async fn a_host_that_does_not_answer_costs_one_try_a_run() {
    let ground = ground(&["http://alt.test/1.jpg", "http://alt.test/2.jpg", "/p/3.jpg"]);
    ground.reconfigure("timeout = \"5s\"", "timeout = \"200ms\"");
    ground.site.set("/1.jpg", Reply::Silence);
    ground.site.set("/2.jpg", Reply::Silence);
    let bytes = picture(ImageFormat::Jpeg, 3);
    ground.site.set("/p/3.jpg", image(&bytes));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let asked = ground.site.asked();
    assert_eq!(asked.iter().filter(|path| path.ends_with(".jpg")).count(), 2, "{asked:?}");
    assert_shown(&ground, &[&place(&bytes, "jpg"), "http://alt.test/1.jpg"], &[]);
}

#[tokio::test]
async fn limits_of_items_and_runs_are_kept() {
    let ground = ground(&["/p/1.jpg", "/p/2.jpg", "/p/3.jpg"]);
    let bytes: Vec<Vec<u8>> = (1..=3).map(|tint| picture(ImageFormat::Bmp, tint)).collect();
    for (n, bytes) in bytes.iter().enumerate() {
        ground.site.set(&format!("/p/{}.jpg", n + 1), image(bytes));
    }
    let size = bytes[0].len();
    ground.reconfigure(
        "[schedule]",
        &format!("[custody]\nitem_max_bytes = \"{}\"\nfiles_per_run = 1\n[schedule]", size * 2),
    );
    let pipeline = ground.open().await;
    let held = || ground.public().keys().filter(|path| path.starts_with("assets/")).count();
    for wanted in [1, 2, 2] {
        once(&pipeline).await;
        assert_eq!(held(), wanted);
    }
    let problems = pipeline.store.problems().await.unwrap();
    assert!(problems[0].detail.contains("/p/3.jpg"), "{problems:?}");
}

#[tokio::test]
async fn problems_of_files_that_nobody_waits_for_close() {
    let ground = ground(&["/p/1.jpg"]);
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, [("xin".to_owned(), ProblemCode::CustodyFailed)]);
    drop(pipeline);
    let family = "family = \"generic\"\n";
    ground.reconfigure(family, &format!("{family}pictures = \"original\"\n"));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
}

#[tokio::test]
async fn a_folder_that_takes_nothing_more_ends_the_round() {
    let ground = ground(&["/p/1.jpg", "/p/2.jpg"]);
    for n in 1..=2 {
        ground.site.set(&format!("/p/{n}.jpg"), image(&picture(ImageFormat::Jpeg, n)));
    }
    let pipeline = ground.open().await;
    // A file where the folder should be makes every write fail.
    let folder = ground.data().join("public/assets");
    std::fs::write(&folder, "in the way").unwrap();
    once(&pipeline).await;
    assert_eq!(ground.site.asked().iter().filter(|path| path.ends_with(".jpg")).count(), 1);
    let open = problems(&pipeline.store).await;
    assert!(open.contains(&("xin".to_owned(), ProblemCode::PublishFailed)), "{open:?}");
    std::fs::remove_file(&folder).unwrap();
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
    assert_shown(&ground, &["/assets/"], &["xin.test/p/"]);
}
