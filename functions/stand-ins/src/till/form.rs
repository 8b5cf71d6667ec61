//! Stripe's form encoding: `line_items[0][price_data][currency]=usd` as a tree.
//!
//! Knows the encoding, not what the parameters mean.

use serde_json::{Map, Value};
use thiserror::Error;

/// A parameter: a text, or named parameters in the order they came. A list is a branch whose names
/// are numbers (`a[0]`), or were left empty (`a[]`) and numbered here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Text(String),
    Branch(Vec<(String, Node)>),
}

/// Why a form is none. Holds the parameter's name as it was sent.
#[derive(Debug, Error, PartialEq)]
pub(crate) enum FormError {
    #[error("the request is not form-encoded UTF-8")]
    Encoding,
    #[error("Invalid parameter name: {0}")]
    Name(String),
    #[error("Invalid parameter, given twice or both as a value and a hash: {0}")]
    Twice(String),
}

/// The deepest nesting of brackets; Stripe's own parameters need 6.
const DEEPEST: usize = 12;

/// Reads `a=1&b[c]=2&d[]=3` into a branch. Percent-escapes and `+` are decoded.
pub(crate) fn parse(encoded: &str) -> Result<Vec<(String, Node)>, FormError> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(encoded).map_err(|_| FormError::Encoding)?;
    let mut root = Vec::new();
    for (key, value) in pairs {
        let names = names(&key).ok_or_else(|| FormError::Name(key.clone()))?;
        if !insert(&mut root, &names, value) {
            return Err(FormError::Twice(key));
        }
    }
    Ok(root)
}

/// `a[b][]` as `a`, `b` and an empty name.
fn names(key: &str) -> Option<Vec<&str>> {
    let (first, mut rest) = match key.find('[') {
        Some(at) => key.split_at(at),
        None => (key, ""),
    };
    let mut names = vec![first];
    while !rest.is_empty() {
        let (name, after) = rest.strip_prefix('[')?.split_once(']')?;
        names.push(name);
        rest = after;
    }
    // An empty name is only good for "the next element of the list", at the end.
    let (last, others) = names.split_last()?;
    let complete =
        others.iter().all(|name| !name.is_empty()) && !(others.is_empty() && last.is_empty());
    (complete && names.len() <= DEEPEST).then_some(names)
}

fn insert(branch: &mut Vec<(String, Node)>, names: &[&str], value: String) -> bool {
    let Some((name, rest)) = names.split_first() else {
        return false;
    };
    let name = if name.is_empty() {
        branch.len().to_string()
    } else {
        (*name).to_owned()
    };
    let known = branch.iter_mut().find(|(known, _)| *known == name);
    match (known, rest.is_empty()) {
        (None, true) => branch.push((name, Node::Text(value))),
        (None, false) => {
            let mut inner = Vec::new();
            if !insert(&mut inner, rest, value) {
                return false;
            }
            branch.push((name, Node::Branch(inner)));
        }
        (Some((_, Node::Branch(inner))), false) => return insert(inner, rest, value),
        (Some(_), _) => return false,
    }
    true
}

/// The same parameters as JSON with sorted names: two requests ask for the same if these are equal.
pub(crate) fn canonical(branch: &[(String, Node)]) -> Value {
    let mut map = Map::new();
    for (name, node) in branch {
        let value = match node {
            Node::Text(text) => Value::String(text.clone()),
            Node::Branch(inner) => canonical(inner),
        };
        map.insert(name.clone(), value);
    }
    map.sort_keys();
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Node {
        Node::Text(value.to_owned())
    }

    #[test]
    fn brackets_become_a_tree() {
        let parsed = parse("mode=payment&line_items[0][price_data][unit_amount]=4900&line_items%5B0%5D%5Bquantity%5D=1&expand[]=a.b&expand[]=c&metadata[a+key]=x%20y").unwrap();
        let item = Node::Branch(vec![
            (
                "price_data".to_owned(),
                Node::Branch(vec![("unit_amount".to_owned(), text("4900"))]),
            ),
            ("quantity".to_owned(), text("1")),
        ]);
        assert_eq!(
            parsed,
            vec![
                ("mode".to_owned(), text("payment")),
                (
                    "line_items".to_owned(),
                    Node::Branch(vec![("0".to_owned(), item)])
                ),
                (
                    "expand".to_owned(),
                    Node::Branch(vec![
                        ("0".to_owned(), text("a.b")),
                        ("1".to_owned(), text("c"))
                    ])
                ),
                (
                    "metadata".to_owned(),
                    Node::Branch(vec![("a key".to_owned(), text("x y"))])
                ),
            ]
        );
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        for encoded in ["a[b=1", "a]b[=1", "=1", "a[][b]=1", "a[b]c=1"] {
            assert!(
                matches!(parse(encoded), Err(FormError::Name(_))),
                "{encoded}"
            );
        }
        for encoded in ["a=1&a=2", "a=1&a[b]=2", "a[b]=1&a=2", "a[b]=1&a[b]=2"] {
            assert!(
                matches!(parse(encoded), Err(FormError::Twice(_))),
                "{encoded}"
            );
        }
        let deep = format!("a{}=1", "[b]".repeat(10_000));
        assert!(matches!(parse(&deep), Err(FormError::Name(_))));
    }

    #[test]
    fn order_does_not_matter_for_what_is_asked() {
        let one = canonical(&parse("a=1&b[x]=2&b[y]=3").unwrap());
        let other = canonical(&parse("b[y]=3&b[x]=2&a=1").unwrap());
        assert_eq!(one, other);
    }
}
