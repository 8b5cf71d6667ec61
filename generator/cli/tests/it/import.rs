//! `tuition import mdbook`.

use std::fs;

use crate::sandbox::{code, errors, shown, tuition};

#[test]
fn a_book_becomes_a_site_that_builds_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (book, site) = (folder.path().join("book"), folder.path().join("site"));
    for (path, text) in [
        ("book.toml", "[book]\ntitle = \"Tiny\"\n"),
        (
            "src/SUMMARY.md",
            "# Summary\n\n- [One](one.md)\n- [Two](two.md)\n",
        ),
        (
            "src/one.md",
            "# One\n\n[Two](two.html#part), [out](../std/index.html)\n",
        ),
        (
            "src/two.md",
            "# Two\n\n## Part\n\n```rust,no_run\n{{#include ../code.rs}}\n```\n",
        ),
        ("code.rs", "fn main() {}\n"),
    ] {
        let path = book.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let (book, site) = (shown(&book), shown(&site));
    let imported = tuition(&["import", "mdbook", &book, &site]);
    assert_eq!(code(&imported), 0, "{}", errors(&imported));
    assert!(
        errors(&imported).contains("src/one.md:3:1: warning[import-link]"),
        "{}",
        errors(&imported)
    );
    let built = tuition(&["build", "--site", &site]);
    assert_eq!(code(&built), 0, "{}", errors(&built));
    let again = tuition(&["import", "mdbook", &book, &site]);
    assert_eq!(code(&again), 3);
    assert!(errors(&again).contains("--course"), "{}", errors(&again));
    let second = tuition(&["import", "mdbook", &book, &site, "--course", "tiny-2"]);
    assert_eq!(code(&second), 0, "{}", errors(&second));
    assert_eq!(code(&tuition(&["build", "--site", &site])), 0);
    let moved = fs::read_to_string(folder.path().join("site/dist/public/two.html")).unwrap();
    assert!(
        moved.contains("content=\"0; url=/courses/tiny/two/\""),
        "{moved}"
    );
    assert!(
        errors(&second).contains(
            "content/redirects.toml:1:1: warning[import-redirect]: old addresses of the book lead elsewhere already (2 times, here first)"
        ),
        "{}",
        errors(&second)
    );
    let redirects = fs::read_to_string(folder.path().join("site/content/redirects.toml")).unwrap();
    assert_eq!(redirects.matches(".html\" = ").count(), 2, "{redirects}");
    assert_eq!(
        code(&tuition(&[
            "import",
            "mdbook",
            &site,
            &shown(folder.path())
        ])),
        3
    );
}
