//! A column whose configuration says so is mended by the daemon itself.

use std::fs;

use lianbo::model::ProblemCode;

use super::case::{DING, SHENG};
use super::config;
use crate::ground::{Ground, items, problems};
use crate::running::Running;

/// Has the only column of `ground` read every second.
fn every_second(ground: &Ground) {
    ground.reconfigure("name = \"栏目\"\n", "name = \"栏目\"\ncron = \"* * * * * *\"\n");
}

fn permit(ground: &Ground) {
    ground.reconfigure("name = \"栏目\"\n", "name = \"栏目\"\nhealth.repair = \"auto\" # 自动\n");
}

async fn ids(ground: &Ground) -> Vec<String> {
    let items = items(&ground.open().await.store).await;
    let mut ids: Vec<String> = items.iter().map(|item| item.id.to_string()).collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_changed_where_the_column_permits_it_and_a_person_is_asked_to_look() {
    let ground = SHENG.ground();
    every_second(&ground);
    let mut daemon = Running::start(&ground.config_file());
    daemon.wait_for(&["column refreshed", "outcome=\"fine\""]);
    daemon.wait_for(&["published", "rendered="]);
    let before = config(&ground);
    SHENG.redesigned(&ground);
    daemon.wait_for(&["problem opened", "list-empty"]);
    // What follows on a run is over when the next begins.
    for _ in 0..3 {
        daemon.wait_for(&["column refreshed", "outcome=\"failed\""]);
    }
    assert_eq!(config(&ground), before, "nothing is changed unasked");

    permit(&ground);
    let permitted = config(&ground);
    let said = daemon.wait_for(&["rules changed", "-list = ", "+list = "]);
    assert!(said.contains("(0 before)"), "{said}");
    daemon.wait_for(&["problem healed", "list-empty"]);
    daemon.wait_for(&["column refreshed", "new=0"]);
    assert!(daemon.end().success());
    let after = config(&ground);
    assert!(after.contains("health.repair = \"auto\" # 自动\n"), "{after}");
    assert!(after.contains(" # 行\n") && after != permitted, "{after}");
    let names = fs::read_dir(ground.folder.path()).unwrap().count();
    assert_eq!(names, 2, "only the file and the data are there");

    // Every item once, as before; and the change stays open until somebody has looked.
    let stored = ids(&ground).await;
    let fresh = SHENG.ground();
    crate::ground::once(&fresh.open().await).await;
    assert_eq!(stored, ids(&fresh).await);
    let told = ground.lianbo(&["problems"]);
    assert!(told.out.contains("repair-applied") && !told.out.contains("list-empty"), "{told:?}");
    let trusted = ground.lianbo(&["trust", &SHENG.id(), "--by", "值班"]);
    assert_eq!(trusted.code, Some(0), "{trusted:?}");
    let told = ground.lianbo(&["problems"]);
    assert!(!told.out.contains("repair-applied"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_cannot_be_written_are_told_and_the_file_stays() {
    let ground = DING.ground();
    every_second(&ground);
    permit(&ground);
    let mut daemon = Running::start(&ground.config_file());
    daemon.wait_for(&["column refreshed", "outcome=\"fine\""]);
    // Somebody is at work on the file, and it has a fault.
    ground.reconfigure("[schedule]\n", "[schedule]\nnix = 1\n");
    let faulty = config(&ground);
    daemon.wait_for(&["problem opened", "config-fault"]);
    DING.redesigned(&ground);
    let said = daemon.wait_for(&["better rules were found and not written"]);
    assert!(said.contains("schedule.nix"), "{said}");
    daemon.wait_for(&["column refreshed", "outcome=\"failed\""]);
    assert!(daemon.end().success());
    assert_eq!(config(&ground), faulty);
    let told = ground.lianbo(&["problems"]);
    assert!(told.out.contains("repair-unwritten"), "{told:?}");
}

#[tokio::test]
async fn changed_rules_wait_for_a_person_while_the_site_is_switched_off() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    for code in [ProblemCode::RepairApplied, ProblemCode::ListEmpty] {
        pipeline.store.raise(code, "xin/yw", "x", (pipeline.clock)()).await.unwrap();
    }
    drop(pipeline);
    ground.reconfigure("[[site]]\n", "[[site]]\nenabled = false\n");
    let pipeline = ground.open().await;
    pipeline.tell_absent().await.unwrap();
    let told = problems(&pipeline.store).await;
    let codes: Vec<_> = told.into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, [ProblemCode::RepairApplied]);
}
