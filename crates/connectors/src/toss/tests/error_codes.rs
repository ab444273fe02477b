use super::super::client::Refusal;
use super::super::errors::{Verdict, meaning, verdict};
use super::*;

/// The manual's whole list, with the status it gives them.
const DOCUMENTED: &[(u16, &str)] = &[
    (
        400,
        "INVALID_CARD_NUMBER INVALID_CARD_EXPIRATION INVALID_CARD_PASSWORD INVALID_CARD_IDENTITY INVALID_BIRTH_DAY_FORMAT \
         INVALID_STOPPED_CARD INVALID_REJECT_CARD INVALID_CARD_LOST_OR_STOLEN NOT_REGISTERED_CARD_COMPANY \
         NOT_SUPPORTED_CARD_TYPE INVALID_CARD_COMPANY INVALID_CARD_INSTALLMENT_PLAN NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN \
         NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT EXCEED_MAX_CARD_INSTALLMENT_PLAN \
         NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN_BELOW_AMOUNT NOT_ALLOWED_INSTALLMENT_BELOW_AMOUNT NOT_ALLOWED_POINT_USE \
         RESTRICTED_TRANSFER_ACCOUNT INVALID_ACCOUNT_INFO_RE_REGISTER INVALID_ACCOUNT_NUMBER INVALID_BANK \
         INVALID_REFUND_ACCOUNT_INFO INVALID_REFUND_ACCOUNT_NUMBER NOT_AVAILABLE_PAYMENT",
    ),
    (
        403,
        "REJECT_CARD_PAYMENT REJECT_ACCOUNT_PAYMENT REJECT_TOSSPAY_INVALID_ACCOUNT NOT_AVAILABLE_BANK INVALID_PASSWORD \
         REJECT_CARD_COMPANY",
    ),
    (400, "PROVIDER_ERROR CARD_PROCESSING_ERROR MAINTAINED_METHOD"),
    (409, "IDEMPOTENT_REQUEST_PROCESSING"),
    (
        500,
        "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING FAILED_INTERNAL_SYSTEM_PROCESSING UNKNOWN_PAYMENT_ERROR UNKNOWN_ERROR \
         COMMON_ERROR FAILED_CARD_COMPANY_RESPONSE FAILED_DB_PROCESSING FAILED_METHOD_HANDLING FAILED_METHOD_HANDLING_CANCEL \
         FAILED_REFUND_PROCESS FAILED_PARTIAL_REFUND FAILED_CLOSED_ACCOUNT_REFUND FAILED_BILL_KEY_AUTH_CREATION",
    ),
    (
        400,
        "INVALID_REQUEST INVALID_REQUIRED_PARAM INVALID_API_KEY INVALID_CLIENT_KEY INVALID_ORDER_ID INVALID_ORDER_NAME \
         INVALID_EMAIL INVALID_CUSTOMER_KEY INVALID_CURRENCY INVALID_DATE INVALID_PAYMENT_KEY INVALID_IDEMPOTENCY_KEY \
         INVALID_TEST_CODE INVALID_FLOW_MODE_PARAMETERS INVALID_SUCCESS_URL INCORRECT_SUCCESS_URL_FORMAT \
         INCORRECT_FAIL_URL_FORMAT INVALID_AUTHORIZE_AUTH UNAPPROVED_ORDER_ID NOT_FOUND_TERMINAL_ID \
         INVALID_UNREGISTERED_SUBMALL NOT_REGISTERED_BUSINESS NOT_SUPPORTED_METHOD NOT_SUPPORTED_USD \
         API_VERSION_UPDATE_NEEDED NOT_MATCHES_CUSTOMER_KEY INVALID_BILL_KEY_REQUEST INVALID_BILLING_AUTH \
         EXCEED_MAX_DUE_DATE EXCEED_MAX_VALID_HOURS INVALID_VALID_HOURS_WITH_DUE_DATE_AND_SINGLE \
         INVALID_CARD_INSTALLMENT_PLANS_WITH_MAX_AND_SINGLE EXCEED_MAX_QUERY_LIMIT BELOW_ZERO_AMOUNT",
    ),
    (401, "UNAUTHORIZED_KEY"),
    (403, "FORBIDDEN_REQUEST INCORRECT_BASIC_AUTH_FORMAT"),
    (
        404,
        "NOT_FOUND NOT_FOUND_HTTP_METHOD NOT_FOUND_MERCHANT NOT_FOUND_MERCHANT_BUSINESS_NUMBER NOT_FOUND_METHOD \
         NOT_FOUND_BILLING NOT_FOUND_PAYMENT NOT_FOUND_PAYMENT_SESSION NOT_FOUND_SUBMALL",
    ),
    (
        400,
        "BELOW_MINIMUM_AMOUNT EXCEED_MAX_AMOUNT EXCEED_MAX_PAYMENT_AMOUNT EXCEED_MAX_DAILY_PAYMENT_COUNT \
         EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT \
         EXCEEDS_TRANSFER_AMOUNT_MAXIMUM USER_ACCOUNT_ON_HOLD",
    ),
    (
        403,
        "EXCEED_MAX_AUTH_COUNT EXCEED_MAX_ONE_DAY_AMOUNT FDS_ERROR FORBIDDEN_CONSECUTIVE_REQUEST",
    ),
    (
        400,
        "ALREADY_PROCESSED_PAYMENT ALREADY_COMPLETED_PAYMENT ALREADY_CANCELED_PAYMENT ALREADY_REFUND_PAYMENT \
         ALREADY_REFUNDING_PAYMENT DUPLICATED_ORDER_ID DUPLICATED_REQUEST DUPLICATED_CASH_RECEIPT \
         NOT_MATCHES_REFUNDABLE_AMOUNT EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT REFUND_REJECTED FORBIDDEN_BANK_REFUND_REQUEST \
         INVALID_REFUND_AMOUNT",
    ),
    (
        403,
        "NOT_CANCELABLE_AMOUNT NOT_CANCELABLE_PAYMENT NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER EXCEED_MAX_REFUND_DUE \
         EXCEED_MAX_REFUND_AMOUNT NOT_ALLOWED_PARTIAL_REFUND NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT \
         NOT_ALLOWED_REFUND_BANK NOT_SUPPORTED_REFUND",
    ),
];

