//! `tuition check --external`, against servers of our own.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    process::Output,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use crate::sandbox::{Sandbox, code, errors, shown, tuition};

/// A web server that answers as each path says, and remembers what it was asked.
struct Server {
    origin: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || answer(&stream, &seen));
            }
        });
        Self { origin, asked }
    }

    /// Requests since the last call: `HEAD /ok`.
    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }
}

fn answer(mut stream: &TcpStream, seen: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(line) = lines.next() else { return };
    let agent = lines.take_while(|line| !line.is_empty()).any(|line| {
        line.to_ascii_lowercase()
            .starts_with("user-agent: tuition/")
    });
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    seen.lock().unwrap().push(format!("{method} {path}"));
    let is_head = method == "HEAD";
    let (status, more) = match path {
        _ if !agent => ("400 No Agent", ""),
        "/ok" => ("200 OK", ""),
        "/no-head" if is_head => ("405 Method Not Allowed", ""),
        "/hides-head" if is_head => ("404 Not Found", ""),
        "/no-head" | "/hides-head" => ("200 OK", ""),
        "/found" => ("302 Found", "Location: /ok\r\n"),
        "/moved" => ("301 Moved Permanently", "Location: /ok\r\n"),
        "/moved-twice" => ("308 Permanent Redirect", "Location: /moved\r\n"),
        "/moved-then-found" => ("301 Moved Permanently", "Location: /found\r\n"),
        "/moved-away" => ("301 Moved Permanently", "Location: /missing\r\n"),
        "/missing" => ("404 Not Found", ""),
        "/gone" => ("410 Gone", ""),
        "/locked" => ("403 Forbidden", ""),
        "/broken" => ("500 Internal Server Error", ""),
        "/round" => ("302 Found", "Location: /round\r\n"),
        "/soon" if is_head => ("429 Too Many Requests", "Retry-After: 1\r\n"),
        "/soon" => ("200 OK", ""),
        "/busy" => ("429 Too Many Requests", ""),
        "/slow" => {
            thread::sleep(Duration::from_secs(5));
            ("200 OK", "")
        }
        // Closed without a word.
        _ => return,
    };
    let body = if is_head { "" } else { "body" };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: 4\r\nConnection: close\r\n{more}\r\n{body}"
    );
}

/// A site whose one page links to these addresses, each in a line of its own.
fn site(urls: &[String], checks: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let toml = fs::read_to_string(sandbox.path("content/site.toml")).unwrap();
    sandbox.write(
        "content/site.toml",
        &format!("{toml}\n[checks]\nexternal_private = true\n{checks}\n"),
    );
    let links: String = urls.iter().map(|url| format!("- [x]({url})\n")).collect();
    sandbox.write(
        "content/pages/links.md",
        &format!("+++\ntitle = \"L\"\n+++\n{links}"),
    );
    sandbox
}

fn check(sandbox: &Sandbox, more: &[&str]) -> Output {
    sandbox.run(&[&["check", "--external", "--timeout", "1"], more].concat())
}

/// What is told of the page, by line.
fn told(output: &Output) -> BTreeMap<usize, String> {
    let errors = errors(output);
    let lines = errors.lines().filter_map(|line| {
        let (number, rest) = line
            .strip_prefix("content/pages/links.md:")?
            .split_once(":7: ")?;
        Some((number.parse().unwrap(), rest.to_owned()))
    });
    lines.collect()
}

#[test]
fn every_answer_is_told_as_what_it_is() {
    let server = Server::start();
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let at = |path: &str| format!("{}{path}", server.origin);
    let cases = [
        (at("/ok"), ""),
        (at("/ok#part"), ""),
        (at("/no-head"), ""),
        (at("/hides-head"), ""),
        (at("/found"), ""),
        (at("/soon"), ""),
        (at("/moved"), "warning[external-link-moved]"),
        (at("/moved-twice"), "warning[external-link-moved]"),
        (at("/moved-then-found"), "warning[external-link-moved]"),
        (
            at("/moved-away"),
            "error[external-link]: \"{url}\" is not there: 404 Not Found at {origin}/missing",
        ),
        (
            at("/missing"),
            "error[external-link]: \"{url}\" is not there: 404 Not Found",
        ),
        (
            at("/gone"),
            "error[external-link]: \"{url}\" is not there: 410 Gone",
        ),
        (
            at("/locked"),
            "warning[external-link-unsure]: whether \"{url}\" is there can't be told: 403 Forbidden",
        ),
        (
            at("/broken"),
            "warning[external-link-unsure]: whether \"{url}\" is there can't be told: 500 Internal Server Error",
        ),
        (
            at("/round"),
            "warning[external-link-unsure]: whether \"{url}\" is there can't be told: more than 10 redirects",
        ),
        (
            at("/slow"),
            "warning[external-link-unsure]: whether \"{url}\" is there can't be told: no answer in time",
        ),
        (
            at("/silent"),
            "warning[external-link-unsure]: whether \"{url}\" is there can't be told: the connection broke",
        ),
        (
            format!("{closed}/"),
            "warning[external-link-unsure]: whether \"{url}\" is there can't be told: no connection",
        ),
        (
            "http://no-such-host.localdomain.nowhere/".to_owned(),
            "[external-link",
        ),
        ("https://courses.example/".to_owned(), ""),
        ("mailto:a@b.example".to_owned(), ""),
    ];
    let urls: Vec<_> = cases.iter().map(|(url, _)| url.clone()).collect();
    let sandbox = site(&urls, "");
    let checked = check(&sandbox, &[]);
    assert_eq!(code(&checked), 1, "{}", errors(&checked));
    let told = told(&checked);
    for (position, (url, expected)) in cases.iter().enumerate() {
        let expected = expected
            .replace("{url}", url)
            .replace("{origin}", &server.origin);
        let found = told
            .get(&(position + 4))
            .map(String::as_str)
            .unwrap_or_default();
        assert_eq!(found.is_empty(), expected.is_empty(), "{url}: {found}");
        assert!(found.contains(&expected), "{url}: {found}\n{expected}");
    }
    let all = errors(&checked);
    for hint in [
        format!("\"{}\" has moved for good\n", at("/moved-twice")),
        format!("hint: write {}\n", at("/ok")),
        // As far as it has moved for good, and no further.
        format!("hint: write {}\n", at("/found")),
    ] {
        assert!(all.contains(&hint), "{hint} in {all}");
    }
}

