#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/it/targets.rs"]
#[expect(dead_code, reason = "each fuzz target uses one of them")]
mod targets;

fuzz_target!(|data: &[u8]| {
    targets::date(data);
});
