//! Accounts on the model's store: signing in, changing the address, erasing.

use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};
use tuition_domain::access::{
    AccessPorts, Account, AddressError, Confirmed, Reader, SignInCookie, SignInError, SignedIn,
    ask, ask_change, confirm_change, consume, consume_code, erase_account, export_account,
    look_at_change, me, reader, waiting_change,
};
use tuition_domain::checkout::{StartRequest, deliver_mail, project, start};
use tuition_domain::email::Email;
use tuition_domain::identity::{LearnerId, OrderId, Secret, SessionToken};
use tuition_domain::mail::{Locale, Mail};
use tuition_domain::next::NextPath;

use crate::checkout::browser;
use crate::model::provider::Act;
use crate::model::shop::{Handler, Shop};
use crate::model::turns::run;

pub(crate) const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// The token of the link in a mail.
pub(crate) fn token_in(mail: &Mail) -> Secret {
    let link = mail.text.lines().find(|line| line.starts_with("http"));
    Secret::parse(link.unwrap().rsplit('/').next().unwrap()).unwrap()
}

/// The code in a sign-in mail.
pub(crate) fn code_in(mail: &Mail) -> String {
    let code = mail.text.lines().find(|line| line.len() == 6);
    code.unwrap().to_owned()
}

/// The last mail to an address.
pub(crate) fn mail_to(shop: &Shop, address: &str) -> Mail {
    let to = email(address);
    let last = |mails: &Vec<Mail>| mails.iter().rfind(|mail| mail.to == to).cloned();
    shop.store.look(|rows| last(&rows.mails)).unwrap()
}

pub(crate) fn asked(shop: &Shop, address: &str) -> SignInCookie {
    let next = NextPath::home();
    let asked = run(ask(&shop.access(), address, next, FROM, Locale::En));
    asked.unwrap().cookie
}

/// Signs in by mail, in a browser with this session.
pub(crate) fn signed_in(shop: &Shop, address: &str, current: Option<&Reader>) -> SignedIn {
    let cookie = asked(shop, address);
    let token = token_in(&mail_to(shop, address));
    let session = current.map(|reader| &reader.session);
    run(consume(&shop.access(), &token, Some(&cookie), session)).unwrap()
}

fn account(shop: &Shop, address: &str) -> (Account, SessionToken) {
    let SignedIn { reader, token, .. } = signed_in(shop, address, None);
    (reader.into_account().unwrap(), token)
}

fn again(ports: &AccessPorts, token: &SessionToken) -> Option<Reader> {
    run(reader(&ports.reader, token)).unwrap()
}

/// A guest opens a checkout for this address.
fn begun(shop: &Shop, address: &str) -> OrderId {
    let request = StartRequest {
        offer: "rust".to_owned(),
        email: Some(address.to_owned()),
        ..StartRequest::default()
    };
    let started = run(start(shop.ports(), request, browser(None), None));
    started.unwrap().session.id
}

fn paid(shop: &Shop, id: &OrderId) -> LearnerId {
    shop.provider.act(id, Act::Pay, shop.now());
    run(project(shop.ports(), id, "test")).unwrap();
    shop.order(id).holder.unwrap()
}

fn ask_to_change(shop: &Shop, account: &Account, to: &str) -> Result<(), AddressError> {
    let ports = shop.access();
    let next = NextPath::account();
    run(ask_change(&ports, account, to, next, FROM, Locale::En))
}

/// Both links of a change, the one to the old address first.
fn links(shop: &Shop, old: &str, new: &str) -> [Secret; 2] {
    [old, new].map(|address| token_in(&mail_to(shop, address)))
}

fn moved(confirmed: Confirmed) -> SignedIn {
    match confirmed {
        Confirmed::Moved(moved) => *moved,
        Confirmed::Waiting(_) => panic!("a proof is missing"),
    }
}

const OLD: &str = "old@x.example";
const NEW: &str = "new@x.example";