#[test]
fn good_answers_are_remembered_for_some_hours_and_bad_ones_are_not() {
    let server = Server::start();
    let at = |path: &str| format!("{}{path}", server.origin);
    let sandbox = site(&[at("/ok"), at("/moved"), at("/missing"), at("/ok")], "");
    assert_eq!(code(&check(&sandbox, &[])), 1);
    assert_eq!(
        server.asked(),
        [
            "GET /missing",
            "HEAD /missing",
            "HEAD /moved",
            "HEAD /ok",
            "HEAD /ok"
        ]
    );
    let again = check(&sandbox, &[]);
    assert_eq!(server.asked(), ["GET /missing", "HEAD /missing"]);
    assert!(
        errors(&again).starts_with("addresses to ask: 1, known from the last hours: 2\n"),
        "{}",
        errors(&again)
    );
    let moved = &told(&again)[&5];
    assert!(
        moved.contains("has moved for good (as of 20") && moved.ends_with(" UTC)"),
        "{moved}"
    );
    check(&sandbox, &["--fresh"]);
    assert_eq!(server.asked().len(), 5);
    let known = sandbox.path(".tuition/links.json");
    let old = fs::read_to_string(&known)
        .unwrap()
        .replace("\"at\": \"20", "\"at\": \"19");
    fs::write(&known, old).unwrap();
    check(&sandbox, &[]);
    assert_eq!(server.asked().len(), 5, "what is old is asked again");
    fs::write(&known, "no json").unwrap();
    let damaged = check(&sandbox, &[]);
    assert!(
        errors(&damaged).contains("links.json can't be read"),
        "{}",
        errors(&damaged)
    );
    assert_eq!(server.asked().len(), 5);
}

#[test]
fn a_host_that_is_busy_is_left_alone() {
    let (busy, other) = (Server::start(), Server::start());
    let urls = [
        format!("{}/busy", busy.origin),
        format!("{}/ok", busy.origin),
        format!("{}/ok", other.origin),
    ];
    let checked = check(&site(&urls, ""), &[]);
    assert_eq!(code(&checked), 0, "{}", errors(&checked));
    assert_eq!(
        (busy.asked(), other.asked()),
        (vec!["HEAD /busy".to_owned()], vec!["HEAD /ok".to_owned()])
    );
    let told = told(&checked);
    assert!(
        told[&4].contains("429 Too Many Requests") && told[&5].contains("not asked"),
        "{told:?}"
    );
}

#[test]
fn a_site_says_what_is_asked_and_how_bad_an_answer_is() {
    let server = Server::start();
    let urls = [
        format!("{}/missing", server.origin),
        format!("{}/ok", server.origin),
    ];
    let ignored = site(
        &urls,
        &format!("external_ignore = [\"{}/mis\"]", server.origin),
    );
    assert_eq!(code(&check(&ignored, &[])), 0);
    assert_eq!(server.asked(), ["HEAD /ok"]);
    let off = site(
        &urls,
        "external-link = \"off\"\nexternal-link-moved = \"off\"\nexternal-link-unsure = \"off\"",
    );
    assert_eq!(code(&check(&off, &[])), 0);
    assert_eq!(server.asked(), Vec::<String>::new());
    let lenient = check(&site(&urls, "external-link = \"warning\""), &[]);
    assert_eq!(code(&lenient), 0, "{}", errors(&lenient));
    assert!(
        told(&lenient)[&4].starts_with("warning[external-link]"),
        "{}",
        errors(&lenient)
    );
    server.asked();
    let sandbox = site(&urls, "");
    let toml = fs::read_to_string(sandbox.path("content/site.toml")).unwrap();
    sandbox.write(
        "content/site.toml",
        &toml.replace("external_private = true\n", ""),
    );
    assert_eq!(
        code(&check(&sandbox, &[])),
        0,
        "this machine is nobody's to ask"
    );
    assert_eq!(server.asked(), Vec::<String>::new());
    assert_eq!(
        code(&tuition(&[
            "check",
            "--fresh",
            "--site",
            &shown(&sandbox.site())
        ])),
        2
    );
}