fn documented() -> impl Iterator<Item = (u16, &'static str)> {
    DOCUMENTED
        .iter()
        .flat_map(|(status, codes)| codes.split_whitespace().map(|code| (*status, code)))
}

fn judged(status: u16, code: &str) -> (Reason, Verdict) {
    let refusal = Refusal {
        status: StatusCode::from_u16(status).unwrap(),
        code: code.into(),
        message: String::new(),
    };
    let (failure, verdict) = verdict(&refusal);
    (failure.reason, verdict)
}

#[test]
fn every_documented_code_has_a_meaning() {
    assert_eq!(documented().count(), 129);
    for (_, code) in documented() {
        assert!(meaning(code).is_some(), "{code}");
    }
    for code in ["PAY_PROCESS_CANCELED", "PAY_PROCESS_ABORTED", "EXPIRED_PAYMENT"] {
        assert!(meaning(code).is_some(), "{code}");
    }
}

#[test]
fn what_may_have_moved_money_is_never_a_no() {
    let unsure: Vec<_> = documented()
        .filter(|(status, code)| judged(*status, code).1 != Verdict::No)
        .collect();
    let expected = [
        "PROVIDER_ERROR CARD_PROCESSING_ERROR MAINTAINED_METHOD IDEMPOTENT_REQUEST_PROCESSING",
        "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING FAILED_INTERNAL_SYSTEM_PROCESSING UNKNOWN_PAYMENT_ERROR UNKNOWN_ERROR",
        "COMMON_ERROR FAILED_CARD_COMPANY_RESPONSE FAILED_DB_PROCESSING FAILED_METHOD_HANDLING FAILED_METHOD_HANDLING_CANCEL",
        "FAILED_REFUND_PROCESS FAILED_PARTIAL_REFUND FAILED_CLOSED_ACCOUNT_REFUND FAILED_BILL_KEY_AUTH_CREATION",
        "FORBIDDEN_CONSECUTIVE_REQUEST",
        "ALREADY_PROCESSED_PAYMENT ALREADY_COMPLETED_PAYMENT ALREADY_CANCELED_PAYMENT ALREADY_REFUND_PAYMENT",
        "ALREADY_REFUNDING_PAYMENT DUPLICATED_ORDER_ID DUPLICATED_REQUEST DUPLICATED_CASH_RECEIPT",
    ];
    let expected: Vec<_> = expected.iter().flat_map(|line| line.split_whitespace()).collect();
    assert_eq!(unsure.iter().map(|(_, code)| *code).collect::<Vec<_>>(), expected);
    for (_, code) in documented() {
        assert_eq!(judged(500, code).1, Verdict::Unknown, "a 5xx proves nothing: {code}");
        assert_eq!(judged(302, code).1, Verdict::Unknown, "{code}");
    }
}

