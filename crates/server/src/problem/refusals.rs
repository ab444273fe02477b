//! Every refusal of the use cases and rules, and the code it has for strangers. The matches are total, so a new
//! refusal does not compile until someone has decided what a shop is told.

use flows::Error;
use payments::{OrderError, Refused};
use vocabulary::{Failure, Money};

use super::{Code, Problem};

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        Problem::from(&error)
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Problem {
        let problem = match error {
            Error::Refused(refused) => refusal(refused),
            Error::NotFound(what) => not_found(what),
            Error::OrderIdTaken => Problem::new(Code::OrderIdTaken).at("orderId"),
            Error::KeyReused { differs } => Problem::new(Code::IdempotencyKeyReused).differing(differs.clone()),
            Error::KeyInUse => Problem::new(Code::IdempotencyKeyInUse),
            Error::MethodUnavailable(method) => Problem::saying(
                Code::MethodUnavailable,
                format!("No PG account of this shop and mode offers {method}."),
                format!("이 상점과 모드의 결제사 계약 가운데 {method}을(를) 쓸 수 있는 것이 없어요."),
            ),
            Error::CurrencyUnavailable { method, currency } => Problem::saying(
                Code::CurrencyUnavailable,
                format!("No PG account of this shop and mode takes {currency} by {method}."),
                format!("이 상점과 모드의 결제사 계약 가운데 {method}(으)로 {currency}을(를) 받는 것이 없어요."),
            )
            .at("currency"),
            Error::BelowMinimum { method, min } => Problem::saying(
                Code::BelowMinimum,
                format!("{method} takes {min} and more."),
                format!("{method}의 최소 금액은 {min}이에요."),
            )
            .at("amount"),
            Error::KindUnknown(kind) => Problem::saying(
                Code::KindUnknown,
                format!("The method has no kind `{kind}`."),
                format!("결제 수단에 `{kind}`이라는 종류가 없어요."),
            )
            .at("kind"),
            Error::InstalmentRefused(months) => Problem::saying(
                Code::InstalmentRefused,
                format!("{months} months are not offered for this method and amount."),
                format!("이 결제 수단과 금액으로는 {months}개월 할부를 쓸 수 없어요."),
            ),
            Error::PgRefused(failure) => pg_refused(failure),
            Error::OutcomeUnknown => Problem::new(Code::OutcomeUnknown),
            Error::BadReturn(_) => Problem::new(Code::BadReturn),
            Error::Unsupported(unsupported) => Problem::saying(
                Code::Unsupported,
                format!("This payment's PG does not support {}.", unsupported.0),
                format!("이 결제의 결제사가 할 수 없어요: {}", unsupported.0),
            ),
            Error::TestOnly => Problem::new(Code::TestOnly),
            Error::WebhookUrl(why) => Problem::saying(
                Code::WebhookUrlRefused,
                format!("The webhook address is refused: {why}."),
                format!("쓸 수 없는 웹훅 주소예요: {why}"),
            )
            .at("url"),
            Error::TooManyEndpoints => Problem::new(Code::TooManyEndpoints),
            Error::Busy => Problem::new(Code::Busy),
            Error::Unavailable(_) => Problem::new(Code::Unavailable),
            Error::Bug => Problem::new(Code::InternalError),
        };
        problem.retry_after(error.retry_after().map(|wait| wait.as_secs().max(1)))
    }
}

pub(crate) fn not_found(what: &str) -> Problem {
    Problem::saying(
        Code::NotFound,
        format!("There is no such {what} in this shop and mode. Test and live keys see different data."),
        "이 상점과 모드에서 찾을 수 없어요. 테스트 키와 라이브 키는 서로 다른 데이터를 봐요.",
    )
}

