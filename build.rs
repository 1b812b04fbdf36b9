//! Rebuilds the program when the families and sites that it brings change.

fn main() {
    println!("cargo:rerun-if-changed=feeds");
}
