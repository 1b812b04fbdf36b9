//! Rebuilds the program when the families, sites and calendars that it brings change.

fn main() {
    println!("cargo:rerun-if-changed=feeds");
    println!("cargo:rerun-if-changed=calendar");
}
