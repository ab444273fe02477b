use super::super::client::Refusal;
use super::super::errors::{Verdict, meaning, verdict};
use super::*;

const UNCLEAR: &str = "A110 A226 A299 A400 A401 A402 A403 U303 U501 U503 U504 U508 P026 P027 P035 X002 X003 X004 T001 T002 T003 \
    2000 2159 4001 4008 4116 7010 F106 F107 F108 F109 F110 A111 S999 9002 I001 A246 V003";
const DONE_BEFORE: &str = "P015 U112 A127 2156 U114 A225 2201 2013 2015 7003 F201 3001 4000 4100 4110 7001 A000 2001 2211 \
    F100 F101 F200";
/// The manual's other codes.
const NO: &str = "3011 3021 3022 3023 3024 P037 3031 3032 3033 3053 3057 3095 F112 F113 F118 V513 A250 C001 C002 I002 P091 A245 \
    4107 4109 P001 P002 P005 P007 P008 P009 P010 P011 P012 P013 P014 P016 P017 P020 P021 P022 P023 P024 P025 P028 P029 P030 P031 \
    P032 P033 P038 U100 U101 U105 U108 U109 U110 U119 U124 U125 U129 U130 U131 U132 U306 U310 U312 U313 U314 U315 U316 U332 A101 \
    A211 A109 A114 A117 A121 A128 A147 A148 A149 A222 A224 A301 A302 A303 A304 A305 A306 A307 3012 3013 3014 3051 3061 3071 2151 \
    2152 M001 M002 V001 V802 U102 U103 U104 U304 U305 U320 U308 3041 A113 A116 A123 P034 U127 U502 U113 4101 7042 N001 P036 U321 \
    U115 A126 U309 A124 A125 A223 2003 2010 2011 U318 2012 U122 2014 2016 2017 2018 2019 2020 2023 2026 2027 2028 2029 2030 2031 \
    2032 2033 U123 2052 U128 U319 1534 1615 4102 4103 4104 4105 4106 4108 4111 4112 4113 4114 4115 4117 4118 4119 4120 4121 4122 \
    4123 4124 4125 4126 4127 4141 4142 4143 4144 4145 A107 A108 U107 U111 U126 A118 A251 U333 U334 U335 U336 U337 U338 U700 P039 \
    P040 P041 P042 P043 P044 U322 U323 U324 U325";

fn judged(status: u16, code: &str) -> (Reason, Verdict) {
    let (failure, verdict) = verdict(&Refusal {
        status: StatusCode::from_u16(status).unwrap(),
        code: code.into(),
        message: String::new(),
        body: Bytes::new(),
    });
    (failure.reason, verdict)
}

#[test]
fn every_documented_code_has_the_verdict_it_should() {
    let groups = [
        (UNCLEAR, Verdict::Unknown),
        (DONE_BEFORE, Verdict::AlreadyProcessed),
        (NO, Verdict::No),
    ];
    for (codes, expected) in groups {
        for code in codes.split_whitespace() {
            assert!(meaning(code).is_some(), "{code}");
            assert_eq!(judged(200, code).1, expected, "{code}");
            assert_eq!(judged(403, code).1, expected, "{code}");
            assert_eq!(judged(500, code).1, Verdict::Unknown, "a 5xx proves nothing: {code}");
            assert_eq!(judged(302, code).1, Verdict::Unknown, "{code}");
        }
    }
}

#[test]
fn a_code_nobody_documented_is_unknown_but_for_two_statuses() {
    for status in [200, 400, 403, 404, 405, 409, 500, 502, 503] {
        for code in ["B777", "0001", "P999", "V900", "V1", "41", "가나다라", ""] {
            assert_eq!(
                judged(status, code),
                (Reason::PgUnavailable, Verdict::Unknown),
                "{status} {code}"
            );
        }
    }
    assert_eq!(judged(401, "B777"), (Reason::Misconfigured, Verdict::No));
    assert_eq!(judged(429, ""), (Reason::TooManyRequests, Verdict::No));
    assert_eq!(refused(approve(&pg().say(429, "slow down"))).0, Reason::TooManyRequests);
    for status in [200, 400, 401, 403, 404, 502, 503] {
        let page = pg().say(status, "<html>nginx</html>");
        assert!(unknown(approve(&page)).contains(&status.to_string()));
    }
}

#[test]
fn a_refusal_in_a_200_has_its_reason_and_the_code_for_the_support_desk() {
    let no = |code| refused(approve(&pg().say(200, error(code)))).0;
    assert_eq!(no("3095"), Reason::DeclinedByIssuer);
    assert_eq!(no("3041"), Reason::BelowMinimum);
    assert_eq!(no("I002"), Reason::ClosedByShopper);
    assert_eq!(no("A245"), Reason::Expired);
    assert_eq!(no("U102"), Reason::Misconfigured);
    assert_eq!(no("A123"), Reason::BadRequest);
    let failed =
        json!({"resultCode": "3095", "resultMsg": "한도\n초과", "tid": TID, "orderId": ORDER, "status": "failed"});
    let Answer::No(failure) = approve(&pg().say(200, failed)) else {
        panic!()
    };
    assert_eq!(
        (failure.pg_code.as_str(), failure.pg_message.as_str()),
        ("3095", "한도 초과")
    );
    for code in ["2201", "U114", "P015"] {
        assert!(unknown(approve(&pg().say(200, error(code)))).contains("an inquiry tells"));
    }
    let success_code_at_a_wrong_status = pg().say(500, payment());
    unknown(approve(&success_code_at_a_wrong_status));
}
