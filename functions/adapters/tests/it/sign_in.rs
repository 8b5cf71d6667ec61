//! Signing in through the domain over the table: what many tries at a code at once may do is decided
//! by who counts first, and of all uses of a link one gets a session.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tuition_adapters::config::AccessConfig;
use tuition_adapters::{OsEntropy, Outside, SharedCatalog, Table, access_ports, aws};
use tuition_catalog::Catalog;
use tuition_domain::access::{
    AccessPorts, Link, SignInCookie, SignInError, ask, consume, consume_code,
};
use tuition_domain::email::Email;
use tuition_domain::identity::{Secret, SecretHash};
use tuition_domain::mail::Locale;
use tuition_domain::next::NextPath;
use tuition_domain::ports::{Links, Unavailable, Written};

use crate::sale::{CATALOG, ShopClock, variable};
use crate::stage::Stage;

/// Holds everybody who has just been counted until `gate` opens.
struct Crowded {
    links: Arc<dyn Links>,
    counted: AtomicUsize,
    gate: Semaphore,
}

#[async_trait]
impl Links for Crowded {
    async fn save_link(&self, link: &Link) -> Result<(), Unavailable> {
        self.links.save_link(link).await
    }

    async fn link_of(&self, email: &Email) -> Result<Option<Link>, Unavailable> {
        self.links.link_of(email).await
    }

    async fn link(&self, token: &SecretHash) -> Result<Option<Link>, Unavailable> {
        self.links.link(token).await
    }

    async fn consume_link(&self, link: &Link) -> Result<Written, Unavailable> {
        self.links.consume_link(link).await
    }

    async fn count_code_try(&self, link: &Link) -> Result<u32, Unavailable> {
        let tries = self.links.count_code_try(link).await;
        self.counted.fetch_add(1, Ordering::SeqCst);
        let _open = self.gate.acquire().await.unwrap();
        tries
    }
}

pub(crate) async fn ports(stage: &Stage) -> AccessPorts {
    ports_at(stage, |name: &str| variable(stage, name)).await
}

/// With a configuration that may lead by somebody who looks on.
pub(crate) async fn ports_at(
    stage: &Stage,
    lookup: impl Fn(&str) -> Option<String>,
) -> AccessPorts {
    let config = AccessConfig::parse(lookup).unwrap();
    let clock = Arc::new(ShopClock(stage.stand_ins.clock()));
    let outside = Outside {
        clock,
        entropy: Arc::new(OsEntropy),
        catalog: Arc::new(SharedCatalog::new(Catalog::from_json(CATALOG).unwrap())),
        aws: aws::made_up(),
    };
    let table = Table::of(&config.base, &outside);
    table.ensure().await.unwrap();
    access_ports(&config, &outside)
}

/// What stands in a sign-in mail.
struct Mail {
    token: Secret,
    code: String,
}

/// Asks for a link; the browser's cookie and what is in the mail.
async fn asked(stage: &Stage, ports: &AccessPorts) -> (SignInCookie, Mail) {
    let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let asked = ask(ports, "a@x.example", NextPath::home(), from, Locale::En)
        .await
        .unwrap();
    let mail = stage.outbox().await[0]["text"].as_str().unwrap().to_owned();
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|b| b.is_ascii_alphanumeric());
    let code = mail.lines().find(is_code).unwrap().to_owned();
    let link = mail.lines().find(|line| line.starts_with("http")).unwrap();
    let token = Secret::parse(link.rsplit('/').next().unwrap()).unwrap();
    (asked.cookie, Mail { token, code })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_code_among_many_at_once_does_not_sign_in() {
    const WRONG: usize = 10;
    let stage = Stage::start().await;
    let mut ports = ports(&stage).await;
    let (cookie, mail) = asked(&stage, &ports).await;
    let crowded = Arc::new(Crowded {
        links: ports.links.clone(),
        counted: AtomicUsize::new(0),
        gate: Semaphore::new(0),
    });
    ports.links = crowded.clone();
    let attempt = |code: String| {
        let (ports, cookie) = (ports.clone(), cookie.clone());
        tokio::spawn(async move { consume_code(&ports, &code, Some(&cookie), None).await })
    };
    let counted = || crowded.counted.load(Ordering::SeqCst);
    let wrong: Vec<_> = (0..WRONG).map(|_| attempt("no code".to_owned())).collect();
    while counted() < WRONG {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let right = attempt(mail.code);
    while counted() == WRONG && !right.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    crowded.gate.add_permits(WRONG + 1);
    assert!(matches!(right.await.unwrap(), Err(SignInError::Gone)));
    for task in wrong {
        assert!(matches!(task.await.unwrap(), Err(SignInError::Gone)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fifth_try_may_be_the_right_one_and_the_sixth_may_not() {
    for (wrong, signs_in) in [(4, true), (5, false)] {
        let stage = Stage::start().await;
        let ports = ports(&stage).await;
        let (cookie, mail) = asked(&stage, &ports).await;
        for _ in 0..wrong {
            let refused = consume_code(&ports, "no code", Some(&cookie), None).await;
            assert!(matches!(refused, Err(SignInError::Gone)));
        }
        let last = consume_code(&ports, &mail.code, Some(&cookie), None).await;
        assert_eq!(last.is_ok(), signs_in, "after {wrong} wrong codes");
    }
}

/// What a crowd does with one link: uses it, types its code, and asks for others meanwhile.
async fn rush(ports: &AccessPorts, cookie: &SignInCookie, mail: &Mail, asks: usize) -> usize {
    let mut running = Vec::new();
    for turn in 0..12 {
        let (ports, cookie) = (ports.clone(), cookie.clone());
        let (token, code) = (mail.token.clone(), mail.code.clone());
        running.push(tokio::spawn(async move {
            if turn < asks {
                let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
                let next = NextPath::home();
                ask(&ports, "a@x.example", next, from, Locale::En)
                    .await
                    .unwrap();
            }
            let used = if turn % 3 == 0 {
                consume_code(&ports, &code, Some(&cookie), None).await
            } else {
                consume(&ports, &token, Some(&cookie), None).await
            };
            match used {
                Ok(_) => 1,
                Err(SignInError::Gone) => 0,
                Err(error) => panic!("{error}"),
            }
        }));
    }
    let mut signed_in = 0;
    for task in running {
        signed_in += task.await.unwrap();
    }
    signed_in
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_links_codes_and_new_links_at_once_one_session_comes_or_none() {
    for asks in [0, 0, 0, 2, 2, 2] {
        let stage = Stage::start().await;
        let ports = ports(&stage).await;
        let (cookie, mail) = asked(&stage, &ports).await;
        let signed_in = rush(&ports, &cookie, &mail, asks).await;
        if asks == 0 {
            assert_eq!(signed_in, 1);
        }
        assert!(signed_in <= 1);
        let email = Email::parse("a@x.example").unwrap();
        let fresh = crate::sample::learner();
        let learner = ports.reader.learners.learner_of(&email, &fresh).await;
        let sessions = ports.reader.sessions.sessions(&learner.unwrap()).await;
        assert_eq!(sessions.unwrap().len(), signed_in);
    }
}
