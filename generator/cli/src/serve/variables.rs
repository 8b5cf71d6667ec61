//! The environment that a deployed function would have, for a local stage.

use tuition_stand_ins::{StandIns, WEBHOOK_SECRET};

use super::keys::LocalKeys;
use super::state::DevFile;

/// Where the stand-ins answer.
pub(crate) struct FarEnds {
    dynamodb: String,
    stripe: String,
    mail: String,
}

impl FarEnds {
    /// Those of this process.
    pub(crate) fn of(stand_ins: &StandIns) -> Self {
        Self {
            dynamodb: stand_ins.dynamodb_url(),
            stripe: stand_ins.stripe_url(),
            mail: stand_ins.mail_url(),
        }
    }

    /// Those of a `serve` that runs.
    pub(crate) fn of_running(dev: &DevFile) -> Self {
        Self {
            dynamodb: dev.dynamodb.clone(),
            stripe: dev.stripe_api.clone(),
            mail: dev.mail_api.clone(),
        }
    }
}

/// Names and values.
pub(crate) struct Variables(Vec<(&'static str, String)>);

impl Variables {
    /// Those of the shop at `origin`.
    ///
    /// # Errors
    /// Never in practice: keys are written as JSON.
    pub(crate) fn local(
        origin: &str,
        keys: &LocalKeys,
        ends: &FarEnds,
    ) -> Result<Self, serde_json::Error> {
        let text = str::to_owned;
        Ok(Self(vec![
            ("TUITION_STAGE", text("local")),
            ("TUITION_ORIGIN", text(origin)),
            ("TUITION_TABLE", text("tuition")),
            ("TUITION_EPHEMERAL_TABLE", text("tuition-ephemeral")),
            ("TUITION_CATALOG", text("in-memory")),
            ("TUITION_EDGE_SECRET", keys.edge_secret.clone()),
            ("TUITION_ACCESS_KEYS", serde_json::to_string(&keys.access)?),
            ("TUITION_STRIPE_KEY", text("sk_test_local")),
            ("TUITION_WEBHOOK_SECRETS", text(WEBHOOK_SECRET)),
            ("TUITION_MAIL_FROM", text("Tuition <shop@tuition.example>")),
            ("TUITION_DYNAMODB_URL", ends.dynamodb.clone()),
            ("TUITION_STRIPE_URL", ends.stripe.clone()),
            ("TUITION_SES_URL", ends.mail.clone()),
        ]))
    }

    /// The value of a name.
    pub(crate) fn lookup(&self, name: &str) -> Option<String> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    }
}
