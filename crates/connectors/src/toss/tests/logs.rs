use std::cell::RefCell;
use std::fmt::{Debug, Write};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use vocabulary::Digits;
use vocabulary::pg::RefundAccount;

use super::*;

/// Keeps every field of every event, apart for each thread. It is the process's one subscriber: whether an
/// event is wanted at all is remembered for the whole process, so one of this test's own would miss some.
struct Lines;

thread_local! {
    static LINES: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("connectors")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        LINES.with_borrow_mut(|lines| {
            event.record(&mut Writer(lines));
            lines.push('\n');
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn logs_name_the_attempt_and_no_secret() {
    tracing::subscriber::set_global_default(Lines).unwrap();
    reported(approve(&pg().say(200, payment())));
    unknown(approve(
        &pg().say(200, with(json!({"version": "2027-01-01", "status": "PONDERING"}))),
    ));
    refused(approve(&pg().say(403, error("REJECT_CARD_PAYMENT"))));
    refused(approve(&pg().push(Err(TransportError::NotSent("closed".into())))));
    let mut ask = cancel_ask(None, 15_000);
    let number = Digits::parse("1002123456789").unwrap();
    ask.refund_account = Some(RefundAccount {
        bank: "20".into(),
        number,
        holder: "김뱃사공".into(),
    });
    toss(&pg().say(500, "<html>ps_naru"))
        .cancel(&ask)
        .now_or_never()
        .unwrap();
    let text = LINES.take();
    let lines: Vec<_> = text.lines().collect();
    let calls = lines.iter().filter(|line| line.contains("duration_ms="));
    assert!(
        calls.clone().count() == 5 && calls.clone().all(|line| line.contains(r#"pg="toss""#)),
        "{text}"
    );
    assert!(
        calls
            .clone()
            .all(|line| line.contains(&format!("attempt.id=\"{ORDER}\""))),
        "{text}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains("toss refused the approve") && line.contains("403 REJECT_CARD_PAYMENT"))
    );
    assert!(lines.iter().any(|line| line.contains("API version 2027-01-01")));
    for secret in [
        SECRET_KEY,
        "dGVzdF9za19",
        "ps_naru",
        "1002123456789",
        "김뱃사공",
        "43301234",
    ] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
