//! Builds the tool again when a file is added to what it embeds; changes of known files cargo sees by itself.

fn main() {
    println!("cargo::rerun-if-changed=../../themes/default");
    println!("cargo::rerun-if-changed=starter");
    println!("cargo::rerun-if-changed=build.rs");
}
