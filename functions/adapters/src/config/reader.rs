//! Reads variables one by one and collects what is wrong with them.

use tuition_domain::checkout::WebhookSecrets;
use tuition_domain::email::Email;
use tuition_domain::token::{Keys, KeysFile};
use url::{Host, Url};

use super::{Base, ConfigError, ENDPOINTS, Hidden, MailConfig, Stage, StripeConfig};
use crate::table::TableNames;

/// The secret of the stand-in's webhook, which everybody knows.
const LOCAL_WEBHOOK_SECRET: &str = "whsec_local";
/// Fewer characters could be guessed.
const SHORTEST_EDGE_SECRET: usize = 32;

pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            lookup,
            problems: Vec::new(),
        }
    }

    /// The whole, if nothing was wrong with any part.
    pub(super) fn finish<T>(self, whole: Option<T>) -> Result<T, ConfigError> {
        match whole {
            Some(whole) if self.problems.is_empty() => Ok(whole),
            _ => Err(ConfigError(self.problems)),
        }
    }

    pub(super) fn stage(&mut self) -> Option<Stage> {
        let name = self.required("TUITION_STAGE")?;
        let plain = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        match name.as_str() {
            "local" => Some(Stage::Local),
            "live" => Some(Stage::Live),
            _ if plain && name.len() <= 32 => Some(Stage::Preview(name)),
            _ => self.wrong("TUITION_STAGE must be 1 to 32 of a-z 0-9 -"),
        }
    }

    pub(super) fn base(&mut self, stage: Option<&Stage>) -> Option<Base> {
        let origin = self.origin(stage);
        let lasting = self.required("TUITION_TABLE");
        let ephemeral = self.required("TUITION_EPHEMERAL_TABLE");
        let catalog = self.required("TUITION_CATALOG");
        let edge_secret = self.required("TUITION_EDGE_SECRET");
        if let Some(secret) = &edge_secret
            && (secret.len() < SHORTEST_EDGE_SECRET
                || !secret.bytes().all(|b| b.is_ascii_graphic()))
        {
            self.wrong::<()>("TUITION_EDGE_SECRET must be at least 32 visible ASCII characters");
        }
        if lasting.is_some() && lasting == ephemeral {
            self.wrong::<()>(
                "TUITION_EPHEMERAL_TABLE must be another table than TUITION_TABLE: backups hold that one",
            );
        }
        if matches!(stage, Some(Stage::Preview(_) | Stage::Live)) {
            self.no_endpoints();
        }
        let dynamodb_url = self.stand_in("TUITION_DYNAMODB_URL", stage);
        Some(Base {
            stage: stage?.clone(),
            origin: origin?,
            tables: TableNames {
                lasting: lasting?,
                ephemeral: ephemeral?,
            },
            catalog: catalog?.into(),
            edge_secret: Hidden(edge_secret?),
            dynamodb_url: dynamodb_url?,
        })
    }

    fn no_endpoints(&mut self) {
        for name in ENDPOINTS {
            if (self.lookup)(name).is_some() {
                self.wrong::<()>(&format!(
                    "{name} names another host than AWS, which only stage local may use"
                ));
            }
        }
    }

    pub(super) fn keys(&mut self) -> Option<Keys> {
        let json = self.required("TUITION_ACCESS_KEYS")?;
        // The message of a JSON error may quote what it read.
        let Ok(file) = serde_json::from_str::<KeysFile>(&json) else {
            return self.wrong("TUITION_ACCESS_KEYS must be {\"signing\": …, \"keys\": {…}}");
        };
        match Keys::try_from(&file) {
            Ok(keys) => Some(keys),
            Err(error) => self.wrong(&format!("TUITION_ACCESS_KEYS: {error}")),
        }
    }

    pub(super) fn mail(&mut self, stage: Option<&Stage>) -> Option<MailConfig> {
        let from = self.required("TUITION_MAIL_FROM");
        if let Some(from) = &from
            && !is_sender(from)
        {
            self.wrong::<()>("TUITION_MAIL_FROM must be `Name <address>` or an address");
        }
        let ses_url = self.stand_in("TUITION_SES_URL", stage);
        Some(MailConfig {
            from: from?,
            ses_url: ses_url?,
        })
    }

    pub(super) fn stripe(&mut self, stage: Option<&Stage>) -> Option<StripeConfig> {
        let key = self.required("TUITION_STRIPE_KEY");
        if let (Some(key), Some(stage)) = (&key, stage) {
            let is = |mode: &str| ["sk", "rk"].iter().any(|kind| has_prefix(key, kind, mode));
            match stage {
                Stage::Live if !is("live") => {
                    self.wrong::<()>("TUITION_STRIPE_KEY must be a live key at stage live")
                }
                Stage::Local | Stage::Preview(_) if !is("test") => {
                    self.wrong("TUITION_STRIPE_KEY must be a test key at every stage but live")
                }
                _ => None,
            };
        }
        let url = self.stand_in("TUITION_STRIPE_URL", stage);
        Some(StripeConfig {
            key: Hidden(key?),
            url: url?,
        })
    }

    pub(super) fn webhook(&mut self, stage: Option<&Stage>) -> Option<WebhookSecrets> {
        let list = self.required("TUITION_WEBHOOK_SECRETS")?;
        let secrets: Vec<String> = list.split(',').map(|s| s.trim().to_owned()).collect();
        if !secrets.iter().all(|s| {
            s.strip_prefix("whsec_")
                .is_some_and(|rest| !rest.is_empty())
        }) {
            return self.wrong("TUITION_WEBHOOK_SECRETS must be whsec_…, commas between them");
        }
        let known = secrets.iter().any(|s| s == LOCAL_WEBHOOK_SECRET);
        if known && !matches!(stage, Some(Stage::Local) | None) {
            return self.wrong(
                "TUITION_WEBHOOK_SECRETS must not hold the stand-in's secret at a deployed stage",
            );
        }
        Some(WebhookSecrets(secrets))
    }

    fn origin(&mut self, stage: Option<&Stage>) -> Option<String> {
        let text = self.required("TUITION_ORIGIN")?;
        let url = Url::parse(&text).ok();
        let is_origin = url
            .as_ref()
            .is_some_and(|url| url.origin().ascii_serialization() == text);
        let fits = url.is_some_and(|url| {
            url.scheme() == "https"
                || (url.scheme() == "http" && is_loopback(&url) && stage == Some(&Stage::Local))
        });
        if is_origin && (fits || stage.is_none()) {
            Some(text)
        } else {
            self.wrong("TUITION_ORIGIN must be an https origin without a path or final slash")
        }
    }

    /// The address of a stand-in: `Some(None)` where there must be none.
    fn stand_in(&mut self, name: &str, stage: Option<&Stage>) -> Option<Option<String>> {
        match stage? {
            Stage::Local => {
                let text = self.required(name)?;
                let fits =
                    Url::parse(&text).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url));
                if fits {
                    Some(Some(text))
                } else {
                    self.wrong(&format!("{name} must be http on loopback"))
                }
            }
            Stage::Preview(_) | Stage::Live => match self.text(name) {
                None => Some(None),
                Some(_) => self.wrong(&format!(
                    "{name} names a stand-in, which only stage local may use"
                )),
            },
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|text| !text.trim().is_empty())
    }

    fn required(&mut self, name: &str) -> Option<String> {
        let text = self.text(name);
        if text.is_none() {
            self.wrong::<()>(&format!("{name} is missing"));
        }
        text
    }

    fn wrong<T>(&mut self, problem: &str) -> Option<T> {
        self.problems.push(problem.to_owned());
        None
    }
}

fn has_prefix(key: &str, kind: &str, mode: &str) -> bool {
    key.strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix('_'))
        .and_then(|rest| rest.strip_prefix(mode))
        .and_then(|rest| rest.strip_prefix('_'))
        .is_some_and(|rest| !rest.is_empty())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// An address, alone or as `Name <address>`; no line break could add a header.
fn is_sender(text: &str) -> bool {
    let address = match text.split_once('<') {
        None => Some(text),
        Some((_, rest)) => rest.strip_suffix('>'),
    };
    !text.contains(char::is_control) && address.is_some_and(|address| Email::parse(address).is_ok())
}
