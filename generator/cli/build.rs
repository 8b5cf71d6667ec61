//! Builds the tool again when a file is added to what it embeds; changes of known files cargo sees by itself.

#![expect(
    clippy::print_stdout,
    reason = "this is how a build script speaks to cargo"
)]

fn main() {
    println!("cargo::rerun-if-changed=../../themes/default");
    println!("cargo::rerun-if-changed=starter");
    println!("cargo::rerun-if-changed=build.rs");
}
