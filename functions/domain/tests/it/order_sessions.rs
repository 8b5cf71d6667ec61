//! The law of order sessions: paying is no sign-in. Whatever is bought, signed in, signed out,
//! refunded and erased, in whatever browsers, an order session opens what was paid in it and no
//! account; an account shows what was paid with its address and nothing else of the browser.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestError;
use tuition_catalog::Courses;
use tuition_domain::access::{Reader, erase_account, export_account, me, reader};
use tuition_domain::checkout::{Browser, StartRequest, project, start, view_order};
use tuition_domain::comments::{Comment, CommentId, LessonRef, Moderation};
use tuition_domain::identity::{OrderId, Secret, SessionToken};
use tuition_domain::ports::{Added, Comments as _};

use crate::access::{email, signed_in};
use crate::checkout::browser;
use crate::model::provider::Act;
use crate::model::shop::{Handler, Shop};
use crate::model::turns::run;
use crate::model::{cases, runner};

#[derive(Debug, Clone)]
enum Step {
    Buy {
        browser: usize,
        address: usize,
        offer: usize,
    },
    Pay(usize),
    Refund(usize),
    ComeBack {
        browser: usize,
        order: usize,
    },
    SignIn {
        browser: usize,
        address: usize,
    },
    SignOut(usize),
    Comment(usize),
    Erase(usize),
}

const ADDRESSES: [&str; 2] = ["one@x.example", "two@x.example"];
const BROWSERS: usize = 2;
const OFFERS: [&str; 2] = ["rust", "all-access"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (browser, address, order) = (0..BROWSERS, 0..ADDRESSES.len(), 0..4_usize);
    let step = prop_oneof![
        4 => (browser.clone(), address.clone(), 0..OFFERS.len())
            .prop_map(|(browser, address, offer)| Step::Buy { browser, address, offer }),
        5 => order.clone().prop_map(Step::Pay),
        1 => order.clone().prop_map(Step::Refund),
        8 => (browser.clone(), order).prop_map(|(browser, order)| Step::ComeBack { browser, order }),
        2 => (browser.clone(), address).prop_map(|(browser, address)| Step::SignIn { browser, address }),
        1 => browser.clone().prop_map(Step::SignOut),
        3 => browser.clone().prop_map(Step::Comment),
        1 => browser.prop_map(Step::Erase),
    ];
    proptest::collection::vec(step, 1..60)
}

/// A person at an address: whoever comes after an erasure is another one.
type Person = (usize, u32);

struct Sale {
    id: OrderId,
    browser: usize,
    /// Who is to have it: by the address typed, or by being signed in.
    address: usize,
    /// Set when it is paid.
    owner: Option<Person>,
}

/// What a browser is known to be.
#[derive(Default)]
struct Known {
    token: Option<SessionToken>,
    /// Whom it signed in by mail.
    person: Option<Person>,
    /// Orders that it paid and that are open in its session, besides an account's own.
    orders: BTreeSet<usize>,
    /// Comments that it wrote since its order session began.
    written: Vec<CommentId>,
}

struct Try {
    shop: Shop,
    browsers: Vec<Known>,
    sales: Vec<Sale>,
    erased: [u32; ADDRESSES.len()],
    /// Whose comments those are; none: of an order session that nobody has proved.
    authors: BTreeMap<CommentId, Option<Person>>,
    /// A planted mistake: the account of the paid address is taken for proved.
    is_trusting: bool,
    /// How often it came to what matters.
    reached: BTreeMap<&'static str, usize>,
}

impl Try {
    fn new(is_trusting: bool) -> Self {
        Self {
            shop: Shop::open(Handler::Ours),
            browsers: (0..BROWSERS).map(|_| Known::default()).collect(),
            sales: Vec::new(),
            erased: [0; ADDRESSES.len()],
            authors: BTreeMap::new(),
            is_trusting,
            reached: BTreeMap::new(),
        }
    }

    fn note(&mut self, what: &'static str) {
        *self.reached.entry(what).or_default() += 1;
    }

    fn reader(&self, browser: usize) -> Option<Reader> {
        let token = self.browsers[browser].token.as_ref()?;
        run(reader(&self.shop.ports().reader, token)).unwrap()
    }

