//! From a payment to what its pages say.

use std::collections::BTreeSet;

use flows::Offer;
use payments::{Attempt, AttemptState, Confirm, Payment, State};
use url::Url;
use vocabulary::pg::{Card, Means, VirtualAccount};
use vocabulary::{Money, Reason};

use super::pages::*;
use super::text::Text;
use super::visit::Visit;

/// Where a page cannot run our script, it asks for news this often.
const REFRESH_SECONDS: u32 = 5;

pub(super) fn checkout_page(visit: &Visit) -> CheckoutPage {
    let (payment, text) = (&visit.payment, visit.text);
    let offers = visit.side.offers(payment);
    let last = payment.attempts.last();
    let chosen = last
        .map(|attempt| attempt.method)
        .filter(|method| offers.iter().any(|offer| offer.method == *method));
    let chosen = chosen.or(offers.first().map(|offer| offer.method));
    let ways = offers.iter().map(|offer| {
        let before = last
            .filter(|attempt| attempt.method == offer.method)
            .and_then(|attempt| attempt.kind.as_deref());
        way(text, payment, offer, chosen == Some(offer.method), before)
    });
    CheckoutPage {
        page: visit.page("checkout", Some("")),
        bill: bill(text, payment, true),
        alert: visit.parameter("failed").map(|reason| alert(text, reason)),
        action: visit.path("/attempts"),
        ways: ways.collect(),
        pay_label: text.with(
            "pay-button",
            &[("amount", &text.amount(payment.order.amount).to_string())],
        ),
    }
}

pub(super) fn bill(text: Text, payment: &Payment, with_time: bool) -> BillView {
    let order = &payment.order;
    let fact = |key: &str, value: String, sum| Fact {
        label: text.say(key),
        value,
        sum,
    };
    let amount = |money: Money| text.amount(money).to_string();
    let mut facts = vec![fact("order-number", order.id.to_string(), false)];
    facts.push(fact("supplied", amount(order.tax.supplied), false));
    facts.push(fact("vat", amount(order.tax.vat), false));
    if order.tax.tax_free.is_positive() {
        facts.push(fact("tax-free", amount(order.tax.tax_free), false));
    }
    if order.tax.exempt.is_positive() {
        facts.push(fact("tax-exempt", amount(order.tax.exempt), false));
    }
    facts.push(fact("total", amount(order.amount), true));
    BillView {
        name: order.name.clone(),
        amount: text.amount(order.amount),
        until: with_time.then(|| text.with("pay-until", &[("time", &text.time(payment.expires_at))])),
        facts,
    }
}

fn alert(text: Text, reason: &str) -> Alert {
    let said = text.say_or(
        &format!("failed-{}", reason.chars().take(40).collect::<String>()),
        &text.say("failed-other"),
    );
    let said = if reason == "choice" {
        said
    } else {
        format!("{} {said}", text.say("failed-money"))
    };
    Alert {
        title: text.say("failed-title"),
        text: said,
    }
}

fn way(text: Text, payment: &Payment, offer: &Offer, chosen: bool, kind: Option<&str>) -> Way {
    let method = offer.method.as_str();
    // Where there is only one kind there is nothing to choose.
    let kinds: Vec<KindView> = offer
        .kinds
        .iter()
        .filter(|_| offer.kinds.len() > 1)
        .map(|code| KindView {
            code,
            name: text.say_or(&format!("kind-{code}"), code),
            chosen: kind == Some(code),
        })
        .collect();
    let free: BTreeSet<u8> = payment
        .terms
        .interest_free
        .iter()
        .flat_map(|offer| offer.months.iter().copied())
        .collect();
    let months = |months: u8| {
        let key = if free.contains(&months) {
            "months-free"
        } else {
            "months"
        };
        Months {
            months,
            name: text.with(key, &[("months", &months.to_string())]),
        }
    };
    let mut instalments: Vec<Months> = (2..=offer.instalment_months_max).map(months).collect();
    let any_free = (2..=offer.instalment_months_max).any(|months| free.contains(&months));
    if !instalments.is_empty() {
        instalments.insert(
            0,
            Months {
                months: 0,
                name: text.say("at-once"),
            },
        );
    }
    Way {
        method,
        name: text.say_or(&format!("way-{method}"), method),
        hint: text.say(&format!("hint-{method}")),
        icon: icon(method),
        chosen,
        kinds_label: if kinds.is_empty() {
            String::new()
        } else {
            text.say(&format!("kinds-{method}"))
        },
        kinds_hint: if kinds.is_empty() {
            String::new()
        } else {
            text.say("kinds-hint")
        },
        kinds,
        instalments,
        instalment_hint: if any_free { text.say("free-hint") } else { String::new() },
    }
}

