//! The law of links: each signs in at most once, whoever uses it, by link or by code, however what
//! they do is mixed, and wherever they die.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::TestError;
use tuition_domain::access::{SignInCookie, ask, consume, consume_code};
use tuition_domain::identity::SecretHash;
use tuition_domain::mail::Locale;
use tuition_domain::next::NextPath;

use crate::access::{FROM, code_in, token_in};
use crate::model::shop::{Handler, Shop};
use crate::model::turns::Tasks;
use crate::model::{cases, runner};

#[derive(Debug, Clone)]
enum Step {
    /// A browser asks for a link.
    Ask { browser: usize, address: usize },
    /// A browser uses the link of a mail.
    Link { mail: usize, browser: usize },
    /// A browser types the code of a mail, or a wrong one.
    Code {
        mail: usize,
        browser: usize,
        right: bool,
    },
    /// One of them goes on, up to the next call to the store.
    Poll { task: usize, times: usize },
    /// One of them dies.
    Kill(usize),
    /// Seconds go by.
    Later(i64),
}

const ADDRESSES: [&str; 2] = ["one@x.example", "two@x.example"];
const BROWSERS: usize = 3;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..BROWSERS, 0..ADDRESSES.len())
            .prop_map(|(browser, address)| Step::Ask { browser, address }),
        5 => (0..4_usize, 0..BROWSERS).prop_map(|(mail, browser)| Step::Link { mail, browser }),
        5 => (0..4_usize, 0..BROWSERS, prop::bool::weighted(0.7))
            .prop_map(|(mail, browser, right)| Step::Code { mail, browser, right }),
        20 => (0..8_usize, 1..12_usize).prop_map(|(task, times)| Step::Poll { task, times }),
        1 => (0..8_usize).prop_map(Step::Kill),
        1 => (1..700_i64).prop_map(Step::Later),
    ];
    proptest::collection::vec(step, 1..120)
}

struct Try {
    shop: Shop,
    tasks: Tasks,
    /// What each browser holds since it asked last.
    cookies: Arc<Mutex<BTreeMap<usize, SignInCookie>>>,
    /// Every sign-in, by the link that was used.
    signed_in: Arc<Mutex<Vec<SecretHash>>>,
}

impl Try {
    fn new(handler: Handler) -> Self {
        Self {
            shop: Shop::open(handler),
            tasks: Tasks::default(),
            cookies: Arc::default(),
            signed_in: Arc::default(),
        }
    }

    fn step(&mut self, step: &Step) {
        let ports = self.shop.access();
        let held = |browser| self.cookies.lock().unwrap().get(&browser).cloned();
        let mails = self.shop.store.look(|rows| rows.mails.clone());
        let signed_in = Arc::clone(&self.signed_in);
        match *step {
            Step::Ask { browser, address } => {
                let cookies = Arc::clone(&self.cookies);
                self.tasks.spawn(async move {
                    let next = NextPath::home();
                    let address = ADDRESSES[address];
                    if let Ok(asked) = ask(&ports, address, next, FROM, Locale::En).await {
                        cookies.lock().unwrap().insert(browser, asked.cookie);
                    }
                });
            }
            Step::Link { mail, browser } => {
                let cookie = held(browser);
                if let Some(token) = mails.iter().rev().nth(mail).map(token_in) {
                    self.tasks.spawn(async move {
                        if consume(&ports, &token, cookie.as_ref(), None).await.is_ok() {
                            signed_in.lock().unwrap().push(token.hash());
                        }
                    });
                }
            }
            Step::Code {
                mail,
                browser,
                right,
            } => {
                let cookie = held(browser);
                let mail = mails.iter().rev().nth(mail);
                if let (Some(cookie), Some(mail)) = (cookie, mail) {
                    let code = if right {
                        code_in(mail)
                    } else {
                        "000000".to_owned()
                    };
                    self.tasks.spawn(async move {
                        let used = consume_code(&ports, &code, Some(&cookie), None).await;
                        if used.is_ok() {
                            signed_in.lock().unwrap().push(cookie.link);
                        }
                    });
                }
            }
            Step::Poll { task, times } => self.tasks.poll(task, times),
            Step::Kill(task) => self.tasks.kill(task),
            Step::Later(seconds) => self.shop.advance_by(SignedDuration::from_secs(seconds)),
        }
    }

    /// Everybody gets to their end, and the law holds.
    fn check(&mut self) -> Result<usize, TestCaseError> {
        for _ in 0..64 {
            self.tasks.poll(0, 10_000);
        }
        let mut used = self.signed_in.lock().unwrap().clone();
        let times = used.len();
        used.sort();
        used.dedup();
        prop_assert_eq!(used.len(), times, "a link has signed in twice");
        let (sessions, links) = self
            .shop
            .store
            .look(|rows| (rows.sessions.len(), rows.mails.len()));
        prop_assert!(
            sessions <= links,
            "{} sessions of {} links",
            sessions,
            links
        );
        prop_assert!(times <= sessions, "a sign-in without a session");
        Ok(times)
    }
}

fn run(handler: Handler, steps: &[Step]) -> Result<usize, TestCaseError> {
    let mut tried = Try::new(handler);
    for step in steps {
        tried.step(step);
    }
    tried.check()
}

#[test]
fn a_link_signs_in_at_most_once_however_its_uses_are_mixed() {
    let sign_ins = std::cell::Cell::new(0);
    let outcome = runner(cases() * 2).run(&steps(), |steps| {
        sign_ins.set(sign_ins.get() + run(Handler::Ours, &steps)?);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // A shop that lets nobody in would hold the law, too.
    assert!(sign_ins.get() > cases() as usize, "{}", sign_ins.get());
}

/// The law is worth something: a store that forgets its condition breaks it.
#[test]
fn a_link_that_is_used_up_without_a_condition_is_found() {
    let outcome = runner(5_000).run(&steps(), |steps| {
        run(Handler::Unconditional, &steps).map(drop)
    });
    assert!(matches!(outcome, Err(TestError::Fail(..))));
}
