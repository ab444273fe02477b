//! Every error code of the PG with its HTTP status and its words in both languages.
//! Source: API reference, "에러 코드" (2026-06).

use axum::http::StatusCode;

use super::Lang;

macro_rules! codes {
    ($($name:ident $status:literal $ko:literal $en:literal;)*) => {
        /// An error code as the PG spells it.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($name,)* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => stringify!($name),)* }
            }

            pub fn message(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Code::$name, Lang::Ko) => $ko, (Code::$name, Lang::En) => $en,)*
                }
            }

            fn number(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }
        }
    };
}

impl Code {
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.number()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub fn parse(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

codes! {
    // What the shopper can mend.
    INVALID_CARD_NUMBER 400 "카드번호를 다시 확인해 주세요." "Check the card number.";
    INVALID_CARD_EXPIRATION 400 "카드 유효기간을 다시 확인해 주세요." "Check the card's expiry date.";
    INVALID_CARD_PASSWORD 400 "카드 비밀번호를 다시 확인해 주세요." "Check the card's password.";
    INVALID_CARD_IDENTITY 400 "카드 소유자 정보가 맞지 않습니다." "The card holder's details do not match.";
    INVALID_BIRTH_DAY_FORMAT 400 "생년월일은 여섯 자리 숫자여야 합니다." "The birth date must be six digits.";
    INVALID_STOPPED_CARD 400 "정지된 카드입니다." "The card is suspended.";
    INVALID_REJECT_CARD 400 "사용할 수 없는 카드입니다. 카드사에 문의해 주세요." "The card was refused. Ask the card company.";
    INVALID_CARD_LOST_OR_STOLEN 400 "분실 또는 도난 신고된 카드입니다." "The card was reported lost or stolen.";
    NOT_REGISTERED_CARD_COMPANY 400 "카드사에 등록되지 않은 카드입니다." "The card is not registered with its company.";
    NOT_SUPPORTED_CARD_TYPE 400 "지원하지 않는 카드 종류입니다." "This type of card is not supported.";
    INVALID_CARD_COMPANY 400 "유효하지 않은 카드사입니다." "The card company is not valid.";
    INVALID_CARD_INSTALLMENT_PLAN 400 "할부 개월 수가 올바르지 않습니다." "The instalment plan is not valid.";
    NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN 400 "할부가 되지 않는 카드입니다." "The card has no instalments.";
    NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT 400 "할부가 되지 않는 카드 또는 상점입니다." "The card or merchant has no instalments.";
    EXCEED_MAX_CARD_INSTALLMENT_PLAN 400 "할부 개월 수가 최대치를 넘었습니다." "Too many instalment months.";
    NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN_BELOW_AMOUNT 400 "이 카드는 5만원 이상부터 할부가 됩니다." "Instalments with this card start at 50,000 won.";
    NOT_ALLOWED_INSTALLMENT_BELOW_AMOUNT 400 "5만원 이상부터 할부가 됩니다." "Instalments start at 50,000 won.";
    NOT_ALLOWED_POINT_USE 400 "포인트를 쓸 수 없는 카드입니다." "Points cannot be used with this card.";
    RESTRICTED_TRANSFER_ACCOUNT 400 "등록 후 12시간이 지나야 쓸 수 있는 계좌입니다." "The account can be used 12 hours after registration.";
    INVALID_ACCOUNT_INFO_RE_REGISTER 400 "계좌 정보가 올바르지 않습니다. 다시 등록해 주세요." "The account details are wrong. Register it again.";
    INVALID_ACCOUNT_NUMBER 400 "계좌번호가 올바르지 않습니다." "The account number is wrong.";
    INVALID_BANK 400 "유효하지 않은 은행입니다." "The bank is not valid.";
    INVALID_REFUND_ACCOUNT_INFO 400 "환불 계좌번호와 예금주명이 맞지 않습니다." "The refund account and its holder do not match.";
    INVALID_REFUND_ACCOUNT_NUMBER 400 "환불 계좌번호가 올바르지 않습니다." "The refund account number is wrong.";
    NOT_AVAILABLE_PAYMENT 400 "결제가 되지 않는 시간대입니다." "Payments are closed at this hour.";
    REJECT_CARD_PAYMENT 403 "한도 초과 또는 잔액 부족으로 결제하지 못했습니다." "Over the limit, or not enough balance.";
    REJECT_ACCOUNT_PAYMENT 403 "잔액 부족으로 결제하지 못했습니다." "Not enough balance.";
    REJECT_TOSSPAY_INVALID_ACCOUNT 403 "선택한 계좌로 결제할 수 없습니다." "The chosen account cannot pay.";
    NOT_AVAILABLE_BANK 403 "은행 서비스 시간이 아닙니다." "The bank is closed at this hour.";
    INVALID_PASSWORD 403 "결제 비밀번호가 맞지 않습니다." "The payment password is wrong.";
    REJECT_CARD_COMPANY 403 "카드사에서 승인을 거절했습니다." "The card company refused.";

    // Retryable, or nobody knows yet.
    PROVIDER_ERROR 400 "일시적인 오류가 생겼습니다. 잠시 후 다시 시도해 주세요." "A passing error. Try again shortly.";
    CARD_PROCESSING_ERROR 400 "카드사에서 오류가 생겼습니다." "An error at the card company.";
    MAINTAINED_METHOD 400 "점검 중인 결제 수단입니다." "The payment method is under maintenance.";
    IDEMPOTENT_REQUEST_PROCESSING 409 "같은 멱등키의 요청을 처리하고 있습니다." "A request with this idempotency key is being processed.";
    TOO_MANY_REQUESTS 429 "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요." "Too many requests. Try again shortly.";
    FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING 500 "결제가 완료되지 않았습니다. 다시 시도해 주세요." "The payment was not completed. Try again.";
    FAILED_INTERNAL_SYSTEM_PROCESSING 500 "내부 시스템 처리에 실패했습니다. 잠시 후 다시 시도해 주세요." "Internal processing failed. Try again shortly.";
    UNKNOWN_PAYMENT_ERROR 500 "결제에 실패했습니다. 은행이나 카드사에 문의해 주세요." "The payment failed. Ask the bank or card company.";
    UNKNOWN_ERROR 500 "알 수 없는 오류입니다." "An unknown error.";
    COMMON_ERROR 500 "오류가 생겼습니다. 잠시 후 다시 시도해 주세요." "An error. Try again shortly.";
    FAILED_CARD_COMPANY_RESPONSE 500 "카드사 응답을 받지 못했습니다." "No answer from the card company.";
    FAILED_DB_PROCESSING 500 "잘못된 요청으로 처리에 실패했습니다." "Processing failed.";
    FAILED_METHOD_HANDLING 500 "결제 수단을 처리하지 못했습니다." "The payment method could not be handled.";
    FAILED_METHOD_HANDLING_CANCEL 500 "취소 중 결제 수단을 처리하지 못했습니다." "The payment method could not be handled while canceling.";
    FAILED_REFUND_PROCESS 500 "은행 응답이 늦어 환불에 실패했습니다." "The refund failed: the bank answered late.";
    FAILED_PARTIAL_REFUND 500 "은행 점검이나 해지 계좌 때문에 부분 환불에 실패했습니다." "The partial refund failed.";
    FAILED_CLOSED_ACCOUNT_REFUND 500 "해지된 계좌로 환불할 수 없습니다." "A closed account cannot be refunded to.";
    FAILED_BILL_KEY_AUTH_CREATION 500 "자동결제 키를 만들지 못했습니다." "The billing key could not be made.";

    // The shop's request or contract.
    INVALID_REQUEST 400 "잘못된 요청입니다." "The request is not valid.";
    INVALID_REQUIRED_PARAM 400 "필수 파라미터가 없습니다." "A required parameter is missing.";
    INVALID_API_KEY 400 "시크릿 키가 올바르지 않습니다." "The secret key is not valid.";
    INVALID_CLIENT_KEY 400 "클라이언트 키가 올바르지 않습니다." "The client key is not valid.";
    INVALID_ORDER_ID 400 "주문번호는 영문, 숫자, -, _ 로 6자 이상 64자 이하여야 합니다." "The order id must have 6 to 64 letters, digits, - or _.";
    INVALID_ORDER_NAME 400 "주문명은 1자 이상 100자 이하여야 합니다." "The order name must have 1 to 100 characters.";
    INVALID_EMAIL 400 "이메일 주소가 올바르지 않습니다." "The e-mail address is not valid.";
    INVALID_CUSTOMER_KEY 400 "고객 키가 올바르지 않습니다." "The customer key is not valid.";
    INVALID_CURRENCY 400 "통화가 올바르지 않습니다." "The currency is not valid.";
    INVALID_DATE 400 "날짜가 올바르지 않습니다." "The date is not valid.";
    INVALID_PAYMENT_KEY 400 "결제 키가 올바르지 않습니다." "The payment key is not valid.";
    INVALID_IDEMPOTENCY_KEY 400 "멱등키는 300자 이하여야 합니다." "The idempotency key must have at most 300 characters.";
    INVALID_TEST_CODE 400 "없는 테스트 코드입니다." "There is no such test code.";
    INVALID_FLOW_MODE_PARAMETERS 400 "결제창을 바로 열 때 필요한 값이 올바르지 않습니다." "The direct mode's parameters are not valid.";
    INVALID_SUCCESS_URL 400 "successUrl 값이 필요합니다." "A successUrl is needed.";
    INCORRECT_SUCCESS_URL_FORMAT 400 "successUrl은 http:// 또는 https://로 시작해야 합니다." "The successUrl must start with http:// or https://.";
    INCORRECT_FAIL_URL_FORMAT 400 "failUrl은 http:// 또는 https://로 시작해야 합니다." "The failUrl must start with http:// or https://.";
    INVALID_AUTHORIZE_AUTH 400 "인증 정보가 올바르지 않습니다." "The authentication is not valid.";
    UNAPPROVED_ORDER_ID 400 "승인되지 않은 주문번호입니다." "The order id was not approved.";
    NOT_FOUND_TERMINAL_ID 400 "단말기 번호가 없습니다." "There is no terminal id.";
    INVALID_UNREGISTERED_SUBMALL 400 "등록되지 않은 서브몰입니다." "The submall is not registered.";
    NOT_REGISTERED_BUSINESS 400 "등록되지 않은 사업자 번호입니다." "The business number is not registered.";
    NOT_SUPPORTED_METHOD 400 "지원하지 않는 결제 수단입니다." "The payment method is not supported.";
    NOT_SUPPORTED_USD 400 "달러 결제를 지원하지 않습니다." "Payments in dollars are not supported.";
    API_VERSION_UPDATE_NEEDED 400 "더 새로운 API 버전이 필요합니다." "A newer API version is needed.";
    NOT_MATCHES_CUSTOMER_KEY 400 "고객 키가 맞지 않습니다." "The customer key does not match.";
    INVALID_BILL_KEY_REQUEST 400 "자동결제 키 요청이 올바르지 않습니다." "The billing key request is not valid.";
    INVALID_BILLING_AUTH 400 "자동결제 인증이 올바르지 않습니다." "The billing authentication is not valid.";
    BILLING_KEY_NOT_FOUND 400 "자동결제 키가 없습니다." "There is no such billing key.";
    ALREADY_REMOVED_BILLING_KEY 400 "이미 지워진 자동결제 키입니다." "The billing key was already removed.";
    EXCEED_MAX_DUE_DATE 400 "가상계좌 만료일이 너무 멉니다." "The account's due date is too far away.";
    EXCEED_MAX_VALID_HOURS 400 "가상계좌 유효시간은 2160시간을 넘을 수 없습니다." "The account's hours may not exceed 2160.";
    INVALID_VALID_HOURS_WITH_DUE_DATE_AND_SINGLE 400 "validHours와 dueDate는 하나만 쓸 수 있습니다." "Use validHours or dueDate, not both.";
    INVALID_CARD_INSTALLMENT_PLANS_WITH_MAX_AND_SINGLE 400 "할부 개월 수와 최대 할부 개월 수는 함께 쓸 수 없습니다." "Use one instalment plan or a maximum, not both.";
    EXCEED_MAX_QUERY_LIMIT 400 "조회 개수가 최대치를 넘었습니다." "The query's limit is too large.";
    BELOW_ZERO_AMOUNT 400 "금액은 0보다 커야 합니다." "The amount must be above zero.";
    INVALID_METADATA 400 "metadata는 5쌍까지이며 키는 40자, 값은 2000자까지입니다." "metadata takes 5 pairs, keys of 40 and values of 2000 characters.";
    UNAUTHORIZED_KEY 401 "인증되지 않은 시크릿 키 혹은 클라이언트 키입니다." "The secret or client key is not authorised.";
    FORBIDDEN_REQUEST 403 "허용되지 않은 요청입니다." "The request is not allowed.";
    INCORRECT_BASIC_AUTH_FORMAT 403 "Basic 인증 형식이 올바르지 않습니다. 콜론(:)을 붙였는지 확인해 주세요." "The Basic authentication is malformed. Is the colon there?";
    NOT_FOUND 404 "없는 정보입니다." "Not found.";
    NOT_FOUND_HTTP_METHOD 404 "없는 주소이거나 지원하지 않는 메서드입니다." "There is no such address or method.";
    NOT_FOUND_MERCHANT 404 "없는 상점입니다." "There is no such merchant.";
    NOT_FOUND_MERCHANT_BUSINESS_NUMBER 404 "상점의 사업자 번호가 없습니다." "The merchant has no business number.";
    NOT_FOUND_METHOD 404 "없는 결제 수단입니다." "There is no such payment method.";
    NOT_FOUND_BILLING 404 "없는 자동결제입니다." "There is no such billing.";
    NOT_FOUND_PAYMENT 404 "없는 결제입니다." "There is no such payment.";
    NOT_FOUND_PAYMENT_SESSION 404 "결제 시간이 지나 결제 정보가 없습니다." "The payment session has expired or does not exist.";
    NOT_FOUND_SUBMALL 404 "없는 서브몰입니다." "There is no such submall.";

    // Limits and fraud.
    BELOW_MINIMUM_AMOUNT 400 "신용카드는 100원, 계좌는 200원 이상부터 결제됩니다." "Cards start at 100 won, accounts at 200.";
    EXCEED_MAX_AMOUNT 400 "거래 금액 한도를 넘었습니다." "Over the amount limit.";
    EXCEED_MAX_PAYMENT_AMOUNT 400 "하루 결제 금액을 넘었습니다." "Over the day's amount.";
    EXCEED_MAX_DAILY_PAYMENT_COUNT 400 "하루 결제 횟수를 넘었습니다." "Over the day's number of payments.";
    EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT 400 "당월 결제 금액 1,000,000원을 넘었습니다." "Over the month's 1,000,000 won.";
    EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT 400 "하루 출금 한도를 넘었습니다." "Over the day's withdrawal limit.";
    EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT 400 "1회 출금 한도를 넘었습니다." "Over the limit for one withdrawal.";
    EXCEEDS_TRANSFER_AMOUNT_MAXIMUM 400 "이체 금액 한도를 넘었습니다." "Over the transfer limit.";
    USER_ACCOUNT_ON_HOLD 400 "지급 정지된 계좌입니다." "The account is on hold.";
    EXCEED_MAX_AUTH_COUNT 403 "인증 횟수를 넘었습니다." "Too many tries to authenticate.";
    EXCEED_MAX_ONE_DAY_AMOUNT 403 "일일 한도를 넘었습니다." "Over the day's limit.";
    FDS_ERROR 403 "위험 거래로 보여 결제를 막았습니다." "Stopped by fraud detection.";
    FORBIDDEN_CONSECUTIVE_REQUEST 403 "반복된 요청은 허용되지 않습니다. 잠시 후 다시 시도해 주세요." "Repeated too fast. Try again shortly.";

    // Already done, and cancels.
    ALREADY_PROCESSED_PAYMENT 400 "이미 처리된 결제입니다." "The payment was already processed.";
    ALREADY_COMPLETED_PAYMENT 400 "이미 완료된 결제입니다." "The payment was already completed.";
    ALREADY_CANCELED_PAYMENT 400 "이미 취소된 결제입니다." "The payment was already canceled.";
    ALREADY_REFUND_PAYMENT 400 "이미 환불된 결제입니다." "The payment was already refunded.";
    ALREADY_REFUNDING_PAYMENT 400 "이미 환불하고 있는 결제입니다." "The payment is already being refunded.";
    DUPLICATED_ORDER_ID 400 "이미 승인 또는 취소된 중복 주문번호입니다." "The order id was already used.";
    DUPLICATED_REQUEST 400 "중복된 요청입니다." "The request is a duplicate.";
    DUPLICATED_CASH_RECEIPT 400 "이미 발급된 현금영수증입니다." "The cash receipt was already issued.";
    NOT_MATCHES_REFUNDABLE_AMOUNT 400 "잔액이 맞지 않습니다." "The refundable amount does not match.";
    EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT 400 "취소 금액이 할인 금액보다 작을 수 없습니다." "The cancel is below the discount.";
    REFUND_REJECTED 400 "환불이 거절되었습니다." "The refund was refused.";
    FORBIDDEN_BANK_REFUND_REQUEST 400 "환불할 수 없는 은행 계좌입니다." "This bank account cannot be refunded to.";
    INVALID_REFUND_AMOUNT 400 "환불 금액이 올바르지 않습니다." "The refund amount is not valid.";
    NOT_CANCELABLE_AMOUNT 403 "취소할 수 없는 금액입니다." "The amount cannot be canceled.";
    NOT_CANCELABLE_PAYMENT 403 "취소할 수 없는 결제입니다." "The payment cannot be canceled.";
    NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER 403 "휴면 회원의 결제는 취소할 수 없습니다." "A dormant user's payment cannot be canceled.";
    EXCEED_MAX_REFUND_DUE 403 "환불 가능한 기간이 지났습니다." "The time to refund is over.";
    EXCEED_MAX_REFUND_AMOUNT 403 "환불 가능한 금액을 넘었습니다." "Over the amount that can be refunded.";
    NOT_ALLOWED_PARTIAL_REFUND 403 "부분 환불이 되지 않는 결제입니다." "A partial refund is not possible.";
    NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT 403 "입금 대기 중인 결제는 부분 환불이 되지 않습니다." "No partial refund before the deposit.";
    NOT_ALLOWED_REFUND_BANK 403 "환불할 수 없는 은행입니다." "This bank takes no refunds.";
    NOT_SUPPORTED_REFUND 403 "환불을 지원하지 않는 결제입니다." "Refunds are not supported.";

    // Not in the tables, seen as a payment's `failure` and on the fail address.
    EXPIRED_PAYMENT 400 "결제 유효 시간이 지났습니다." "The payment's time ran out.";
    PAY_PROCESS_CANCELED 400 "구매자가 결제를 취소했습니다." "The shopper canceled the payment.";
    PAY_PROCESS_ABORTED 400 "결제 진행 중 오류로 결제에 실패했습니다." "The payment failed on the way.";
}