pub(super) fn method_name(text: Text, attempt: &Attempt) -> String {
    let method = attempt.method.as_str();
    let name = text.say_or(&format!("way-{method}"), method);
    match &attempt.kind {
        Some(kind) => format!("{name} · {}", text.say_or(&format!("kind-{kind}"), kind)),
        None => name,
    }
}

/// What the result page says of a payment.
struct Story {
    mood: Mood,
    title: &'static str,
    lines: Vec<String>,
    next: Vec<String>,
}

pub(super) fn result_page(visit: &Visit) -> ResultPage {
    let (payment, text) = (&visit.payment, visit.text);
    let story = story(visit);
    let undecided = matches!(
        payment.state,
        State::InProgress | State::Confirming | State::WaitingForDeposit
    );
    let checking = matches!(payment.state, State::InProgress | State::Confirming);
    let paid_by = payment.paid_by();
    let account = match paid_by.map(|attempt| &attempt.means) {
        Some(Means::VirtualAccount(account)) if payment.state == State::WaitingForDeposit => Some(account),
        _ => None,
    };
    ResultPage {
        bill: bill(text, payment, false),
        mood: story.mood,
        title: text.say(story.title),
        lines: story.lines,
        account: account.map(account_view),
        facts: facts(text, payment, account),
        next: story.next,
        outcome: outcome(payment.state),
        state: payment.state.as_str(),
        payment_id: payment.id.to_string(),
        order_id: payment.order.id.to_string(),
        status_url: undecided.then(|| format!("/checkout/{}/status", visit.token)),
        refresh_seconds: checking.then_some(REFRESH_SECONDS),
        back_url: back_to_shop(payment),
        again_url: undecided.then(|| visit.path("/result")),
        receipt_url: paid_by
            .filter(|_| payment.state.paid())
            .and_then(|attempt| attempt.receipt_url.clone())
            .filter(|url| url.starts_with("http")),
        page: visit.page("result", Some("/result")),
    }
}

fn story(visit: &Visit) -> Story {
    let (payment, text) = (&visit.payment, visit.text);
    let say = |keys: &[&str]| keys.iter().map(|key| text.say(key)).collect::<Vec<String>>();
    let tell = |mood, title, lines: &[&str], next: &[&str]| Story {
        mood,
        title,
        lines: say(lines),
        next: say(next),
    };
    // A PG that holds money it should not gives it back: "nothing was charged" would not be the truth.
    let held = payment
        .attempts
        .iter()
        .any(|attempt| matches!(attempt.state, AttemptState::Voiding | AttemptState::Voided));
    let unpaid_line = if held { "canceled-text" } else { "failed-money" };
    let unpaid_next: &[&str] = if held {
        &["next-refund-time", "next-order-again"]
    } else {
        &["next-order-again"]
    };
    match payment.state {
        State::Done => tell(Mood::Good, "paid", &["paid-text"], &[]),
        State::PartialCanceled => {
            let given_back = payment
                .canceled()
                .map(|amount| text.amount(amount).to_string())
                .unwrap_or_default();
            let line = text.with("part-canceled-text", &[("amount", &given_back)]);
            Story {
                lines: vec![line],
                ..tell(Mood::Back, "part-canceled", &[], &["next-refund-time"])
            }
        }
        State::Canceled if payment.canceled().is_ok_and(Money::is_positive) || held => {
            tell(Mood::Back, "canceled", &["canceled-text"], &["next-refund-time"])
        }
        State::Canceled => tell(Mood::Back, "canceled", &["given-up-text"], &[]),
        State::InProgress if payment.terms.confirm == Confirm::ByShop && agreed(payment) => tell(
            Mood::Checking,
            "checking",
            &["asking-shop-text"],
            &["next-do-not-pay-again", "next-may-close"],
        ),
        State::InProgress | State::Confirming => tell(
            Mood::Checking,
            "checking",
            &["checking-text"],
            &["next-do-not-pay-again", "next-may-close"],
        ),
        State::WaitingForDeposit => {
            let mut story = tell(Mood::Waiting, "deposit", &["deposit-text"], &["next-deposit-exact"]);
            if let Some(Means::VirtualAccount(VirtualAccount { due_at: Some(due), .. })) =
                payment.paid_by().map(|attempt| &attempt.means)
            {
                story
                    .next
                    .push(text.with("next-deposit-due", &[("time", &text.time(*due))]));
            }
            story
        }
        State::Aborted => {
            let mut story = tell(Mood::Bad, "not-paid", &[unpaid_line], unpaid_next);
            let why = payment
                .failure
                .as_ref()
                .map(|failure| text.say(&format!("failed-{}", failure.reason.as_str())));
            story.lines.extend(why.filter(|why| !why.is_empty()));
            story
        }
        State::Expired | State::Ready => tell(Mood::Bad, "expired", &[unpaid_line], unpaid_next),
    }
}

