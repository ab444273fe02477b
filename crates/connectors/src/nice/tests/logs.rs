use vocabulary::Digits;
use vocabulary::pg::RefundAccount;

use super::*;
use crate::logged::logged;

#[test]
fn logs_name_the_attempt_and_no_secret() {
    let text = logged(|| {
        reported(approve(&pg().say(200, payment())));
        refused(approve(&pg().say(200, error("3095"))));
        refused(approve(&pg().push(Err(TransportError::NotSent("closed".into())))));
        unknown(approve(&pg().say(502, "<html>123412******1234")));
        let mut ask = cancel_ask(None, 15_000);
        ask.refund_account = Some(RefundAccount {
            bank: "020".into(),
            number: Digits::parse("1002123456789").unwrap(),
            holder: "김뱃사공".into(),
        });
        unclear(nice(&pg()).cancel(&ask).now_or_never().unwrap());
        let token = json!({"resultCode": "0000", "accessToken": "t0ken", "expireAt": "0"});
        let with_token = nice_with(&settings(&[("auth", "bearer")]), &pg().say(200, token), clock(NOW));
        unknown(with_token.approve(&approve_ask()).now_or_never().unwrap());
    });
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{text}");
    assert!(
        lines
            .iter()
            .all(|line| line.contains(r#"pg="nice""#) && line.contains("duration_ms=")),
        "{text}"
    );
    let of_attempt = lines
        .iter()
        .filter(|line| line.contains(&format!("attempt.id=\"{ORDER}\"")));
    assert_eq!(of_attempt.count(), 6, "{text}");
    assert!(
        text.contains("nice refused the approve") && text.contains("200 3095"),
        "{text}"
    );
    for secret in [
        SECRET_KEY,
        CLIENT_ID,
        "UzJf",
        "t0ken",
        "1002123456789",
        "김뱃사공",
        "123412",
    ] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
