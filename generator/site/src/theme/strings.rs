//! UI strings: `strings/<language>.toml`, flat, with English behind it.

use std::collections::BTreeMap;

use super::{OWN, ThemeFiles};
use crate::{
    diagnostic::Diagnostic,
    load::{node::Value, toml},
    text::SourceText,
};

/// The strings of one language.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strings {
    texts: BTreeMap<String, String>,
}

impl Strings {
    /// Loads a language; what it lacks comes from its base language (`pt` for `pt-BR`), then from English. In each, what
    /// the site says itself comes before what the theme says.
    pub(super) fn load(files: &ThemeFiles, language: &str, report: &mut Vec<Diagnostic>) -> Self {
        let base = language.split('-').next().unwrap_or(language);
        let mut strings = Self::default();
        for path in ["en", base, language]
            .iter()
            .flat_map(|tag| ["", OWN].map(|owner| format!("{owner}strings/{tag}.toml")))
        {
            let Some(file) = files.get(&path) else {
                continue;
            };
            let Some(text) = SourceText::read(&file.shown, &file.bytes, report) else {
                continue;
            };
            for (key, node) in toml::read(&text, &text.text, 0, report) {
                match node.value {
                    Value::Text(value) => {
                        strings.texts.insert(key.name, value);
                    }
                    other => {
                        let message = format!("\"{}\" is {}, not text", key.name, other.kind());
                        report.push(text.error(node.at, "string", message, "write key = \"text\""));
                    }
                }
            }
        }
        strings
    }

    /// The string of a key, if there is one.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// All of them for the scripts, as one object of JSON.
    pub(super) fn json(&self) -> Vec<u8> {
        let texts = self
            .texts
            .iter()
            .map(|(key, text)| (key.clone(), text.clone().into()));
        serde_json::Value::Object(texts.collect())
            .to_string()
            .into_bytes()
    }

    /// All keys, sorted.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }
}