#[test]
fn an_address_is_changed_by_both_links_in_any_order() {
    for order in [[0, 1], [1, 0]] {
        let shop = Shop::open(Handler::Ours);
        let ports = shop.access();
        let (account, _) = account(&shop, OLD);
        let other = signed_in(&shop, OLD, None);
        ask_to_change(&shop, &account, NEW).unwrap();
        let links = links(&shop, OLD, NEW);
        let first = &links[order[0]];
        for _ in 0..2 {
            // Looking uses nothing up, and using one twice is no second proof.
            run(look_at_change(&ports, &account, first)).unwrap();
            let used = run(confirm_change(&ports, &account, first)).unwrap();
            assert!(matches!(used, Confirmed::Waiting(_)));
        }
        let waiting = run(waiting_change(&ports, &account.profile.id));
        assert_eq!(waiting.unwrap().unwrap().email, email(NEW));
        let SignedIn {
            reader,
            token,
            next,
        } = moved(run(confirm_change(&ports, &account, &links[order[1]])).unwrap());
        assert_eq!(next, NextPath::account());
        assert_eq!(reader.profile.as_ref().unwrap().email, email(NEW));
        assert_eq!(reader.id(), &account.profile.id);
        assert!(
            again(&ports, &token).is_some(),
            "this browser stays signed in"
        );
        assert!(again(&ports, &other.token).is_none(), "others do not");
        for address in [OLD, NEW] {
            let notice = mail_to(&shop, address);
            assert!(notice.key.is_some_and(|key| key.starts_with("notice/")));
        }
        assert_eq!(run(deliver_mail(shop.ports())).unwrap(), 0, "sent at once");
        // The new address opens the account, the old one a new one.
        let id = &account.profile.id;
        assert_eq!(signed_in(&shop, NEW, None).reader.id(), id);
        assert_ne!(signed_in(&shop, OLD, None).reader.id(), id);
    }
}

#[test]
fn a_link_works_only_where_the_account_is_signed_in_and_for_an_hour() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    let (mine, _) = account(&shop, OLD);
    let (theirs, _) = account(&shop, NEW);
    ask_to_change(&shop, &mine, "third@x.example").unwrap();
    let [old, third] = links(&shop, OLD, "third@x.example");
    for link in [&old, &third, &Secret::from_bytes([7; 32])] {
        let gone = |result| matches!(result, Err(AddressError::Gone));
        assert!(gone(run(confirm_change(&ports, &theirs, link)).map(drop)));
        assert!(gone(run(look_at_change(&ports, &theirs, link)).map(drop)));
    }
    let used = run(confirm_change(&ports, &mine, &old)).unwrap();
    assert!(matches!(used, Confirmed::Waiting(_)));
    // A later wish replaces the earlier, with what was proved of it.
    ask_to_change(&shop, &mine, "fourth@x.example").unwrap();
    for link in [&old, &third] {
        let refused = run(confirm_change(&ports, &mine, link));
        assert!(matches!(refused, Err(AddressError::Gone)));
    }
    let [_, fourth] = links(&shop, OLD, "fourth@x.example");
    shop.advance_by(SignedDuration::from_secs(3600));
    let refused = run(confirm_change(&ports, &mine, &fourth));
    assert!(matches!(refused, Err(AddressError::Gone)));
    let waiting = run(waiting_change(&ports, &mine.profile.id)).unwrap();
    assert_eq!(waiting, None);
}

#[test]
fn whether_an_address_is_taken_is_told_only_to_who_proved_both() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    let (mine, token) = account(&shop, OLD);
    let (theirs, _) = account(&shop, NEW);
    let refused = ask_to_change(&shop, &mine, " Old@X.example ");
    assert!(matches!(refused, Err(AddressError::Same)));
    let refused = ask_to_change(&shop, &mine, "nobody");
    assert!(matches!(refused, Err(AddressError::Email(_))));
    ask_to_change(&shop, &mine, NEW).unwrap();
    let [old, new] = links(&shop, OLD, NEW);
    run(confirm_change(&ports, &mine, &old)).unwrap();
    let refused = run(confirm_change(&ports, &mine, &new));
    assert!(matches!(refused, Err(AddressError::Taken)));
    assert!(again(&ports, &token).is_some(), "nothing has changed");
    assert_eq!(signed_in(&shop, NEW, None).reader.id(), &theirs.profile.id);
    assert_eq!(signed_in(&shop, OLD, None).reader.id(), &mine.profile.id);
    assert_eq!(run(waiting_change(&ports, &mine.profile.id)).unwrap(), None);
}

#[test]
fn a_mail_to_the_new_address_does_not_say_whose_account_it_is() {
    let shop = Shop::open(Handler::Ours);
    let (mine, _) = account(&shop, OLD);
    ask_to_change(&shop, &mine, NEW).unwrap();
    let mail = mail_to(&shop, NEW);
    for said in [&mail.subject, &mail.text, &mail.html] {
        assert!(!said.contains(OLD) && !said.contains(mine.profile.id.as_str()));
    }
    assert!(mail_to(&shop, OLD).text.contains(NEW), "the owner may know");
}

