use vocabulary::{Secret, Timestamp};

use crate::webhook::{Forged, Headers, verify};

const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNED_AT: i64 = 1_614_265_330;

/// The example of the Standard Webhooks reference libraries.
fn example() -> (Secret<String>, Headers<'static>) {
    let headers = Headers {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: "1614265330",
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    (
        Secret::new(String::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
        headers,
    )
}

fn check(headers: Headers<'_>, body: &[u8], seconds: i64) -> Result<(), Forged> {
    verify(&example().0, headers, body, Timestamp::from_seconds(seconds))
}

#[test]
fn the_reference_example_is_genuine_for_five_minutes() {
    let (_, headers) = example();
    assert_eq!(check(headers, BODY, SIGNED_AT), Ok(()));
    assert_eq!(check(headers, BODY, SIGNED_AT + 300), Ok(()));
    assert_eq!(check(headers, BODY, SIGNED_AT + 301), Err(Forged::Time));
    assert_eq!(check(headers, BODY, SIGNED_AT - 301), Err(Forged::Time));
}

#[test]
fn any_change_is_a_forgery() {
    let (_, headers) = example();
    assert_eq!(
        check(headers, br#"{"test": 2432232315}"#, SIGNED_AT),
        Err(Forged::Signature)
    );
    let other_id = Headers { id: "msg_2", ..headers };
    assert_eq!(check(other_id, BODY, SIGNED_AT), Err(Forged::Signature));
    let other_time = Headers {
        timestamp: "1614265331",
        ..headers
    };
    assert_eq!(check(other_time, BODY, SIGNED_AT), Err(Forged::Signature));
    let bare = Headers {
        signature: headers.signature.trim_start_matches("v1,"),
        ..headers
    };
    assert_eq!(
        check(bare, BODY, SIGNED_AT),
        Err(Forged::Signature),
        "a version is part of it"
    );
}

#[test]
fn one_of_several_signatures_is_enough_while_secrets_change() {
    let (_, headers) = example();
    let both = format!("v1,bm90IHRoaXMgb25l v1a,other {}", headers.signature);
    assert_eq!(
        check(
            Headers {
                signature: &both,
                ..headers
            },
            BODY,
            SIGNED_AT
        ),
        Ok(())
    );
}

#[test]
fn missing_headers_and_bad_secrets_are_told_apart() {
    let (_, headers) = example();
    assert_eq!(check(Headers::default(), BODY, SIGNED_AT), Err(Forged::Headers));
    assert_eq!(
        check(Headers { id: "a.b", ..headers }, BODY, SIGNED_AT),
        Err(Forged::Headers)
    );
    let secret = Secret::new(String::from("whsec_?"));
    assert_eq!(
        verify(&secret, headers, BODY, Timestamp::from_seconds(SIGNED_AT)),
        Err(Forged::Secret)
    );
}
