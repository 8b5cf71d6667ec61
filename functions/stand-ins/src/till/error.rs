//! Errors of the Stripe API, in Stripe's shape and, where it is known, in Stripe's words.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::fields::MissingField;
use super::form::FormError;
use super::store::StoreError;

/// An error answer: `{error: {type, code?, message, param?, …}}`.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    /// The endpoint had begun its work: the answer is kept for the idempotency key, as Stripe does.
    /// What fails while the request is being checked is not kept, so it can be mended and retried.
    pub(crate) executed: bool,
}

impl ApiError {
    /// The request is wrong: 400 `invalid_request_error`.
    pub(crate) fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code: None,
            message: message.into(),
            param: Some(param.into()).filter(|param| !param.is_empty()),
            executed: false,
        }
    }

    pub(crate) fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The request was good, but the objects' state does not allow it.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Self {
        let mut error = Self::invalid("", message).with_code(code);
        error.executed = true;
        error
    }

    /// Parameters that Stripe does not know or the till does not support.
    pub(crate) fn unknown_parameters(names: &[String]) -> Self {
        let plural = if names.len() == 1 { "" } else { "s" };
        let first = names.first().cloned().unwrap_or_default();
        Self::invalid(
            first,
            format!(
                "Received unknown parameter{plural}: {}. (This is the test till: it knows a part of \
                 Stripe's parameters and refuses the others.)",
                names.join(", ")
            ),
        )
        .with_code("parameter_unknown")
    }

    pub(crate) fn missing(param: &str) -> Self {
        Self::invalid(param, format!("Missing required param: {param}."))
            .with_code("parameter_missing")
    }

    /// No object of that id: 404 if it is what the URL names, else 400 for the parameter.
    pub(crate) fn no_such(kind: &str, id: &str, param: &str) -> Self {
        let mut error =
            Self::invalid(param, format!("No such {kind}: '{id}'")).with_code("resource_missing");
        if param == "id" {
            error.status = StatusCode::NOT_FOUND;
        }
        error
    }

    pub(crate) fn no_such_url(method: &str, path: &str) -> Self {
        let mut error = Self::invalid(
            "",
            format!(
                "Unrecognized request URL ({method}: {path}). (This is the test till: it knows a part \
                 of Stripe's API.)"
            ),
        );
        error.status = StatusCode::NOT_FOUND;
        error
    }

    pub(crate) fn unauthorized(message: &str) -> Self {
        let mut error = Self::invalid("", message);
        error.status = StatusCode::UNAUTHORIZED;
        error
    }

    /// An idempotency key was used before for another request.
    pub(crate) fn idempotency(message: String) -> Self {
        let mut error = Self::invalid("", message);
        error.kind = "idempotency_error";
        error
    }

    /// The failure that `POST /_dev/till/faults` asked for.
    pub(crate) fn fault(status: StatusCode) -> Self {
        let limited = status == StatusCode::TOO_MANY_REQUESTS;
        let kind = if status.is_server_error() {
            "api_error"
        } else {
            "invalid_request_error"
        };
        Self {
            status,
            kind,
            code: limited.then_some("rate_limit"),
            message: "A fault that was asked for at the test till.".to_owned(),
            param: None,
            executed: false,
        }
    }

    fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "the till failed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "api_error",
            code: None,
            message: "The till failed; its log says why.".to_owned(),
            param: None,
            executed: false,
        }
    }

    /// The code (the type where there is none) and the message.
    pub(crate) fn into_code_and_message(self) -> (&'static str, String) {
        (self.code.unwrap_or(self.kind), self.message)
    }

    pub(crate) fn body(&self) -> Value {
        let mut error = Map::new();
        if let Some(code) = self.code {
            error.insert("code".to_owned(), code.into());
            error.insert(
                "doc_url".to_owned(),
                format!(
                    "https://stripe.com/docs/error-codes/{}",
                    code.replace('_', "-")
                )
                .into(),
            );
        }
        error.insert("message".to_owned(), self.message.clone().into());
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), param.clone().into());
        }
        error.insert("type".to_owned(), self.kind.into());
        json!({ "error": error })
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<MissingField> for ApiError {
    fn from(error: MissingField) -> Self {
        Self::internal(&error)
    }
}

impl From<FormError> for ApiError {
    fn from(error: FormError) -> Self {
        let param = match &error {
            FormError::Encoding => String::new(),
            FormError::Name(name) | FormError::Twice(name) => name.clone(),
        };
        Self::invalid(param, error.to_string())
    }
}