#[test]
fn what_is_paid_with_the_old_address_stays_with_whoever_had_it_then() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    let (mine, _) = account(&shop, OLD);
    let id = mine.profile.id.clone();
    let bought = begun(&shop, OLD);
    assert_eq!(paid(&shop, &bought), id);
    let under_way = begun(&shop, OLD);
    shop.advance_by(SignedDuration::from_secs(60));
    ask_to_change(&shop, &mine, NEW).unwrap();
    let [old, new] = links(&shop, OLD, NEW);
    run(confirm_change(&ports, &mine, &old)).unwrap();
    let mine = moved(run(confirm_change(&ports, &mine, &new)).unwrap());
    let mine = mine.reader.into_account().unwrap();
    shop.advance_by(SignedDuration::from_secs(60));
    // A payment that was begun before arrives after.
    assert_eq!(paid(&shop, &under_way), id);
    let receipt = mail_to(&shop, NEW);
    assert_eq!(receipt.key, Some(format!("{under_way}/receipt")));
    // A refund of what was paid before is a mail to where they are now.
    shop.provider.act(&bought, Act::Refund(100), shop.now());
    run(project(shop.ports(), &bought, "test")).unwrap();
    assert_eq!(shop.order(&bought).holder, Some(id.clone()));
    assert!(mail_to(&shop, NEW).subject.starts_with("Refunded"));
    let shown = run(me(&ports, &mine)).unwrap();
    assert_eq!(shown.orders.len(), 2);
    // What is begun later belongs to whoever proves the old address from now on.
    let later = begun(&shop, OLD);
    assert_ne!(paid(&shop, &later), id);
    assert_eq!(run(me(&ports, &mine)).unwrap().orders.len(), 2);
}

#[test]
fn whoever_is_suppressed_gets_no_mail_and_nothing_else_differs() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    let (mine, _) = account(&shop, OLD);
    let until = shop.now() + SignedDuration::from_hours(1);
    run(ports.suppressions.suppress(&email(NEW), until)).unwrap();
    let mails = || shop.store.look(|rows| rows.mails.len());
    let before = mails();
    asked(&shop, NEW);
    assert_eq!(mails(), before);
    ask_to_change(&shop, &mine, NEW).unwrap();
    assert_eq!(mails(), before + 1, "the one to the old address");
    let export = run(export_account(&ports, &mine)).unwrap();
    assert_eq!(export.address_change.unwrap().email, email(NEW));
}

#[test]
fn erasing_ends_every_session_and_says_so_once() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    let (mine, token) = account(&shop, OLD);
    let other = signed_in(&shop, OLD, None);
    let bought = begun(&shop, OLD);
    paid(&shop, &bought);
    run(erase_account(&ports, &mine)).unwrap();
    for token in [token, other.token] {
        assert!(again(&ports, &token).is_none());
    }
    let farewell = mail_to(&shop, OLD);
    let key = farewell.key.unwrap();
    let holder = shop.order(&bought).holder.unwrap();
    assert!(!key.contains(holder.as_str()), "the mail leads nowhere");
    assert_eq!(run(deliver_mail(shop.ports())).unwrap(), 0);
    let order = shop.order(&bought);
    assert!(order.erased && !order.opens(shop.now()));
    assert_eq!(order.entitlement(), None);
    // An event that comes later grants nothing again.
    shop.provider.act(&bought, Act::Fee, shop.now());
    run(project(shop.ports(), &bought, "late")).unwrap();
    let order = shop.order(&bought);
    assert!(order.cause == "late" && !order.opens(shop.now()));
    assert!(shop.store.look(|rows| rows.entitlements.is_empty()));
}

#[test]
fn the_last_mail_waits_three_days_for_the_mail_provider_and_no_longer() {
    for (hours, is_sent) in [(71, true), (72, false)] {
        let shop = Shop::open(Handler::Ours);
        let (mine, _) = account(&shop, OLD);
        let before = shop.sent().len();
        shop.fail_next_mail();
        run(erase_account(&shop.access(), &mine)).unwrap();
        assert_eq!(shop.sent().len(), before);
        shop.advance(hours);
        run(deliver_mail(shop.ports())).unwrap();
        assert_eq!(shop.sent().len() > before, is_sent, "after {hours} hours");
        let waiting = run(shop.access().outbox.mail_to(&email(OLD))).unwrap();
        assert!(waiting.is_empty(), "the address is gone from the queue");
    }
}

