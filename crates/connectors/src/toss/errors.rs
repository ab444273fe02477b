//! Every documented error code, in our words.

use http::StatusCode;
use vocabulary::{Failure, Reason};

use super::client::Refusal;

/// What a code says about the request it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Refused; nothing moved.
    No,
    /// Something may have moved: ask.
    Unknown,
    /// It, or its like, was done before, perhaps by our own earlier request: ask.
    AlreadyProcessed,
}

use Verdict::{AlreadyProcessed, No, Unknown};

/// What an error answer comes down to.
///
/// Toss gives 400 to refusals and to broken lines to a card company alike, so a code without a
/// line below proves nothing by its status: it is unknown, and the inquiry decides. Two statuses
/// stand for themselves: 401 (the key was not let in) and 429 (turned away at the door). A 5xx
/// is unknown whatever its code.
pub(super) fn verdict(refusal: &Refusal) -> (Failure, Verdict) {
    let (reason, verdict) = match meaning(&refusal.code) {
        Some(known) => known,
        None if refusal.status == StatusCode::UNAUTHORIZED => (Reason::Misconfigured, No),
        None if refusal.status == StatusCode::TOO_MANY_REQUESTS => (Reason::TooManyRequests, No),
        None => (Reason::PgUnavailable, Unknown),
    };
    let verdict = if refusal.status.is_client_error() {
        verdict
    } else {
        Unknown
    };
    let failure = Failure {
        reason,
        pg_code: refusal.code.clone(),
        pg_message: refusal.message.clone(),
    };
    (failure, verdict)
}

/// Why a payment that Toss itself calls failed did fail. It is over, so only the reason counts.
pub(super) fn reason(code: &str) -> Reason {
    meaning(code).map_or(Reason::DeclinedByIssuer, |(reason, _)| reason)
}

/// Source: the manual's list of error codes; `NOTES.md` has its date.
pub(super) fn meaning(code: &str) -> Option<(Reason, Verdict)> {
    shopper(code)
        .or_else(|| limits(code))
        .or_else(|| cancels(code))
        .or_else(|| setup(code))
        .or_else(|| unclear(code))
}

/// The shopper can do something about it.
fn shopper(code: &str) -> Option<(Reason, Verdict)> {
    let reason = match code {
        "PAY_PROCESS_CANCELED" => Reason::ClosedByShopper,
        "PAY_PROCESS_ABORTED" | "REJECT_CARD_COMPANY" | "INVALID_REJECT_CARD" => Reason::DeclinedByIssuer,
        "EXPIRED_PAYMENT" | "NOT_FOUND_PAYMENT_SESSION" => Reason::Expired,
        "INVALID_CARD_NUMBER"
        | "INVALID_CARD_EXPIRATION"
        | "INVALID_CARD_IDENTITY"
        | "INVALID_BIRTH_DAY_FORMAT"
        | "INVALID_ACCOUNT_INFO_RE_REGISTER"
        | "INVALID_ACCOUNT_NUMBER"
        | "INVALID_BANK" => Reason::InvalidDetails,
        "INVALID_CARD_PASSWORD" | "INVALID_PASSWORD" | "EXCEED_MAX_AUTH_COUNT" => Reason::AuthenticationFailed,
        "INVALID_STOPPED_CARD"
        | "INVALID_CARD_LOST_OR_STOLEN"
        | "NOT_REGISTERED_CARD_COMPANY"
        | "NOT_SUPPORTED_CARD_TYPE"
        | "INVALID_CARD_COMPANY"
        | "NOT_ALLOWED_POINT_USE"
        | "RESTRICTED_TRANSFER_ACCOUNT"
        | "REJECT_TOSSPAY_INVALID_ACCOUNT"
        | "USER_ACCOUNT_ON_HOLD" => Reason::UnusableMeans,
        "INVALID_CARD_INSTALLMENT_PLAN"
        | "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN"
        | "NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT"
        | "EXCEED_MAX_CARD_INSTALLMENT_PLAN"
        | "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN_BELOW_AMOUNT"
        | "NOT_ALLOWED_INSTALLMENT_BELOW_AMOUNT" => Reason::InstalmentRefused,
        "REJECT_CARD_PAYMENT" | "REJECT_ACCOUNT_PAYMENT" => Reason::InsufficientFunds,
        "NOT_AVAILABLE_PAYMENT" | "NOT_AVAILABLE_BANK" => Reason::OutsideServiceHours,
        _ => return None,
    };
    Some((reason, No))
}

fn limits(code: &str) -> Option<(Reason, Verdict)> {
    let reason = match code {
        "BELOW_MINIMUM_AMOUNT" | "BELOW_ZERO_AMOUNT" => Reason::BelowMinimum,
        "EXCEED_MAX_AMOUNT"
        | "EXCEED_MAX_PAYMENT_AMOUNT"
        | "EXCEED_MAX_DAILY_PAYMENT_COUNT"
        | "EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT"
        | "EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT"
        | "EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT"
        | "EXCEEDS_TRANSFER_AMOUNT_MAXIMUM"
        | "EXCEED_MAX_ONE_DAY_AMOUNT" => Reason::OverLimit,
        "FDS_ERROR" => Reason::SuspectedFraud,
        // It answers repeats: the request before this one may have gone through.
        "FORBIDDEN_CONSECUTIVE_REQUEST" => return Some((Reason::TooManyRequests, Unknown)),
        _ => return None,
    };
    Some((reason, No))
}

