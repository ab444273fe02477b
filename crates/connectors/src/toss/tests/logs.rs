use vocabulary::Digits;
use vocabulary::pg::RefundAccount;

use super::*;
use crate::logged::logged;

#[test]
fn logs_name_the_attempt_and_no_secret() {
    let text = logged(|| {
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
    });
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
