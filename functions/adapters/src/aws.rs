//! Who asks AWS, and in which region.
//!
//! A function knows it from the variables that Lambda sets ("Defined runtime environment variables"); they hold for as
//! long as its process lives. The chain of sources that AWS's tools look through (profiles, sign-in, the instance) is a
//! tenth of a function, for nothing: whoever needs it hands in what it found.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;

/// Lambda did not say who the function is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is missing: Lambda sets it")]
pub struct IdentityError(
    /// The variable.
    pub &'static str,
);

/// The identity of a function: `lookup` says what a variable holds.
pub fn of_function(lookup: impl Fn(&str) -> Option<String>) -> Result<SdkConfig, IdentityError> {
    let found = |name| lookup(name).filter(|value| !value.is_empty());
    let required = |name| found(name).ok_or(IdentityError(name));
    let credentials = Credentials::new(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        found("AWS_SESSION_TOKEN"),
        None,
        "lambda",
    );
    Ok(identity(required("AWS_REGION")?, credentials))
}

/// Nobody: for stand-ins, which take any name.
pub fn made_up() -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "local");
    identity("us-east-1".to_owned(), credentials)
}

/// How often and how long is tried is for each client to say.
fn identity(region: String, credentials: Credentials) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::ProvideCredentials as _;

    use super::*;

    const SET: [(&str, &str); 4] = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "verysecret"),
        ("AWS_SESSION_TOKEN", "token"),
    ];

    fn without(missing: &str) -> Result<SdkConfig, IdentityError> {
        of_function(|name| {
            let (_, value) = SET.iter().find(|(known, _)| *known == name)?;
            (name != missing).then(|| (*value).to_owned())
        })
    }

    #[tokio::test]
    async fn a_function_is_who_lambda_says_and_no_text_shows_its_secret() {
        let config = without("").unwrap();
        assert_eq!(config.region().unwrap().as_ref(), "eu-central-1");
        let provider = config.credentials_provider().unwrap();
        let credentials = provider.provide_credentials().await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIAEXAMPLE");
        assert_eq!(credentials.secret_access_key(), "verysecret");
        assert_eq!(credentials.session_token(), Some("token"));
        assert!(!format!("{config:?} {credentials:?}").contains("verysecret"));
    }

    #[test]
    fn a_function_that_is_nobody_does_not_start() {
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            assert_eq!(without(name).unwrap_err(), IdentityError(name));
        }
        assert!(without("AWS_SESSION_TOKEN").is_ok());
        assert!(of_function(|_| Some(String::new())).is_err());
    }
}
