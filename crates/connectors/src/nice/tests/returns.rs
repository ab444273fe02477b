use super::*;
use crate::Returned;

const TOKEN: &str = "NICEUNTT0123456789ABCDEF0123456789ABCDEF";

fn came_back(pairs: &[(&str, &str)]) -> Returned {
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    nice(&pg()).read_return(&pairs.iter().map(text).collect())
}

/// The example whose signature the public sandbox key makes.
fn agreed() -> Vec<(&'static str, &'static str)> {
    vec![
        ("authResultCode", "0000"),
        ("authResultMsg", "인증 성공"),
        ("tid", TID),
        ("clientId", CLIENT_ID),
        ("orderId", ORDER),
        ("amount", "15000"),
        ("mallReserved", ""),
        ("authToken", TOKEN),
        (
            "signature",
            "073ee706b1ceaa378adda82caacd57eebd47df58e63fdd2db1f695c6f83aa876",
        ),
    ]
}

fn but(name: &str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let change = |(known, old)| (known, if known == name { value } else { old });
    agreed().into_iter().map(change).collect()
}

#[test]
fn a_signed_agreement_is_a_claim() {
    let expected = Returned::Agreed {
        pg_key: TID.into(),
        pg_order_id: ORDER.into(),
        amount_text: "15000".into(),
    };
    assert_eq!(came_back(&agreed()), expected);
}

#[test]
fn one_that_is_not_signed_for_us_is_malformed() {
    for (name, value) in [
        (
            "signature",
            "073ee706b1ceaa378adda82caacd57eebd47df58e63fdd2db1f695c6f83aa877",
        ),
        ("signature", ""),
        ("amount", "100"),
        ("amount", "015000"),
        ("amount", "15000.0"),
        ("authToken", "NICEUNTT0123456789ABCDEF0123456789ABCDEE"),
        ("clientId", "S2_00000000000000000000000000000000"),
        ("tid", "../../cancel\n"),
        ("orderId", "a b"),
    ] {
        assert!(
            matches!(came_back(&but(name, value)), Returned::Malformed(_)),
            "{name}={value}"
        );
    }
    for missing in ["tid", "clientId", "orderId", "amount", "authToken", "signature"] {
        let pairs: Vec<_> = agreed().into_iter().filter(|(name, _)| *name != missing).collect();
        assert!(matches!(came_back(&pairs), Returned::Malformed(_)), "{missing}");
    }
}

#[test]
fn an_approval_by_the_window_itself_is_none() {
    let flat = [
        ("success", "true"),
        ("resultCode", "0000"),
        ("status", "paid"),
        ("tid", TID),
        ("orderId", ORDER),
    ];
    assert!(matches!(came_back(&flat), Returned::Malformed(what) if what.contains("client-approval")));
    assert!(matches!(came_back(&[]), Returned::Malformed(_)));
    assert!(matches!(came_back(&[("authResultCode", "가")]), Returned::Malformed(_)));
}

#[test]
fn a_shopper_who_gave_up_is_no_mistake() {
    let reason = |code, message| match came_back(&[("authResultCode", code), ("authResultMsg", message)]) {
        Returned::Refused(failure) => (failure.reason, failure.pg_message),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        reason("I002", "사용자\r\n취소"),
        (Reason::ClosedByShopper, "사용자  취소".into())
    );
    assert_eq!(reason("P091", "").0, Reason::ClosedByShopper);
    assert_eq!(reason("C001", "").0, Reason::AuthenticationFailed);
    assert_eq!(reason("B777", "").0, Reason::DeclinedByIssuer);
}