fn refusal(refused: &Refused) -> Problem {
    let english = sentence(&refused.to_string());
    let left = |korean: &str, left: &Money| format!("{korean} 남은 금액: {left}");
    let korean = |code: Code| code.info().meaning_ko.to_owned();
    let (code, field, korean) = match refused {
        Refused::Illegal { from, .. } => (
            Code::NotPossibleNow,
            None,
            format!("지금 상태({from})에서는 할 수 없어요."),
        ),
        Refused::IllegalAttempt { .. } | Refused::IllegalCancel { .. } => {
            (Code::NotPossibleNow, None, korean(Code::NotPossibleNow))
        }
        Refused::NoSuchAttempt | Refused::NoSuchCancel => (Code::NotFound, None, korean(Code::NotFound)),
        Refused::Closed(state) => (
            Code::PaymentClosed,
            None,
            format!("결제 상태가 {state}(이)라 더는 결제할 수 없어요."),
        ),
        Refused::Expired => (Code::PaymentExpired, None, korean(Code::PaymentExpired)),
        Refused::AnotherUnderWay => (Code::AttemptUnderWay, None, korean(Code::AttemptUnderWay)),
        Refused::TooManyAttempts => (Code::TooManyAttempts, None, korean(Code::TooManyAttempts)),
        Refused::MethodNotAllowed(_) => (Code::MethodNotOffered, Some("method"), korean(Code::MethodNotOffered)),
        Refused::ReturnedAmount { .. } | Refused::ReturnedOrder => {
            (Code::ReturnMismatch, None, korean(Code::ReturnMismatch))
        }
        Refused::NothingToCancel(state) => (
            Code::NothingToCancel,
            None,
            format!("결제 상태가 {state}(이)라 취소할 것이 없어요."),
        ),
        Refused::ExceedsPaid { left: rest, .. } => (
            Code::ExceedsPaid,
            Some("amount"),
            left("남은 금액보다 많이 취소할 수 없어요.", rest),
        ),
        Refused::BalanceDiffers { left: rest, .. } => (
            Code::BalanceDiffers,
            Some("expectedBalance"),
            left("expectedBalance가 남은 금액과 달라요.", rest),
        ),
        Refused::CancelNotPositive => (
            Code::CancelAmountInvalid,
            Some("amount"),
            "취소할 금액은 0보다 커야 해요.".into(),
        ),
        Refused::CancelTax => (
            Code::CancelAmountInvalid,
            Some("taxFreeAmount"),
            "취소할 면세 금액이 맞지 않아요.".into(),
        ),
        Refused::PartialNotAllowed => (Code::PartialCancelRefused, None, korean(Code::PartialCancelRefused)),
        Refused::RefundAccountNeeded => (
            Code::RefundAccountNeeded,
            Some("refundAccount"),
            korean(Code::RefundAccountNeeded),
        ),
        Refused::CancelUnderWay => (Code::CancelUnderWay, None, korean(Code::CancelUnderWay)),
        Refused::TooManyCancels => (Code::TooManyCancels, None, korean(Code::TooManyCancels)),
        Refused::NotAwaitingShop => (Code::NotAwaitingShop, None, korean(Code::NotAwaitingShop)),
        Refused::NoReceiptPossible => (Code::ReceiptNotPossible, None, korean(Code::ReceiptNotPossible)),
        Refused::Order(error) => return order_error(error),
        Refused::Money(_) => (Code::InvalidValue, Some("amount"), "쓸 수 없는 금액이에요.".into()),
        // Our own entries did not balance: the request was stopped before anything was written.
        Refused::Unbalanced(_) => return Problem::new(Code::InternalError),
    };
    let problem = Problem::saying(code, english, korean);
    field.map_or(problem.clone(), |field| problem.at(field))
}

/// What the rules say about an order, with the field it is about.
pub(crate) fn order_error(error: &OrderError) -> Problem {
    let (field, korean) = match error {
        OrderError::OrderId => ("orderId", "6~64자의 영문, 숫자, _, -만 쓸 수 있어요.".to_owned()),
        OrderError::Text { field, min, max } => (*field, format!("{min}~{max}자이고 제어 문자가 없어야 해요.")),
        OrderError::AmountNotPositive => ("amount", "금액은 0보다 커야 해요.".into()),
        OrderError::AmountTooLarge { max } => ("amount", format!("금액은 {max}까지예요.")),
        OrderError::TaxFree => (
            "taxFreeAmount",
            "면세·과세 제외 금액이 음수이거나 금액보다 많아요.".into(),
        ),
        OrderError::Range { field, min, max } => (*field, format!("{min}~{max} 사이의 값을 써 주세요.")),
        OrderError::InterestFree => (
            "interestFree",
            "카드사와 2~36개월의 할부를 30개까지 쓸 수 있어요.".into(),
        ),
        OrderError::EscrowItems => (
            "escrow.items",
            "결제와 같은 통화의 상품을 50개까지 쓸 수 있어요.".into(),
        ),
        OrderError::ReturnUrl => ("returnUrl", "2000자까지의 http·https 절대 주소를 써 주세요.".into()),
        OrderError::Email => ("customer.email", "이메일 주소가 아니에요.".into()),
        OrderError::Phone => ("customer.phone", "숫자 8~15자를 써 주세요.".into()),
        OrderError::Metadata => ("metadata", "20쌍까지, 이름은 1~40자, 값은 500자까지예요.".into()),
    };
    Problem::saying(
        Code::InvalidValue,
        sentence(&error.to_string()),
        format!("`{field}`: {korean}"),
    )
    .at(field)
}

fn pg_refused(failure: &Failure) -> Problem {
    let said = match (failure.pg_code.as_str(), failure.pg_message.as_str()) {
        ("", "") => String::new(),
        (code, message) => format!(" ({code} {message})"),
    };
    Problem::saying(
        Code::PgRefused,
        format!("The PG refused: {}{said}.", failure.reason),
        format!("결제사가 거절했어요: {}{said}", failure.reason),
    )
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .map(|letter| letter.to_uppercase().collect())
        .unwrap_or_default();
    // A field's name keeps its spelling.
    let begins_with_name = text
        .split(' ')
        .next()
        .is_some_and(|word| word.chars().skip(1).any(char::is_uppercase) || word.contains('.'));
    match begins_with_name {
        true => format!("{text}."),
        false => format!("{first}{}.", letters.as_str()),
    }
}