#[test]
fn a_code_nobody_documented_is_unknown_but_for_two_statuses() {
    for status in [400, 402, 403, 404, 405, 408, 409, 413, 422, 500, 502, 503, 504] {
        assert_eq!(
            judged(status, "BRAND_NEW_CODE"),
            (Reason::PgUnavailable, Verdict::Unknown),
            "{status}"
        );
    }
    assert_eq!(judged(401, "BRAND_NEW_CODE"), (Reason::Misconfigured, Verdict::No));
    assert_eq!(judged(429, ""), (Reason::TooManyRequests, Verdict::No));
    assert_eq!(
        refused(approve(&pg().say(429, "Too Many Requests"))).0,
        Reason::TooManyRequests
    );
    for status in [400, 401, 403, 404, 502, 503] {
        let page = pg().say(status, "<html>nginx</html>");
        assert!(unknown(approve(&page)).contains(&status.to_string()));
    }
}

#[test]
fn an_approve_is_refused_with_the_reason_and_the_code_for_the_support_desk() {
    let no = |status, code| refused(approve(&pg().say(status, error(code))));
    let want = |reason, code: &str| (reason, code.to_owned());
    assert_eq!(
        no(403, "REJECT_CARD_PAYMENT"),
        want(Reason::InsufficientFunds, "REJECT_CARD_PAYMENT")
    );
    assert_eq!(
        no(403, "REJECT_CARD_COMPANY"),
        want(Reason::DeclinedByIssuer, "REJECT_CARD_COMPANY")
    );
    assert_eq!(
        no(404, "NOT_FOUND_PAYMENT_SESSION"),
        want(Reason::Expired, "NOT_FOUND_PAYMENT_SESSION")
    );
    assert_eq!(
        no(404, "NOT_FOUND_PAYMENT"),
        want(Reason::NotFoundAtPg, "NOT_FOUND_PAYMENT")
    );
    assert_eq!(
        no(401, "UNAUTHORIZED_KEY"),
        want(Reason::Misconfigured, "UNAUTHORIZED_KEY")
    );
    assert_eq!(no(403, "FDS_ERROR"), want(Reason::SuspectedFraud, "FDS_ERROR"));
    assert_eq!(
        no(400, "BELOW_MINIMUM_AMOUNT"),
        want(Reason::BelowMinimum, "BELOW_MINIMUM_AMOUNT")
    );
    let done_before = unknown(approve(&pg().say(400, error("ALREADY_PROCESSED_PAYMENT"))));
    assert!(done_before.contains("an inquiry tells"), "{done_before}");
}

#[test]
fn their_words_are_kept_short_and_on_one_line() {
    let long = json!({"code": "REJECT_CARD_PAYMENT", "message": format!("한 줄\n두 줄 {}", "아".repeat(600))});
    let Answer::No(failure) = approve(&pg().say(403, long)) else {
        panic!()
    };
    assert!(failure.pg_message.starts_with("한 줄 두 줄") && failure.pg_message.chars().count() == 510);
    let odd = json!({"code": "REJECT_CARD_PAYMENT", "message": {"ko": "x"}});
    assert_eq!(refused(approve(&pg().say(403, odd))).0, Reason::InsufficientFunds);
}