    fn person(&self, address: usize) -> Person {
        (address, self.erased[address])
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Buy {
                browser,
                address,
                offer,
            } => self.buy(browser, address, OFFERS[offer]),
            Step::Pay(order) => self.act(order, Act::Pay),
            Step::Refund(order) => self.act(order, Act::Refund(100)),
            Step::ComeBack { browser, order } => self.come_back(browser, order),
            Step::SignIn { browser, address } => self.sign_in(browser, address),
            Step::SignOut(browser) => self.sign_out(browser),
            Step::Comment(browser) => self.comment(browser),
            Step::Erase(browser) => self.erase(browser),
        }
        self.shop.advance_by(jiff::SignedDuration::from_secs(1));
    }

    fn buy(&mut self, at: usize, address: usize, offer: &str) {
        let reader = self.reader(at);
        let request = StartRequest {
            offer: offer.to_owned(),
            email: Some(ADDRESSES[address].to_owned()),
            ..StartRequest::default()
        };
        let from = Browser {
            secret: Some(secret_of(at)),
            ..browser(None)
        };
        // Refused if they have it already.
        let started = run(start(self.shop.ports(), request, from, reader.as_ref()));
        if let Ok(started) = started {
            let known = self.browsers[at].person.filter(|_| reader.is_some());
            self.sales.push(Sale {
                id: started.session.id,
                browser: at,
                address: known.map_or(address, |(address, _)| address),
                owner: None,
            });
        }
    }

    fn act(&mut self, order: usize, act: Act) {
        let Some(sale) = self.sales.get_mut(order) else {
            return;
        };
        self.shop.provider.act(&sale.id, act, self.shop.now());
        // Fails for good if the buyer was erased before they paid: a person has to look.
        let _ = run(project(self.shop.ports(), &sale.id, "test"));
        let stored = self.shop.order(&sale.id);
        if stored.paid_at.is_some() && sale.owner.is_none() {
            sale.owner = Some((sale.address, self.erased[sale.address]));
        }
    }

    fn come_back(&mut self, at: usize, order: usize) {
        let Some(sale) = self.sales.get(order) else {
            return;
        };
        let token = self.browsers[at].token.clone();
        let current = self.reader(at).zip(token);
        let was_known = current.is_some();
        let secret = secret_of(at);
        let view = view_order(self.shop.ports(), &sale.id, Some(&secret), current);
        let view = run(view).unwrap().unwrap();
        assert_eq!(view.yours, sale.browser == at && !view.order.erased);
        let Some((_, token)) = view.reader else {
            return;
        };
        assert!(view.yours, "only the paying browser gets a session");
        let known = &mut self.browsers[at];
        if !was_known {
            *known = Known::default();
        }
        known.token = Some(token);
        if known.person.is_none() || known.person != sale.owner {
            known.orders.insert(order);
        }
    }

    fn sign_in(&mut self, at: usize, address: usize) {
        let current = self.reader(at);
        let person = self.person(address);
        if current.is_none() {
            self.browsers[at] = Known::default();
        }
        let token = signed_in(&self.shop, ADDRESSES[address], current.as_ref()).token;
        let known = &mut self.browsers[at];
        let sales = &self.sales;
        let is_theirs = |order: &usize| sales[*order].owner == Some(person);
        if known.person.is_none() && known.orders.iter().all(is_theirs) {
            // Paid in this browser for nobody else: it was them.
            for id in known.written.drain(..) {
                *self
                    .reached
                    .entry("a guest's comment is theirs")
                    .or_default() += 1;
                self.authors.insert(id, Some(person));
            }
        }
        known.written.clear();
        known.orders.retain(|order| !is_theirs(order));
        known.person = Some(person);
        known.token = Some(token);
    }

    fn sign_out(&mut self, at: usize) {
        if let Some(reader) = self.reader(at) {
            let sessions = &self.shop.ports().reader.sessions;
            run(sessions.end_session(reader.id(), &reader.session.secret)).unwrap();
        }
        self.browsers[at] = Known::default();
    }

    fn comment(&mut self, at: usize) {
        let Some(reader) = self.reader(at) else {
            return;
        };
        let ports = self.shop.access();
        let comment = Comment {
            id: CommentId::fresh(self.shop.now(), ports.entropy.as_ref()),
            lesson: LessonRef::parse("rust/traits").unwrap(),
            parent: None,
            author: reader.id().clone(),
            author_name: String::new(),
            by_author: false,
            by_owner: false,
            body: "why?".to_owned(),
            html: String::new(),
            question: false,
            mistake: false,
            created_at: self.shop.now(),
            edited_at: None,
            deleted: false,
            moderation: Moderation::default(),
            revision: 0,
        };
        let added = run(self.shop.store.add_comment(&comment, None)).unwrap();
        assert_eq!(added, Added::Yes);
        let known = &mut self.browsers[at];
        if known.person.is_none() {
            known.written.push(comment.id.clone());
        }
        self.authors.insert(comment.id, known.person);
    }

    fn erase(&mut self, at: usize) {
        let account = self.reader(at).and_then(Reader::into_account);
        if let Some(account) = account {
            run(erase_account(&self.shop.access(), &account)).unwrap();
            if !self.bought_by(self.browsers[at].person.unwrap()).is_empty() {
                self.note("a buyer is erased");
            }
            let person = self.browsers[at].person.unwrap();
            self.erased[person.0] += 1;
        }
    }

    /// Notes what browsers have come to.
    fn look(&mut self) {
        for at in 0..BROWSERS {
            if self
                .reader(at)
                .is_none_or(|reader| reader.courses.is_empty())
            {
                continue;
            }
            let known = &self.browsers[at];
            match (known.person, known.orders.is_empty()) {
                (None, _) => self.note("an order session opens a course"),
                (Some(_), false) => self.note("an account beside somebody else's purchase"),
                (Some(_), true) => self.note("an account opens a course"),
            }
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for (at, known) in self.browsers.iter().enumerate() {
            let Some(reader) = self.reader(at) else {
                continue;
            };
            let mut open: BTreeSet<usize> = known.orders.clone();
            if let Some(person) = known.person {
                open.extend(self.bought_by(person));
            }
            let opens = self.courses(&open);
            prop_assert_eq!(&reader.courses, &opens, "browser {}", at);
            let account = reader.into_account();
            let person = match self.is_trusting {
                true => known.person.or(self.payer(known)),
                false => known.person,
            };
            prop_assert_eq!(account.is_some(), person.is_some(), "browser {}", at);
            let (Some(account), Some(person)) = (account, person) else {
                continue;
            };
            prop_assert_eq!(&account.profile.email, &email(ADDRESSES[person.0]));
            let ports = self.shop.access();
            let shown = run(me(&ports, &account)).unwrap();
            let listed: BTreeSet<&OrderId> = shown.orders.iter().map(|order| &order.id).collect();
            let theirs = self.bought_by(person);
            let theirs: BTreeSet<&OrderId> = theirs.iter().map(|at| &self.sales[*at].id).collect();
            prop_assert_eq!(listed, theirs, "purchases of browser {}", at);
            let exported = run(export_account(&ports, &account)).unwrap();
            let by = |author: &&Option<Person>| **author == Some(person);
            let written = self.authors.values().filter(by).count();
            prop_assert_eq!(
                exported.comments.len(),
                written,
                "comments of browser {}",
                at
            );
        }
        Ok(())
    }

    /// The orders that a person paid.
    fn bought_by(&self, person: Person) -> Vec<usize> {
        let theirs = |sale: &Sale| sale.owner == Some(person);
        let numbered = self.sales.iter().enumerate();
        let found = numbered.filter(|(_, sale)| theirs(sale));
        found.map(|(at, _)| at).collect()
    }

    fn courses(&self, orders: &BTreeSet<usize>) -> Vec<String> {
        let now = self.shop.now();
        let rights: Vec<Courses> = orders
            .iter()
            .map(|order| self.shop.order(&self.sales[*order].id))
            .filter(|order| order.opens(now))
            .map(|order| order.courses)
            .collect();
        let catalog = self.shop.ports().reader.catalog.catalog();
        let priced = catalog.courses.iter().filter(|course| course.priced);
        priced
            .filter(|course| rights.iter().any(|right| right.contains(&course.id)))
            .map(|course| course.id.clone())
            .collect()
    }

    /// The planted mistake: whoever paid here must be the one whose address was typed.
    fn payer(&self, known: &Known) -> Option<Person> {
        known
            .orders
            .first()
            .and_then(|order| self.sales[*order].owner)
    }
}

