#[path = "../src/suggest.rs"]
mod suggest;

use std::fs;
use std::path::Path;

/// The neighbour of a file that isn't there whose name comes nearest.
fn similar(path: &Path) -> Option<String> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let names: Vec<String> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let wanted = path.file_name()?.to_str()?;
    suggest::nearest(wanted, names.iter().map(String::as_str))
        .map(str::to_owned)
}

fn main() {
    for path in ["src/mian.rs", "Cargo.tmol", "src/unrelated.txt"] {
        println!("{path}: {:?}", similar(Path::new(path)));
    }
}
