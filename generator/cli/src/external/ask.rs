//! Asks web servers whether an address is there: politely, and with patience that ends.
//!
//! Hosts are asked side by side, each with one question at a time and a pause in between. A question is a HEAD; who
//! does not like that gets a GET, whose answer is not read.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error as _,
    io,
    time::Duration,
};

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{
    Method, Request, StatusCode,
    header::{ACCEPT, LOCATION, RETRY_AFTER, USER_AGENT},
};
use http_body_util::Empty;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tuition_site::Answer;
use url::{Host, Url};

/// Hosts that are asked at the same time.
const HOSTS: usize = 16;

/// Redirects that are followed.
const HOPS: usize = 10;

/// The longest that is waited because a server asks for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

const AGENT: &str = concat!("tuition/", env!("CARGO_PKG_VERSION"), " (checks links)");

/// How long is waited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For one answer.
    pub(super) answer: Duration,
    /// Between two questions to one host.
    pub(super) pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(15),
            pause: Duration::from_millis(100),
        }
    }
}

/// What came of it all.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// By address.
    pub(super) answers: BTreeMap<String, Answer>,
    /// How many hosts were asked.
    pub(super) hosts: usize,
    /// How many of them have no address of their own.
    pub(super) lost_hosts: usize,
}

/// Asks about each of these addresses.
///
/// # Errors
/// When the machine has no certificates or lets no runtime start.
pub(super) fn all(urls: &BTreeSet<&str>, patience: Patience) -> io::Result<Asked> {
    let mut asked = Asked::default();
    let mut by_host: BTreeMap<String, Vec<Url>> = BTreeMap::new();
    let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for url in urls {
        match Url::parse(url) {
            Ok(parsed) if parsed.host().is_some() => {
                let host = parsed.authority().to_owned();
                let names = written.entry(parsed.to_string()).or_default();
                if names.is_empty() {
                    by_host.entry(host).or_default().push(parsed);
                }
                names.push((*url).to_owned());
            }
            Ok(_) | Err(_) => {
                let why = "it is no address".to_owned();
                asked
                    .answers
                    .insert((*url).to_owned(), Answer::Gone { why });
            }
        }
    }
    if by_host.is_empty() {
        return Ok(asked);
    }
    asked.hosts = by_host.len();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let asker = Asker {
        client: client(patience)?,
        patience,
    };
    let answers = runtime.block_on(async {
        stream::iter(by_host.into_values())
            .map(|urls| asker.host(urls))
            .buffer_unordered(HOSTS)
            .collect::<Vec<_>>()
            .await
    });
    for host in answers {
        asked.lost_hosts += usize::from(host.is_lost);
        for (url, answer) in host.answers {
            for name in written.remove(url.as_str()).unwrap_or_default() {
                asked.answers.insert(name, answer.clone());
            }
        }
    }
    Ok(asked)
}

type WebClient = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// A client that trusts whom the machine trusts; where it has no list, whom browsers trust.
fn client(patience: Patience) -> io::Result<WebClient> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_connect_timeout(Some(patience.answer));
    let builder = HttpsConnectorBuilder::new();
    let builder = match builder.with_native_roots() {
        Ok(builder) => builder,
        Err(_) => HttpsConnectorBuilder::new().with_webpki_roots(),
    };
    let https = builder.https_or_http().enable_http1().wrap_connector(http);
    Ok(Client::builder(TokioExecutor::new()).build(https))
}

struct Asker {
    client: WebClient,
    patience: Patience,
}

/// The answers of one host.
struct OfHost {
    answers: Vec<(Url, Answer)>,
    is_lost: bool,
}

/// What a single question led to.
enum Reply {
    Status(StatusCode, Option<Url>),
    /// Asked too often; how long to wait.
    Busy(Option<Duration>),
    Failed(String),
}

impl Asker {
    async fn host(&self, urls: Vec<Url>) -> OfHost {
        let mut of_host = OfHost {
            answers: Vec::new(),
            is_lost: false,
        };
        if let Some(first) = urls.first()
            && let Err(answer) = look_up(first).await
        {
            of_host.is_lost = true;
            of_host.answers = urls.into_iter().map(|url| (url, answer.clone())).collect();
            return of_host;
        }
        let mut is_busy = false;
        for (position, url) in urls.into_iter().enumerate() {
            if position > 0 {
                tokio::time::sleep(self.patience.pause).await;
            }
            let answer = match is_busy {
                true => Answer::Unsure {
                    why: "not asked, since the host wants fewer questions".to_owned(),
                },
                false => self.address(&url, &mut is_busy).await,
            };
            of_host.answers.push((url, answer));
        }
        of_host
    }

