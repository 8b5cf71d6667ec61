//! What editors read: `--json` has the shape that `diagnostics.schema.json` states.

use std::fs;

use serde_json::{Value, json};

use crate::sandbox::{Sandbox, code, errors, shown, tuition};

const SCHEMA: &str = include_str!("../../diagnostics.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// Where a value is not what a schema wants. Knows the words that ours uses; another one is a mistake of this test.
fn violations(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (word, wanted) in schema.as_object().unwrap() {
        let is_right = match word.as_str() {
            "$schema" | "title" | "description" => true,
            "type" => match wanted.as_str().unwrap() {
                "array" => value.is_array(),
                "object" => value.is_object(),
                "string" => value.is_string(),
                "integer" => value.is_u64(),
                other => panic!("type {other}"),
            },
            "minimum" => value.as_u64() >= wanted.as_u64(),
            "minLength" => {
                value.as_str().map(str::len) >= wanted.as_u64().map(|length| length as usize)
            }
            "enum" => wanted.as_array().unwrap().contains(value),
            "pattern" => {
                assert_eq!(wanted, "^[a-z]+(-[a-z]+)*$");
                let is_word = |word: &str| {
                    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
                };
                value.as_str().unwrap_or_default().split('-').all(is_word)
            }
            "required" => wanted
                .as_array()
                .unwrap()
                .iter()
                .all(|name| value.get(name.as_str().unwrap()).is_some()),
            "items" => {
                for (position, item) in value.as_array().into_iter().flatten().enumerate() {
                    wrong.extend(violations(wanted, item, &format!("{at}[{position}]")));
                }
                continue;
            }
            "properties" => {
                for (name, member) in value.as_object().into_iter().flatten() {
                    match wanted.get(name) {
                        Some(wanted) => {
                            wrong.extend(violations(wanted, member, &format!("{at}.{name}")))
                        }
                        None => wrong.push(format!("{at}.{name} is in no schema")),
                    }
                }
                continue;
            }
            other => panic!("the word {other}"),
        };
        if !is_right {
            wrong.push(format!("{at}: {word}: {value}"));
        }
    }
    wrong
}

fn printed(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", errors(output)))
}

#[test]
fn a_finding_has_a_place_and_where_it_is_known_an_end() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "content/pages/a.md",
        "+++\ntitel = \"A\"\ntitle = \"A\"\n+++\n你好 [x](nowhere.md)\n",
    );
    let checked = sandbox.run(&["check", "--json"]);
    assert_eq!(code(&checked), 1);
    let expected = json!([
        {
            "path": "content/pages/a.md", "line": 2, "col": 1, "end_line": 2, "end_col": 6, "severity": "error",
            "code": "unknown-key", "message": "unknown key \"titel\"", "hint": "did you mean \"title\"?",
        },
        {
            "path": "content/pages/a.md", "line": 5, "col": 8, "end_line": 5, "end_col": 18, "severity": "error",
            "code": "link", "message": "\"nowhere.md\" leads nowhere", "hint": "there is no content/pages/nowhere.md",
        },
    ]);
    assert_eq!(printed(&checked), expected);
}

#[test]
fn every_command_prints_the_stated_shape() {
    let sandbox = Sandbox::new();
    assert_eq!(printed(&sandbox.run(&["check", "--json"])), json!([]));
    sandbox.write("content/pages/bad.md", "no front matter");
    sandbox.write(
        "content/pages/latin.md",
        "+++\ntitle = \"L\"\n+++\n```pyhton lnes\nx\n```\n<b>\n\n# A\n\n# A\n",
    );
    sandbox.write("content/redirects.toml", "\"/a/\" = \"/b/\"\n");
    sandbox.write("themes/default/templates/page.html", "{% if %}");
    sandbox.write(
        "content/courses/first-course/01-start/03-x.md",
        "+++\ntitle = \"X\"\nprice = 3\nduration = \"x\"\n+++\n$$\n",
    );
    let book = sandbox.path("../book");
    fs::create_dir_all(book.join("src")).unwrap();
    fs::write(book.join("src/SUMMARY.md"), "- [One](one.md)\n- [Two]()\n").unwrap();
    fs::write(book.join("src/one.md"), "# One\n\n[x](gone.md)\n").unwrap();
    let imported = tuition(&[
        "import",
        "mdbook",
        &shown(&book),
        &shown(&sandbox.path("../imported")),
        "--json",
    ]);
    let outputs = [
        sandbox.run(&["check", "--json"]),
        sandbox.run(&["build", "--json"]),
        imported,
    ];
    for output in outputs {
        let printed = printed(&output);
        assert!(printed.as_array().unwrap().len() >= 3, "{printed}");
        assert_eq!(violations(&schema(), &printed, "$"), Vec::<String>::new());
        for finding in printed.as_array().unwrap() {
            assert_eq!(
                finding.get("end_line").is_some(),
                finding.get("end_col").is_some(),
                "{finding}"
            );
        }
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let right = json!({"path": "a", "line": 1, "col": 1, "severity": "error", "code": "a-b", "message": "m", "hint": ""});
    let with = |name: &str, value: Value| {
        let mut finding = right.clone();
        finding[name] = value;
        violations(&schema(), &json!([finding]), "$").len()
    };
    assert_eq!(with("hint", json!("h")), 0);
    for (name, value) in [
        ("line", json!(0)),
        ("col", json!("1")),
        ("severity", json!("info")),
        ("code", json!("A b")),
        ("message", json!("")),
        ("more", json!(1)),
    ] {
        assert_ne!(with(name, value), 0, "{name}");
    }
    assert_eq!(violations(&schema(), &json!([{}]), "$").len(), 1);
    assert_eq!(violations(&schema(), &json!({}), "$").len(), 1);
}
