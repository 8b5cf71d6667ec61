//! What is taken, what is left over.

use super::*;

#[test]
fn what_nobody_takes_is_named_in_full() {
    let mut params = Params::parse("a=1&b[c]=2&b[d]=3&e[0][f]=4&e[0][g]=5&h=6").unwrap();
    assert_eq!(params.integer("a").unwrap(), Some(1));
    let mut b = params.hash("b").unwrap().unwrap();
    b.text("c").unwrap();
    params.close(b);
    for mut e in params.hashes("e").unwrap() {
        e.text("f").unwrap();
        params.close(e);
    }
    let error = params.finish().unwrap_err().body();
    assert_eq!(error["error"]["code"], "parameter_unknown");
    assert_eq!(error["error"]["param"], "b[d]");
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("b[d], e[0][g], h.")
    );
}

#[test]
fn an_empty_text_is_not_a_text() {
    let error = Params::parse("a=").unwrap().text("a").unwrap_err();
    assert_eq!(error.body()["error"]["code"], "parameter_invalid_empty");
}

#[test]
fn an_empty_text_unsets_and_a_switch_is_off_unless_it_is_on() {
    let mut params = Params::parse("a=&b[enabled]=true&c[enabled]=false&d=x").unwrap();
    assert!(params.unset("a") && !params.unset("a"));
    assert!(!params.unset("d"), "not empty");
    assert!(params.switched_on("b").unwrap());
    assert!(!params.switched_on("c").unwrap());
    assert!(!params.switched_on("e").unwrap());
    assert!(!params.is_empty());
    params.text("d").unwrap();
    assert!(params.is_empty());
}