#[test]
fn who_complained_is_not_written_to_even_to_say_goodbye() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    let (mine, _) = account(&shop, OLD);
    let until = shop.now() + SignedDuration::from_hours(1);
    run(ports.suppressions.suppress(&email(OLD), until)).unwrap();
    let before = shop.sent().len();
    run(erase_account(&ports, &mine)).unwrap();
    assert_eq!(shop.sent().len(), before);
    assert!(run(ports.outbox.mail_to(&email(OLD))).unwrap().is_empty());
}

#[test]
fn an_erased_purchase_opens_in_no_other_account_of_its_browser() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    // One browser: bought for one address, signed in with another.
    let id = begun(&shop, OLD);
    paid(&shop, &id);
    let secret = Secret::from_bytes([9; 32]);
    let view = tuition_domain::checkout::view_order(shop.ports(), &id, Some(&secret), None);
    let (guest, _) = run(view).unwrap().unwrap().reader.unwrap();
    let SignedIn { reader, token, .. } = signed_in(&shop, NEW, Some(&guest));
    assert!(
        reader.opens("rust"),
        "what was paid in this browser stays open"
    );
    assert!(
        run(me(&ports, &reader.into_account().unwrap()))
            .unwrap()
            .orders
            .is_empty()
    );
    let (payer, _) = account(&shop, OLD);
    run(erase_account(&ports, &payer)).unwrap();
    assert!(!again(&ports, &token).unwrap().opens("rust"));
}

#[test]
fn the_browser_that_was_used_least_recently_makes_room_and_never_the_new_one() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    let most = shop.access().reader.catalog.catalog().site.limits.devices;
    let mut tokens = Vec::new();
    for _ in 0..most {
        tokens.push(signed_in(&shop, OLD, None).token);
        shop.advance(1);
    }
    // The first one is used again, a day later.
    shop.advance(25);
    assert!(again(&ports, &tokens[0]).is_some());
    let newest = signed_in(&shop, OLD, None).token;
    assert!(again(&ports, &newest).is_some());
    assert!(again(&ports, &tokens[0]).is_some());
    assert!(again(&ports, &tokens[1]).is_none(), "used least recently");
    assert!(
        tokens[2..]
            .iter()
            .all(|token| again(&ports, token).is_some())
    );
}

#[test]
fn a_session_lives_thirty_days_without_use_and_a_year_with_it() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    let unused = signed_in(&shop, OLD, None).token;
    let used = signed_in(&shop, NEW, None).token;
    let began = shop.now();
    shop.advance(30 * 24 - 1);
    let month = again(&ports, &used).unwrap();
    assert_eq!(month.session.used_at, shop.now());
    shop.advance(1);
    assert!(again(&ports, &unused).is_none());
    let mut last = began;
    while again(&ports, &used).is_some() {
        last = shop.now();
        shop.advance(24);
    }
    let day = SignedDuration::from_hours(24);
    assert_eq!(last, began + 364 * day);
    assert_eq!(shop.now(), began + 365 * day);
}

#[test]
fn a_code_takes_five_tries_and_small_slips_of_the_pen() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    for (wrong, ends_well) in [(4, true), (5, false)] {
        let cookie = asked(&shop, OLD);
        let code = code_in(&mail_to(&shop, OLD));
        for _ in 0..wrong {
            let refused = run(consume_code(&ports, "000000", Some(&cookie), None));
            assert!(matches!(refused, Err(SignInError::Gone)));
        }
        let typed = format!(" {}-{} ", code[..3].to_lowercase(), &code[3..]);
        let last = run(consume_code(&ports, &typed, Some(&cookie), None));
        assert_eq!(last.is_ok(), ends_well, "after {wrong} wrong codes");
    }
}

#[test]
fn a_session_of_before_the_change_is_over_even_if_its_row_is_left() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.access();
    let (mine, token) = account(&shop, OLD);
    let row = mine.session.clone();
    ask_to_change(&shop, &mine, NEW).unwrap();
    let [old, new] = links(&shop, OLD, NEW);
    run(confirm_change(&ports, &mine, &old)).unwrap();
    moved(run(confirm_change(&ports, &mine, &new)).unwrap());
    // As if the process had died before it came to this row.
    run(ports.reader.sessions.save_session(&row)).unwrap();
    assert!(again(&ports, &token).is_none());
    assert!(row.expires_at > Timestamp::UNIX_EPOCH && row.expires_at > shop.now());
}
