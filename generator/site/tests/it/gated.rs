//! The law of the two trees: no byte of `public/` depends on a paid text.

use tuition_site::{Files, Output};

use crate::{
    archive,
    support::{SHOP, built, shop_with, text},
};

fn public(output: &Output) -> Files {
    let public = output
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("public/"));
    public
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect()
}

#[test]
fn no_public_byte_or_file_name_holds_a_paid_word() {
    let output = built(archive::parse(SHOP));
    for (path, bytes) in public(&output) {
        assert!(!path.contains("zq"), "{path}");
        let text = String::from_utf8_lossy(&bytes);
        // The open lesson names an anchor of the paid one in its own, free text.
        let text = text.replace("/courses/rust/traits/#inside-zq", "");
        assert!(!text.contains("zq"), "{path}: {text}");
    }
    let whole = text(&output, "members/rust/courses/rust/traits/index.html");
    assert!(whole.matches("zq").count() > 10, "{whole}");
    assert!(text(&output, "members/rust/courses/rust/last/index.html").contains("Not this zq."));
}

#[test]
fn files_of_the_paid_part_are_in_the_members_tree_only() {
    let output = built(archive::parse(SHOP));
    let has = |path: &str| output.files.contains_key(path);
    let files = "courses/rust/files/01-start";
    for shared in ["open.png", "teaser.png"] {
        assert!(
            has(&format!("public/{files}/{shared}"))
                && has(&format!("members/rust/{files}/{shared}")),
            "{shared}"
        );
    }
    for paid in ["paid-zq.png", "zq.zip"] {
        assert!(
            !has(&format!("public/{files}/{paid}")) && has(&format!("members/rust/{files}/{paid}")),
            "{paid}"
        );
    }
    assert!(!output.files.keys().any(|path| path.contains("unused")));
}

#[test]
fn every_gated_path_of_the_public_tree_is_in_the_members_tree() {
    let output = built(archive::parse(SHOP));
    let gated: Vec<_> = public(&output)
        .into_keys()
        .filter(|path| path.contains("/courses/rust/"))
        .collect();
    assert!(
        gated.iter().any(|path| path.contains("/zh/")) && gated.len() >= 10,
        "{gated:?}"
    );
    for path in gated {
        let member = path.replacen("public/", "members/rust/", 1);
        assert!(output.files.contains_key(&member), "{member}");
    }
    assert!(
        !output
            .files
            .keys()
            .any(|path| path.starts_with("members/manual/")),
        "a free course has no members tree"
    );
}

/// Every paid text of the shop becomes another of the same shape.
fn rewritten(replace: impl Fn(&str) -> String) -> Files {
    let mut files = archive::parse(SHOP);
    for (path, mark) in [
        ("02-traits.md", "<!-- more -->\n"),
        ("03-last.md", "Only the first paragraph shows.\n"),
    ] {
        let path = format!("content/courses/rust/01-start/{path}");
        let text = String::from_utf8(files[&path].to_vec()).unwrap();
        let (free, paid) = text.split_once(mark).unwrap();
        files.insert(
            path,
            format!("{free}{mark}{}", replace(paid)).into_bytes().into(),
        );
    }
    for path in ["paid-zq.png", "zq.zip"] {
        files.insert(
            format!("content/courses/rust/01-start/{path}"),
            b"other bytes".as_slice().into(),
        );
    }
    files
}

#[test]
fn other_paid_texts_leave_the_public_tree_as_it_is() {
    let before = built(archive::parse(SHOP));
    let letters = |text: &str| {
        // Words become other words; what is a name of a file or an anchor stays, so that links hold.
        text.replace("Paid zq, see", "Bezahlt, hier")
            .replace("Not this", "Nicht das")
            .replace("A note", "Anderes")
            .replace("fn zq() {}", "struct Q;")
    };
    let longer = |text: &str| {
        format!(
            "{}\n\n## A new heading\n\n{}",
            letters(text),
            "many more words ".repeat(500)
        )
    };
    let shorter = |text: &str| {
        let heading = text
            .find("## Inside zq")
            .map_or(0, |at| at + "## Inside zq\n".len());
        text[..heading].to_owned()
    };
    let variants: [&dyn Fn(&str) -> String; 3] = [&letters, &longer, &shorter];
    for replace in variants {
        let after = built(rewritten(replace));
        assert_eq!(public(&after), public(&before));
        assert_ne!(after.files, before.files, "the paid part did change");
    }
}

#[test]
fn a_definition_below_the_teaser_is_paid() {
    let output = built(shop_with(
        "-- content/courses/rust/01-start/04-definition.md --\n+++\ntitle = \"Definition\"\n+++\n\
         A [link][l] and ![image][i] and a note[^n].\n\n<!-- more -->\n\n[l]: https://zq.example\n[i]: zq.zip\n[^n]: zq\n",
    ));
    let teaser = text(&output, "public/courses/rust/definition/index.html");
    assert!(
        teaser.contains("A [link][l] and ![image][i] and a note[^n]."),
        "{teaser}"
    );
    assert!(
        !output
            .files
            .keys()
            .any(|path| path.starts_with("public/") && path.contains("zq"))
    );
    let whole = text(&output, "members/rust/courses/rust/definition/index.html");
    assert!(
        whole.contains("href=\"https://zq.example\"") && whole.contains("id=\"fn:1\""),
        "{whole}"
    );
}