fn agreed(payment: &Payment) -> bool {
    payment
        .attempts
        .iter()
        .any(|attempt| attempt.state == AttemptState::Agreed)
}

fn facts(text: Text, payment: &Payment, account: Option<&VirtualAccount>) -> Vec<Fact> {
    let fact = |key: &str, value: String| Fact {
        label: text.say(key),
        value,
        sum: false,
    };
    let mut facts = vec![fact("order-number", payment.order.id.to_string())];
    if let Some(account) = account {
        facts.push(fact("account-holder", account.holder.clone()));
        facts.extend(account.due_at.map(|due| fact("due", text.time(due))));
        facts.extend(account.depositor.clone().map(|depositor| fact("depositor", depositor)));
        return facts;
    }
    let Some(attempt) = payment
        .paid_by()
        .filter(|_| !matches!(payment.state, State::Ready | State::Expired))
    else {
        return facts;
    };
    facts.push(fact("paid-with", paid_with(text, attempt)));
    if let Means::Card(card) | Means::EasyPay { card: Some(card), .. } = &attempt.means {
        facts.extend(card_facts(text, card));
    }
    facts.extend(attempt.approved_at.map(|at| fact("paid-at", text.time(at))));
    facts
}

fn card_facts(text: Text, card: &Card) -> Vec<Fact> {
    let fact = |key: &str, value: String| Fact {
        label: text.say(key),
        value,
        sum: false,
    };
    let mut facts = Vec::new();
    if card.instalment_months > 1 {
        let months = text.with("months", &[("months", &card.instalment_months.to_string())]);
        let value = if card.interest_free {
            format!("{months} · {}", text.say("interest-free"))
        } else {
            months
        };
        facts.push(fact("instalment-months", value));
    }
    if !card.approval_number.is_empty() {
        facts.push(fact("approval-number", card.approval_number.clone()));
    }
    facts
}

/// Method, company and masked number, as far as they are known.
fn paid_with(text: Text, attempt: &Attempt) -> String {
    let method = text.say_or(&format!("way-{}", attempt.method.as_str()), attempt.method.as_str());
    let mut parts = vec![method];
    match &attempt.means {
        Means::Card(card) => parts.extend([card.issuer.clone(), card.number_masked.clone()]),
        Means::EasyPay { provider, .. } => parts.push(provider.clone()),
        Means::VirtualAccount(account) => parts.push(account.bank.clone()),
        Means::Transfer { bank } => parts.push(bank.clone()),
        Means::Mobile { phone_masked } => parts.push(phone_masked.clone()),
        Means::GiftVoucher | Means::Unknown => {}
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

fn account_view(account: &VirtualAccount) -> AccountView {
    AccountView {
        bank: account.bank.clone(),
        number: account.number.clone(),
        digits: account
            .number
            .chars()
            .filter(|letter| !matches!(letter, '-' | ' '))
            .collect(),
    }
}

/// In the words of the SDK.
pub(super) fn outcome(state: State) -> &'static str {
    match state {
        State::Done | State::PartialCanceled => "paid",
        State::WaitingForDeposit => "waiting_for_deposit",
        State::InProgress | State::Confirming => "checking",
        State::Ready | State::Canceled | State::Aborted | State::Expired => "not_paid",
    }
}

/// The shop's address with a hint of what came of it. The shop's server knows better than to believe it.
fn back_to_shop(payment: &Payment) -> Option<String> {
    let mut url = Url::parse(payment.terms.return_url.as_deref()?).ok()?;
    url.query_pairs_mut()
        .append_pair("paymentId", &payment.id.to_string())
        .append_pair("orderId", payment.order.id.as_str())
        .append_pair("status", payment.state.as_str());
    Some(url.into())
}

/// Why an attempt came to nothing, as it stands in the checkout page's address.
pub(super) fn failed_because(payment: &Payment) -> &'static str {
    payment
        .failure
        .as_ref()
        .map_or(Reason::ClosedByShopper, |failure| failure.reason)
        .as_str()
}
