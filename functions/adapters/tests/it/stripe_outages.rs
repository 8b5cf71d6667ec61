//! Stripe, or something on the way to it, fails; what is sent then, byte by byte, and what is said of it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tuition_adapters::StripePayments;
use tuition_domain::checkout::NewPaymentSession;
use tuition_domain::email::Email;
use tuition_domain::mail::Locale;
use tuition_domain::ports::Payments as _;

use crate::sample;

const KEY: &str = "sk_test_51Secret";
const OPENED: &str = r#"{"id": "cs_test_1", "url": "https://checkout.stripe.com/c/pay/cs_test_1"}"#;

/// What becomes of a request that was taken.
#[derive(Clone)]
enum Fate {
    /// An answer: status line, further headers, body.
    Answer(&'static str, &'static str, String),
    /// Nothing, ever.
    Silence,
    /// The first half of an answer.
    Cut,
    /// The connection ends without an answer.
    Lost,
    /// Something that is no HTTP.
    Noise,
}

fn answer(status: &'static str, body: &str) -> Fate {
    Fate::Answer(status, "", body.to_owned())
}

fn refusal(status: &'static str, headers: &'static str) -> Fate {
    let body = r#"{"error": {"type": "api_error", "message": "about buyer@x.example", "source": {"new": 1}}}"#;
    Fate::Answer(status, headers, body.to_owned())
}

/// Takes one request per connection, and deals out fates in order; the last one stays.
struct Provider {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    async fn start(fates: Vec<Fate>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&requests);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                let fate = {
                    let mut taken = taken.lock().unwrap();
                    taken.push(request);
                    fates[(taken.len() - 1).min(fates.len() - 1)].clone()
                };
                tokio::spawn(meet(stream, fate));
            }
        });
        Self { url, requests }
    }

    fn payments(&self) -> StripePayments {
        StripePayments::new(KEY, Some(&self.url)).unwrap()
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Head and body of a request.
async fn read(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.unwrap();
        text.extend_from_slice(&piece[..read]);
        let so_far = String::from_utf8(text.clone()).unwrap();
        let Some((head, body)) = so_far.split_once("\r\n\r\n") else {
            assert!(read > 0, "the request breaks off: {so_far}");
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        if body.len() >= length {
            return so_far;
        }
    }
}

async fn meet(mut stream: TcpStream, fate: Fate) {
    let whole = |status: &str, headers: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let bytes = match fate {
        Fate::Answer(status, headers, body) => whole(status, headers, &body),
        Fate::Cut => whole("200 OK", "", OPENED)[..100].to_owned(),
        Fate::Lost => return,
        Fate::Noise => "220 mail.example ESMTP\r\n".to_owned(),
        Fate::Silence => return std::future::pending().await,
    };
    stream.write_all(bytes.as_bytes()).await.unwrap();
}

fn request() -> NewPaymentSession {
    NewPaymentSession {
        offer: "rust".to_owned(),
        title: "Rust".to_owned(),
        unit_price: sample::money(4900),
        every: None,
        reference: "ref".to_owned(),
        quantity: 1,
        email: Some(Email::parse("buyer@x.example").unwrap()),
        success_url: "https://shop.example/back".to_owned(),
        cancel_url: "https://shop.example/".to_owned(),
        locale: Locale::En,
    }
}

/// Opens a session while `fate` befalls the first request, and counts the requests it took.
async fn opened_after(fate: Fate) -> usize {
    let provider = Provider::start(vec![fate, answer("200 OK", OPENED)]).await;
    let key = sample::attempt_key().provider_key();
    let opened = provider.payments().open(&request(), &key).await.unwrap();
    assert_eq!(opened.id.as_str(), "cs_test_1");
    let requests = provider.requests();
    let first = &requests[0];
    assert!(first.starts_with("POST /v1/checkout/sessions HTTP/1.1\r\n"));
    for header in [
        format!("authorization: Bearer {KEY}\r\n"),
        format!("idempotency-key: {key}\r\n"),
        "content-type: application/x-www-form-urlencoded\r\n".to_owned(),
        "stripe-version: 2".to_owned(),
    ] {
        assert!(first.contains(&header), "{header} in {first}");
    }
    assert!(requests.iter().all(|request| request == first));
    requests.len()
}

/// What is said when `fate` befalls every request, and how many there were.
async fn given_up_after(fate: Fate) -> (String, usize) {
    let provider = Provider::start(vec![fate]).await;
    let begun = Instant::now();
    let key = sample::attempt_key().provider_key();
    let error = provider.payments().open(&request(), &key).await;
    let error = error.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(10));
    for words in [error.to_string(), format!("{error:?}")] {
        for secret in [KEY, "51Secret", "buyer@x.example", &key] {
            assert!(!words.contains(secret), "{words}");
        }
    }
    (error.to_string(), provider.requests().len())
}

#[tokio::test]
async fn what_passes_is_asked_again_in_the_same_words_under_the_same_key() {
    for fate in [
        refusal("429 Too Many Requests", ""),
        refusal("500 Internal Server Error", ""),
        refusal("409 Conflict", ""),
        refusal("400 Bad Request", "stripe-should-retry: true\r\n"),
        answer("502 Bad Gateway", "<html>bad gateway</html>"),
        answer("404 Not Found", "<html>no such host here</html>"),
        answer("302 Found", ""),
        Fate::Cut,
        Fate::Lost,
        Fate::Noise,
    ] {
        assert_eq!(opened_after(fate).await, 2);
    }
}

#[tokio::test]
async fn silence_leaves_time_for_one_more_attempt() {
    assert_eq!(opened_after(Fate::Silence).await, 2);
}

#[tokio::test]
async fn a_refusal_that_stays_is_believed_at_once() {
    for (fate, words) in [
        (refusal("400 Bad Request", ""), "400 Bad Request api_error"),
        (
            refusal("401 Unauthorized", ""),
            "401 Unauthorized api_error",
        ),
        (
            refusal(
                "500 Internal Server Error",
                "stripe-should-retry: false\r\n",
            ),
            "500 Internal Server Error api_error",
        ),
        (answer("200 OK", "<html>"), "can't be read"),
        (answer("200 OK", &" ".repeat((8 << 20) + 1)), "too long"),
    ] {
        let (said, requests) = given_up_after(fate).await;
        assert!(said.contains(words), "{said}");
        assert_eq!(requests, 1, "{said}");
    }
}

#[tokio::test]
async fn a_failure_that_stays_is_given_up_in_time_and_told_without_secrets() {
    let outages = [
        (refusal("429 Too Many Requests", ""), "429"),
        (Fate::Lost, "can't be reached"),
        (Fate::Silence, "in time"),
    ];
    let all = outages.map(|(fate, words)| async move {
        let (said, requests) = given_up_after(fate).await;
        assert!(said.contains(words), "{said}");
        assert!(requests > 1, "{said}");
    });
    futures::future::join_all(all).await;
}

#[tokio::test]
async fn no_key_goes_to_a_server_without_a_certificate() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut piece = [0; 16_384];
        let read = stream.read(&mut piece).await.unwrap();
        stream
            .write_all(format!("HTTP/1.1 200 OK\r\n\r\n{OPENED}").as_bytes())
            .await
            .unwrap();
        piece[..read].to_vec()
    });
    let payments = StripePayments::new(KEY, Some(&url)).unwrap();
    let key = sample::attempt_key().provider_key();
    assert!(payments.open(&request(), &key).await.is_err());
    let seen = seen.await.unwrap();
    assert_eq!(seen[0], 22, "the first byte is that of a TLS handshake");
    assert!(!String::from_utf8_lossy(&seen).contains("51Secret"));
}