fn secret_of(browser: usize) -> Secret {
    Secret::from_bytes([u8::try_from(browser + 1).unwrap(); 32])
}

fn tried(steps: &[Step], is_trusting: bool) -> Result<Try, TestCaseError> {
    let mut tried = Try::new(is_trusting);
    for step in steps {
        tried.step(step);
        tried.check()?;
        tried.look();
    }
    Ok(tried)
}

#[test]
fn an_order_session_never_reaches_an_account() {
    let reached = std::cell::RefCell::new(BTreeMap::<_, usize>::new());
    let outcome = runner(cases()).run(&steps(), |steps| {
        for (what, times) in tried(&steps, false)?.reached {
            *reached.borrow_mut().entry(what).or_default() += times;
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // Histories in which nothing happens would hold the law, too.
    let reached = reached.into_inner();
    for what in [
        "an order session opens a course",
        "an account opens a course",
        "an account beside somebody else's purchase",
        "a guest's comment is theirs",
        "a buyer is erased",
    ] {
        let times = reached.get(what).copied().unwrap_or(0);
        assert!(times >= 5, "{what}: {times} of {reached:?}");
    }
}

/// The reference tells a shop that takes a payment for a proof from one that does not.
#[test]
fn taking_a_payment_for_a_proof_would_be_found() {
    let outcome = runner(2_000).run(&steps(), |steps| tried(&steps, true).map(drop));
    assert!(matches!(outcome, Err(TestError::Fail(..))));
}