/// What was done before, and what cannot be given back.
fn cancels(code: &str) -> Option<(Reason, Verdict)> {
    let reason = match code {
        "ALREADY_PROCESSED_PAYMENT"
        | "ALREADY_COMPLETED_PAYMENT"
        | "ALREADY_CANCELED_PAYMENT"
        | "ALREADY_REFUND_PAYMENT"
        | "ALREADY_REFUNDING_PAYMENT"
        | "DUPLICATED_ORDER_ID"
        | "DUPLICATED_REQUEST"
        | "DUPLICATED_CASH_RECEIPT" => return Some((Reason::AlreadyProcessed, AlreadyProcessed)),
        // Something else was canceled meanwhile; this cancel was not made.
        "NOT_MATCHES_REFUNDABLE_AMOUNT" => Reason::AlreadyProcessed,
        "INVALID_REFUND_ACCOUNT_INFO"
        | "INVALID_REFUND_ACCOUNT_NUMBER"
        | "FORBIDDEN_BANK_REFUND_REQUEST"
        | "NOT_ALLOWED_REFUND_BANK" => Reason::InvalidRefundAccount,
        "EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT"
        | "INVALID_REFUND_AMOUNT"
        | "NOT_CANCELABLE_AMOUNT"
        | "EXCEED_MAX_REFUND_DUE"
        | "EXCEED_MAX_REFUND_AMOUNT" => Reason::RefundOverLimit,
        "REFUND_REJECTED"
        | "NOT_CANCELABLE_PAYMENT"
        | "NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER"
        | "NOT_SUPPORTED_REFUND" => Reason::NotCancelable,
        "NOT_ALLOWED_PARTIAL_REFUND" | "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT" => Reason::PartialCancelRefused,
        _ => return None,
    };
    Some((reason, No))
}

/// Contract, keys, addresses, and our own mistakes.
fn setup(code: &str) -> Option<(Reason, Verdict)> {
    let reason = match code {
        "INVALID_API_KEY"
        | "INVALID_CLIENT_KEY"
        | "UNAUTHORIZED_KEY"
        | "FORBIDDEN_REQUEST"
        | "INCORRECT_BASIC_AUTH_FORMAT"
        | "INVALID_AUTHORIZE_AUTH"
        | "INVALID_BILLING_AUTH"
        | "NOT_FOUND_TERMINAL_ID"
        | "INVALID_UNREGISTERED_SUBMALL"
        | "NOT_REGISTERED_BUSINESS"
        | "API_VERSION_UPDATE_NEEDED"
        // Wrong addresses, not missing payments.
        | "NOT_FOUND"
        | "NOT_FOUND_HTTP_METHOD"
        | "NOT_FOUND_MERCHANT"
        | "NOT_FOUND_MERCHANT_BUSINESS_NUMBER"
        | "NOT_FOUND_SUBMALL" => Reason::Misconfigured,
        "NOT_SUPPORTED_METHOD" | "NOT_SUPPORTED_USD" | "NOT_FOUND_METHOD" => Reason::MethodUnavailable,
        "NOT_FOUND_PAYMENT" | "NOT_FOUND_BILLING" => Reason::NotFoundAtPg,
        "INVALID_REQUEST"
        | "INVALID_REQUIRED_PARAM"
        | "INVALID_ORDER_ID"
        | "INVALID_ORDER_NAME"
        | "INVALID_EMAIL"
        | "INVALID_CUSTOMER_KEY"
        | "INVALID_CURRENCY"
        | "INVALID_DATE"
        | "INVALID_PAYMENT_KEY"
        | "INVALID_IDEMPOTENCY_KEY"
        | "INVALID_TEST_CODE"
        | "INVALID_FLOW_MODE_PARAMETERS"
        | "INVALID_SUCCESS_URL"
        | "INCORRECT_SUCCESS_URL_FORMAT"
        | "INCORRECT_FAIL_URL_FORMAT"
        | "UNAPPROVED_ORDER_ID"
        | "NOT_MATCHES_CUSTOMER_KEY"
        | "INVALID_BILL_KEY_REQUEST"
        | "EXCEED_MAX_DUE_DATE"
        | "EXCEED_MAX_VALID_HOURS"
        | "INVALID_VALID_HOURS_WITH_DUE_DATE_AND_SINGLE"
        | "INVALID_CARD_INSTALLMENT_PLANS_WITH_MAX_AND_SINGLE"
        | "EXCEED_MAX_QUERY_LIMIT" => Reason::BadRequest,
        _ => return None,
    };
    Some((reason, No))
}

/// Toss does not know, so neither do we.
fn unclear(code: &str) -> Option<(Reason, Verdict)> {
    match code {
        "PROVIDER_ERROR"
        | "CARD_PROCESSING_ERROR"
        | "MAINTAINED_METHOD"
        | "IDEMPOTENT_REQUEST_PROCESSING"
        | "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING"
        | "FAILED_INTERNAL_SYSTEM_PROCESSING"
        | "UNKNOWN_PAYMENT_ERROR"
        | "UNKNOWN_ERROR"
        | "COMMON_ERROR"
        | "FAILED_CARD_COMPANY_RESPONSE"
        | "FAILED_DB_PROCESSING"
        | "FAILED_METHOD_HANDLING"
        | "FAILED_METHOD_HANDLING_CANCEL"
        | "FAILED_REFUND_PROCESS"
        | "FAILED_PARTIAL_REFUND"
        | "FAILED_CLOSED_ACCOUNT_REFUND"
        | "FAILED_BILL_KEY_AUTH_CREATION" => Some((Reason::PgUnavailable, Unknown)),
        _ => None,
    }
}
