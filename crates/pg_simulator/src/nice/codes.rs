//! The PG's result codes that the simulator gives, with words of our own. Refusals come with HTTP 200 but for
//! those about keys and addresses. Source: the manual's code tables (2026-09).

use axum::http::StatusCode;

/// A result code as the PG spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    code: &'static str,
    status: u16,
    message: &'static str,
}

macro_rules! codes {
    ($($name:ident $code:literal $status:literal $message:literal;)*) => {
        impl Code {
            $(pub const $name: Code = Code { code: $code, status: $status, message: $message };)*

            pub const ALL: &'static [Code] = &[$(Code::$name,)*];
        }
    };
}

impl Code {
    pub fn as_str(self) -> &'static str {
        self.code
    }

    pub fn message(self) -> &'static str {
        self.message
    }

    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK)
    }

    pub fn parse(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.code == text)
    }
}

codes! {
    SUCCESS "0000" 200 "정상 처리되었습니다.";

    // Keys and addresses.
    KEY_UNKNOWN "U102" 401 "클라이언트 키나 시크릿 키가 맞지 않습니다.";
    KEY_MISSING "U104" 401 "인증 정보가 없습니다.";
    KEY_UNREADABLE "U304" 401 "인증 정보의 형식이 올바르지 않습니다.";
    TOKEN_EXPIRED "U305" 401 "액세스 토큰이 없거나 만료되었습니다.";
    NO_SUCH_ADDRESS "U320" 404 "없는 주소입니다.";
    NO_SUCH_METHOD "U308" 405 "허용되지 않는 HTTP 메서드입니다.";
    NOT_SIMULATED "U108" 403 "시뮬레이터가 아직 흉내 내지 않는 기능입니다. (not simulated yet)";
    SIGNATURE_WRONG "U312" 200 "서명값(signData)이 맞지 않습니다.";

    // What a request lacks or has wrong.
    FIELD_MISSING "P001" 200 "필수 값이 빠졌습니다.";
    FIELD_TOO_LONG "P008" 200 "값이 너무 깁니다.";
    FIELD_NOT_OF_TYPE "P010" 200 "값의 형식이 올바르지 않습니다.";
    FIELD_NOT_OF_LIST "P012" 200 "허용되지 않는 값입니다.";
    SUM_WRONG "P013" 200 "금액의 합이 맞지 않습니다.";
    ZERO_WON "P017" 200 "0원은 결제할 수 없습니다.";
    INSTALMENT_UNREADABLE "P028" 200 "할부 개월은 두 자리이며 일시불은 00입니다.";
    TAX_FREE_OVER_AMOUNT "P036" 200 "비과세 금액이 결제 금액보다 큽니다.";
    INSTALMENT_BELOW_MINIMUM "P037" 200 "5만원 이상부터 할부가 됩니다.";

    // The shopper, the card, the bank.
    CARD_BELOW_MINIMUM "3041" 200 "카드는 1,000원 이상부터 결제됩니다.";
    TRANSFER_BELOW_MINIMUM "4141" 200 "계좌이체는 1원보다 커야 합니다.";
    PHONE_OVER_LIMIT "N001" 200 "휴대폰은 30만원 미만까지 결제됩니다.";
    CARD_NUMBER_WRONG "3011" 200 "카드번호가 올바르지 않습니다.";
    CARD_EXPIRED "3021" 200 "카드 유효기간이 지났습니다.";
    CARD_UNUSABLE "3053" 200 "사용할 수 없는 카드입니다.";
    REFUSED_BY_ISSUER "3095" 200 "카드사가 승인을 거절했습니다.";
    INSTALMENT_REFUSED "3022" 200 "할부가 되지 않는 카드입니다.";
    ISSUER_AUTHENTICATION "C002" 200 "카드사 인증에 실패했습니다.";
    CLOSED_BY_BUYER "I002" 200 "구매자가 결제를 취소했습니다.";
    AUTHENTICATION_TOO_OLD "A245" 200 "인증 후 시간이 너무 지났습니다. 다시 결제해 주세요.";
    ACCOUNT_NUMBER_WRONG "4109" 200 "계좌번호가 올바르지 않습니다.";
    BANK_UNKNOWN "4102" 200 "가상계좌를 발급하지 않는 은행입니다.";
    DEPOSIT_DATE_WRONG "A107" 200 "입금 기한이 올바르지 않습니다.";
    OVER_LIMIT "U127" 200 "결제 한도를 넘었습니다.";
    AMOUNT_DIFFERS "A123" 200 "인증한 금액과 승인 금액이 다릅니다.";
    PG_BUSY "A110" 200 "외부 기관이 응답하지 않습니다. 결과를 조회해 주세요.";
    UNDONE_BY_PG "U503" 200 "응답이 늦어 PG가 거래를 망취소했습니다.";

    // Done before.
    ORDER_PAID_AT_WINDOW "P015" 200 "이미 결제된 주문번호입니다.";
    ORDER_PAID "U112" 200 "이미 결제된 주문번호입니다.";
    ORDER_ID_REUSED "2156" 200 "이미 쓰인 주문번호입니다.";
    TID_USED "A225" 200 "이미 쓰인 거래번호(tid)입니다.";
    ALREADY_APPROVED "2201" 200 "이미 승인된 거래입니다.";
    ALREADY_CANCELLED "2013" 200 "이미 취소된 거래입니다.";

    // Cancels and look-ups.
    NOT_POSITIVE "2010" 200 "취소 금액은 0보다 커야 합니다.";
    AMOUNT_NOT_THAT "2011" 200 "취소 금액이 맞지 않습니다.";
    NO_TRANSACTION "2012" 200 "거래가 없습니다.";
    NOT_CANCELLABLE "2014" 200 "취소할 수 없는 거래입니다.";
    CANCEL_TOO_LATE "2016" 200 "취소할 수 있는 기간이 지났습니다.";
    NET_CANCEL_TOO_LATE "2020" 200 "망취소할 수 있는 시간이 지났습니다.";
    NO_PARTIAL_CANCEL "2028" 200 "부분 취소를 할 수 없는 거래입니다.";
    MORE_THAN_LEFT "2032" 200 "취소 금액이 남은 금액보다 큽니다.";
    ESCROW_NO_PARTIAL "2052" 200 "에스크로 거래는 부분 취소를 할 수 없습니다.";
    SANDBOX_NO_PARTIAL "U128" 200 "샌드박스에서는 부분 취소를 할 수 없습니다.";
    TAX_FREE_WRONG "U319" 200 "취소할 수 있는 비과세 금액을 넘었습니다.";
    NET_CANCEL_UNCLEAR "P035" 200 "망취소할 거래를 하나로 정할 수 없습니다.";
    NOTHING_FOUND "U107" 200 "조회된 거래가 없습니다.";
    SANDBOX_LACKS "U101" 200 "샌드박스에서 쓸 수 없는 기능입니다.";

    // Addresses for notices.
    HOOK_EXISTS "U333" 200 "이미 등록된 웹훅입니다.";
    HOOK_NOT_FOUND "U334" 200 "등록된 웹훅이 없습니다.";
    HOOK_NO_ANSWER "U336" 200 "웹훅 주소가 응답하지 않습니다.";
    HOOK_NOT_200 "U337" 200 "웹훅 주소의 응답이 200이 아닙니다.";
    HOOK_NOT_OK "U338" 200 "웹훅 주소의 응답 본문이 OK가 아닙니다.";
    HOOK_TOO_LONG "U700" 200 "웹훅 주소가 너무 깁니다.";
}
