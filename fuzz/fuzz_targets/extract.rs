#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/it/targets.rs"]
#[expect(dead_code, reason = "each fuzz target uses one of them")]
mod targets;

fuzz_target!(|data: &[u8]| {
    // Bytes as they are, or as the recipe of a page.
    match data.split_first() {
        Some((0..128, rest)) => targets::extract(rest),
        Some((_, recipe)) => targets::extract(&targets::soup(recipe)),
        None => {}
    }
});