    async fn address(&self, url: &Url, is_busy: &mut bool) -> Answer {
        let mut at = url.clone();
        // Where it has moved for good: as far as each step was one for good.
        let mut moved: Option<Url> = None;
        let mut is_for_good = true;
        for _ in 0..=HOPS {
            let (status, next) = match self.question(&at).await {
                Reply::Status(status, next) => (status, next),
                Reply::Failed(why) => return Answer::Unsure { why },
                Reply::Busy(_) => {
                    *is_busy = true;
                    return Answer::Unsure {
                        why: said(StatusCode::TOO_MANY_REQUESTS),
                    };
                }
            };
            let Some(next) = next else {
                return verdict(status, url, &at, moved);
            };
            is_for_good &= matches!(
                status,
                StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT
            );
            if is_for_good {
                moved = Some(next.clone());
            }
            at = next;
        }
        Answer::Unsure {
            why: format!("more than {HOPS} redirects"),
        }
    }

    /// HEAD; GET where the answer to that says little.
    async fn question(&self, url: &Url) -> Reply {
        let head = self.request(Method::HEAD, url).await;
        let is_plain =
            matches!(&head, Reply::Status(status, next) if status.is_success() || next.is_some());
        let is_final =
            matches!(&head, Reply::Failed(why) if why == NO_ANSWER || why.starts_with(NO_WAY));
        if is_plain || is_final {
            return head;
        }
        if let Reply::Busy(after) = head {
            match after.filter(|after| *after <= LONGEST_PAUSE) {
                Some(after) => tokio::time::sleep(after).await,
                None => return head,
            }
        }
        self.request(Method::GET, url).await
    }

    async fn request(&self, method: Method, url: &Url) -> Reply {
        let mut asked = url.clone();
        asked.set_fragment(None);
        let request = Request::builder()
            .method(method)
            .uri(asked.as_str())
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, "*/*")
            .body(Empty::new());
        let request = match request {
            Ok(request) => request,
            Err(error) => return Reply::Failed(error.to_string()),
        };
        let answer = tokio::time::timeout(self.patience.answer, self.client.request(request));
        let response = match answer.await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Reply::Failed(reason(&error)),
            Err(_) => return Reply::Failed(NO_ANSWER.to_owned()),
        };
        let header = |name| response.headers().get(name)?.to_str().ok();
        match response.status() {
            StatusCode::TOO_MANY_REQUESTS => {
                let seconds = header(RETRY_AFTER).and_then(|after| after.parse().ok());
                Reply::Busy(seconds.map(Duration::from_secs))
            }
            status => {
                let next = header(LOCATION)
                    .filter(|_| status.is_redirection())
                    .and_then(|location| url.join(location).ok())
                    .filter(|next| matches!(next.scheme(), "http" | "https"));
                Reply::Status(status, next)
            }
        }
    }
}

/// A question that was not answered in time.
const NO_ANSWER: &str = "no answer in time";

/// How a reason begins when there was no connection at all.
const NO_WAY: &str = "no connection";

fn verdict(status: StatusCode, url: &Url, at: &Url, moved: Option<Url>) -> Answer {
    let why = match at == url {
        true => said(status),
        false => format!("{} at {at}", said(status)),
    };
    match (status, moved) {
        (status, Some(to)) if status.is_success() => Answer::Moved { to: to.to_string() },
        (status, None) if status.is_success() => Answer::There,
        (StatusCode::NOT_FOUND | StatusCode::GONE, _) => Answer::Gone { why },
        _ => Answer::Unsure { why },
    }
}

/// `404 Not Found`.
fn said(status: StatusCode) -> String {
    status.to_string()
}

/// Whether the name of a host means anything; if not, the answer for all of its addresses.
async fn look_up(url: &Url) -> Result<(), Answer> {
    let Some(Host::Domain(name)) = url.host() else {
        return Ok(());
    };
    let port = url.port_or_known_default().unwrap_or(443);
    let Err(error) = tokio::net::lookup_host((name, port)).await else {
        return Ok(());
    };
    // The system's words are all that tells a wrong name from a resolver that is away.
    match error.to_string().contains("emporary failure") {
        true => Err(Answer::Unsure {
            why: format!("the name {name} can't be looked up now"),
        }),
        false => Err(Answer::Gone {
            why: format!("there is no host {name}"),
        }),
    }
}

/// The innermost reason of a failed request.
fn reason(error: &hyper_util::client::legacy::Error) -> String {
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    match error.is_connect() {
        true => format!("{NO_WAY}: {text}"),
        false => format!("the connection broke: {text}"),
    }
}
