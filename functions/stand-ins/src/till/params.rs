//! Takes parameters out of a form one by one; what is left over at the end is unknown and refused.

use serde_json::{Map, Value};

use super::error::ApiError;
use super::form::{self, Node};

/// Parameters at one level of a request. `path` is the name they hang below, as the errors say it.
#[derive(Debug)]
pub(crate) struct Params {
    path: String,
    nodes: Vec<(String, Node)>,
    /// Full names of what nobody took at deeper levels.
    unknown: Vec<String>,
}

impl Params {
    /// Reads a query or a body.
    pub(crate) fn parse(encoded: &str) -> Result<Self, ApiError> {
        Ok(Self {
            path: String::new(),
            nodes: form::parse(encoded)?,
            unknown: Vec::new(),
        })
    }

    /// All of it in one comparable text.
    pub(crate) fn fingerprint(&self) -> String {
        form::canonical(&self.nodes).to_string()
    }

    /// The full name of the parameter `name` of this level: `line_items[0][price]`.
    pub(crate) fn name(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}[{name}]", self.path)
        }
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Node::Branch(_)) => Err(self.wrong(name, "string")),
            Some(Node::Text(text)) if text.is_empty() => {
                let name = self.name(name);
                let message = format!(
                    "You passed an empty string for '{name}'. We assume empty values are an attempt \
                     to unset a parameter; however '{name}' cannot be unset. You should remove \
                     '{name}' from your request or supply a non-empty value."
                );
                Err(ApiError::invalid(name, message).with_code("parameter_invalid_empty"))
            }
            Some(Node::Text(text)) => Ok(Some(text)),
        }
    }

    pub(crate) fn required_text(&mut self, name: &str) -> Result<String, ApiError> {
        self.text(name)?
            .ok_or_else(|| ApiError::missing(&self.name(name)))
    }

    /// One of `allowed`.
    pub(crate) fn choice(
        &mut self,
        name: &str,
        allowed: &[&'static str],
    ) -> Result<Option<&'static str>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match allowed.iter().find(|choice| **choice == text) {
            Some(choice) => Ok(Some(choice)),
            None => Err(ApiError::invalid(
                self.name(name),
                format!(
                    "Invalid {}: must be one of {} (at the test till)",
                    self.name(name),
                    allowed.join(", ")
                ),
            )),
        }
    }

    pub(crate) fn integer(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => {
                let name = self.name(name);
                let message = format!("Invalid integer: {text}");
                Err(ApiError::invalid(name, message).with_code("parameter_invalid_integer"))
            }
        }
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(ApiError::invalid(
                self.name(name),
                format!("Invalid boolean: {other}"),
            )),
        }
    }

    /// `automatic_tax[enabled]`: false if it isn't said.
    pub(crate) fn switched_on(&mut self, name: &str) -> Result<bool, ApiError> {
        let Some(mut switch) = self.hash(name)? else {
            return Ok(false);
        };
        let enabled = switch.boolean("enabled")?;
        self.close(switch);
        Ok(enabled.unwrap_or(false))
    }

    /// True, and it is taken, if `name` was sent empty: Stripe's way to unset something.
    pub(crate) fn unset(&mut self, name: &str) -> bool {
        let empty = |node: &Node| matches!(node, Node::Text(text) if text.is_empty());
        let at = self
            .nodes
            .iter()
            .position(|(known, node)| known == name && empty(node));
        at.map(|at| self.nodes.remove(at)).is_some()
    }

    /// A switch that the till only knows as off: `adjustable_quantity[enabled]=false`.
    pub(crate) fn only_disabled(&mut self, name: &str) -> Result<(), ApiError> {
        if self.switched_on(name)? {
            return Err(ApiError::invalid(
                format!("{}[enabled]", self.name(name)),
                format!("The test till does not support {name}."),
            ));
        }
        Ok(())
    }

    /// True if nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.unknown.is_empty()
    }

    /// True if `name` has parameters below it.
    pub(crate) fn is_hash(&self, name: &str) -> bool {
        let node = self.nodes.iter().find(|(known, _)| known == name);
        matches!(node, Some((_, Node::Branch(_))))
    }

    /// Named parameters below `name`. Give it back to [`close`](Self::close) when it is read.
    pub(crate) fn hash(&mut self, name: &str) -> Result<Option<Self>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Node::Text(_)) => Err(self.wrong(name, "hash")),
            Some(Node::Branch(nodes)) => Ok(Some(Self {
                path: self.name(name),
                nodes,
                unknown: Vec::new(),
            })),
        }
    }

    /// The hashes of the list `name`, in order.
    pub(crate) fn hashes(&mut self, name: &str) -> Result<Vec<Self>, ApiError> {
        let Some(list) = self.hash(name)? else {
            return Ok(Vec::new());
        };
        let path = list.path.clone();
        let mut hashes = Vec::new();
        for (index, node) in numbered(list)? {
            let path = format!("{path}[{index}]");
            match node {
                Node::Branch(nodes) => hashes.push(Self {
                    path,
                    nodes,
                    unknown: Vec::new(),
                }),
                Node::Text(_) => return Err(ApiError::invalid(path, "Invalid object")),
            }
        }
        Ok(hashes)
    }

    /// The texts of the list `name`, in order.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Vec<String>, ApiError> {
        let Some(list) = self.hash(name)? else {
            return Ok(Vec::new());
        };
        let path = list.path.clone();
        numbered(list)?
            .into_iter()
            .map(|(index, node)| match node {
                Node::Text(text) => Ok(text),
                Node::Branch(_) => Err(ApiError::invalid(
                    format!("{path}[{index}]"),
                    "Invalid string",
                )),
            })
            .collect()
    }

    /// Metadata: up to 50 keys of up to 40 characters, values up to 500. An empty value unsets its key.
    pub(crate) fn metadata(&mut self, name: &str) -> Result<Option<Map<String, Value>>, ApiError> {
        let Some(hash) = self.hash(name)? else {
            return Ok(None);
        };
        if hash.nodes.len() > 50 {
            return Err(ApiError::invalid(
                hash.path,
                "Metadata can have up to 50 keys.",
            ));
        }
        let mut map = Map::new();
        for (key, node) in hash.nodes {
            let path = format!("{}[{key}]", hash.path);
            let Node::Text(value) = node else {
                return Err(ApiError::invalid(path, "Metadata values must be strings."));
            };
            if key.chars().count() > 40 {
                return Err(ApiError::invalid(
                    path,
                    "Metadata keys can have up to 40 characters.",
                ));
            }
            if value.chars().count() > 500 {
                return Err(ApiError::invalid(
                    path,
                    "Metadata values can have up to 500 characters.",
                ));
            }
            map.insert(key, Value::String(value));
        }
        Ok(Some(map))
    }

    /// Ends the reading of a hash of this level: what is left in it is unknown.
    pub(crate) fn close(&mut self, hash: Self) {
        self.unknown.extend(hash.leftovers());
    }

    /// Ends the reading of the request.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        let unknown = self.leftovers();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(ApiError::unknown_parameters(&unknown))
        }
    }

    fn leftovers(mut self) -> Vec<String> {
        let here: Vec<String> = self.nodes.iter().map(|(name, _)| self.name(name)).collect();
        self.unknown.extend(here);
        self.unknown
    }

    fn take(&mut self, name: &str) -> Option<Node> {
        let at = self.nodes.iter().position(|(known, _)| known == name)?;
        Some(self.nodes.remove(at).1)
    }

    fn wrong(&self, name: &str, expected: &str) -> ApiError {
        let name = self.name(name);
        let message = format!("Invalid {name}: must be a {expected}");
        ApiError::invalid(name, message)
    }
}

/// The elements of a list by their numbers.
fn numbered(list: Params) -> Result<Vec<(u32, Node)>, ApiError> {
    let path = list.path;
    let mut elements = Vec::new();
    for (name, node) in list.nodes {
        let Ok(index) = name.parse() else {
            return Err(ApiError::invalid(path, "Invalid array"));
        };
        elements.push((index, node));
    }
    elements.sort_by_key(|(index, _)| *index);
    Ok(elements)
}

#[cfg(test)]
mod tests;
