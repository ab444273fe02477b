//! Every public error code, once: what it means, what to do, and whether money may have moved. The API's
//! answers, the pages under `/docs/errors/` and the files in `docs/errors/` all come from this table.

/// Whether the request that got this answer moved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyMoved {
    No,
    /// Ask for the payment before doing anything twice.
    Unknown,
}

impl MoneyMoved {
    pub fn as_str(self) -> &'static str {
        match self {
            MoneyMoved::No => "no",
            MoneyMoved::Unknown => "unknown",
        }
    }
}

/// A public error code with its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemCode {
    pub code: &'static str,
    pub status: u16,
    pub money_moved: MoneyMoved,
    pub title_en: &'static str,
    pub title_ko: &'static str,
    pub meaning_en: &'static str,
    pub meaning_ko: &'static str,
    pub what_to_do_en: &'static str,
    pub what_to_do_ko: &'static str,
}

macro_rules! codes {
    ($($name:ident $status:literal $money:ident $code:literal
        $title_en:literal $title_ko:literal
        $meaning_en:literal $meaning_ko:literal
        $do_en:literal $do_ko:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Code {
            $($name,)*
        }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            pub fn info(self) -> &'static ProblemCode {
                match self {
                    $(Code::$name => &ProblemCode {
                        code: $code,
                        status: $status,
                        money_moved: MoneyMoved::$money,
                        title_en: $title_en,
                        title_ko: $title_ko,
                        meaning_en: $meaning_en,
                        meaning_ko: $meaning_ko,
                        what_to_do_en: $do_en,
                        what_to_do_ko: $do_ko,
                    },)*
                }
            }
        }
    };
}

codes! {
    // The request's form.
    InvalidJson 400 No "invalid_json"
        "The body is not JSON" "본문이 JSON이 아니에요"
        "The body could not be read as one JSON object in UTF-8." "본문을 UTF-8로 쓴 JSON 객체 하나로 읽지 못했어요."
        "Send one JSON object; the detail names the line and column where reading stopped." "JSON 객체 하나를 보내 주세요. 읽기를 멈춘 줄과 칸이 detail에 있어요.";
    DuplicateField 400 No "duplicate_field"
        "A field is given twice" "같은 필드가 두 번 있어요"
        "An object in the body has the same name twice. Which of the two counts would be a guess." "본문의 한 객체에 같은 이름이 두 번 있어요. 어느 것을 따를지 정할 수 없어요."
        "Send each field once." "필드를 한 번씩만 보내 주세요.";
    UnknownField 400 No "unknown_field"
        "A field is not known" "모르는 필드가 있어요"
        "The body has a field that this request does not take, most often a spelling mistake." "이 요청에 없는 필드가 본문에 있어요. 대개 철자가 틀린 경우예요."
        "Correct or remove the field; the detail names the nearest one that is known." "필드 이름을 고치거나 빼 주세요. 가장 가까운 이름이 detail에 있어요.";
    MissingField 400 No "missing_field"
        "A required field is missing" "꼭 있어야 하는 필드가 없어요"
        "The body lacks a field without which the request has no meaning." "요청에 꼭 필요한 필드가 본문에 없어요."
        "Add the field that the answer names." "답의 field에 적힌 필드를 넣어 주세요.";
    InvalidValue 400 No "invalid_value"
        "A value cannot be used" "쓸 수 없는 값이 있어요"
        "A field holds a value of another type, out of range, or in another form than it takes." "필드의 값이 종류, 범위, 형식에 맞지 않아요."
        "Correct the field that the answer names. Amounts are whole numbers in the currency's smallest unit, without quotes or decimals." "답의 field에 적힌 값을 고쳐 주세요. 금액은 통화의 가장 작은 단위로 센 정수이고 따옴표나 소수점이 없어야 해요.";
    InvalidQuery 400 No "invalid_query"
        "The query cannot be used" "쓸 수 없는 조건이 있어요"
        "A parameter in the address is unknown, doubled or holds a value that it does not take." "주소의 조건에 모르는 이름이나 쓸 수 없는 값이 있어요."
        "Correct the parameter that the answer names." "답의 field에 적힌 조건을 고쳐 주세요.";
    InvalidHeader 400 No "invalid_header"
        "A header cannot be used" "쓸 수 없는 헤더가 있어요"
        "A header of the request does not have the form it needs." "요청 헤더의 형식이 맞지 않아요."
        "Correct the header that the detail names." "detail에 적힌 헤더를 고쳐 주세요.";
    UnknownVersion 400 No "unknown_version"
        "The API version is not known" "모르는 API 버전이에요"
        "The header Naru-Version names a version that this server does not speak." "Naru-Version 헤더에 적힌 버전을 이 서버가 몰라요."
        "Send a version that the detail lists, or leave the header out to get the newest." "detail에 있는 버전을 보내거나 헤더를 빼 주세요.";
    IdempotencyKeyRequired 400 No "idempotency_key_required"
        "An Idempotency-Key is required" "Idempotency-Key가 필요해요"
        "Every POST must carry the header Idempotency-Key, so that asking twice never does anything twice." "모든 POST에는 Idempotency-Key 헤더가 있어야 해요. 그래야 두 번 요청해도 한 번만 처리돼요."
        "Send a key of 1 to 255 visible ASCII characters that is new for each new piece of work, and the same one when you repeat it." "1~255자의 ASCII 글자로 된 키를 보내 주세요. 새 일에는 새 키를, 다시 보낼 때는 같은 키를 써 주세요.";
    Unauthorized 401 No "unauthorized"
        "The secret key is missing or wrong" "시크릿 키가 없거나 틀렸어요"
        "The request carries no secret key that this server knows." "이 서버가 아는 시크릿 키가 요청에 없어요."
        "Send sk_test_… or sk_live_… as Bearer token, or as Basic user name with an empty password. A client key (ck_…) is for browsers only." "sk_test_… 또는 sk_live_…를 Bearer로, 또는 Basic 사용자 이름으로 보내 주세요. 비밀번호는 비워 두세요. 클라이언트 키(ck_…)는 브라우저에서만 써요.";
    TestOnly 403 No "test_only"
        "Only in test mode" "테스트에서만 할 수 있어요"
        "Test helpers work with test keys, for payments at a simulated PG." "테스트 도우미는 테스트 키와 모의 결제사에서만 쓸 수 있어요."
        "Use a test key and a PG account of a simulator." "테스트 키와 모의 결제사 계정을 써 주세요.";
    RouteNotFound 404 No "route_not_found"
        "There is no such address" "없는 주소예요"
        "The API has nothing at this path." "API에 이 경로가 없어요."
        "Compare the path with /openapi.json." "/openapi.json에서 경로를 확인해 주세요.";
    NotFound 404 No "not_found"
        "There is no such thing" "찾을 수 없어요"
        "The shop has nothing by this id in the mode of the key: test and live data are apart." "이 키의 모드(테스트/라이브)에서 상점에 이 아이디로 된 것이 없어요."
        "Check the id and whether the key is a test or a live one." "아이디와 키의 모드를 확인해 주세요.";
    MethodNotAllowed 405 No "method_not_allowed"
        "The address does not take this method" "이 주소에 쓸 수 없는 메서드예요"
        "The path exists, but not with this HTTP method." "경로는 있지만 이 HTTP 메서드로는 쓸 수 없어요."
        "Use one of the methods in the Allow header." "Allow 헤더에 있는 메서드를 써 주세요.";
    NotAcceptable 406 No "not_acceptable"
        "Only JSON is answered" "JSON으로만 답해요"
        "The Accept header excludes application/json." "Accept 헤더에 application/json이 없어요."
        "Accept application/json, or leave the header out." "Accept에 application/json을 넣거나 헤더를 빼 주세요.";
    RequestTimeout 408 No "request_timeout"
        "The body came too slowly" "본문이 너무 늦게 왔어요"
        "The body had not arrived in full within the time it may take." "본문이 정해진 시간 안에 다 오지 않았어요."
        "Send it again with the same Idempotency-Key." "같은 Idempotency-Key로 다시 보내 주세요.";
    BodyTooLarge 413 No "body_too_large"
        "The body is too large" "본문이 너무 커요"
        "A body may have up to 64 KiB." "본문은 64 KiB까지 받아요."
        "Send less; metadata is for short notes." "더 적게 보내 주세요. metadata는 짧은 메모를 위한 것이에요.";
    UnsupportedMediaType 415 No "unsupported_media_type"
        "The body must be JSON" "본문은 JSON이어야 해요"
        "The Content-Type is not application/json in UTF-8." "Content-Type이 UTF-8로 쓴 application/json이 아니에요."
        "Send Content-Type: application/json." "Content-Type: application/json을 보내 주세요.";

    // Asking twice.
    IdempotencyKeyReused 422 No "idempotency_key_reused"
        "The Idempotency-Key was used for another request" "Idempotency-Key를 다른 요청에 썼어요"
        "A request with this key and another method, path or body came before. This one was not begun." "같은 키로 다른 메서드, 경로, 본문의 요청이 먼저 왔어요. 이 요청은 시작하지 않았어요."
        "Repeat a request with exactly the same bytes, or use a new key for new work; differs names the fields that are not the same." "다시 보낼 때는 바이트까지 똑같이 보내고, 새 일에는 새 키를 써 주세요. 다른 필드는 differs에 있어요.";
    IdempotencyKeyInUse 409 Unknown "idempotency_key_in_use"
        "The first request with this key is at work" "같은 키의 첫 요청을 처리하고 있어요"
        "A request with this key is still being worked on, so its answer is not known yet." "이 키로 온 요청을 아직 처리하고 있어서 답을 몰라요."
        "Send the same request again after Retry-After; it gets the first one's answer." "Retry-After 뒤에 같은 요청을 다시 보내 주세요. 첫 요청의 답을 받아요.";

    // Making a payment.
    OrderIdTaken 409 No "order_id_taken"
        "The order id belongs to another payment" "이미 결제를 만든 주문번호예요"
        "The shop has a payment with this orderId in this mode already." "이 모드에 같은 orderId의 결제가 이미 있어요."
        "Read it by GET /v1/orders/{orderId}/payment, or make a new order id." "GET /v1/orders/{orderId}/payment로 읽거나 새 주문번호를 써 주세요.";
    MethodUnavailable 422 No "method_unavailable"
        "No PG account offers this method" "이 결제 수단을 쓸 수 있는 결제사 계약이 없어요"
        "None of the shop's PG accounts in this mode has the method in its contract." "이 모드의 결제사 계약 가운데 이 결제 수단이 있는 것이 없어요."
        "Choose another method, or see GET /v1/pgs for what there is." "다른 결제 수단을 고르거나 GET /v1/pgs에서 확인해 주세요.";
    CurrencyUnavailable 422 No "currency_unavailable"
        "No PG account takes this currency" "이 통화를 받는 결제사 계약이 없어요"
        "The method exists, but not in the payment's currency." "결제 수단은 있지만 이 통화로는 쓸 수 없어요."
        "Use KRW or another method; GET /v1/pgs lists currencies." "KRW나 다른 결제 수단을 써 주세요. GET /v1/pgs에 통화가 있어요.";
    BelowMinimum 422 No "below_minimum"
        "The amount is below the method's minimum" "결제 수단의 최소 금액보다 적어요"
        "The PG does not take so small an amount by this method." "결제사가 이 결제 수단으로 이렇게 적은 금액을 받지 않아요."
        "Offer another method, or raise the amount to the minimum in the detail." "다른 결제 수단을 쓰거나 detail에 있는 최소 금액 이상으로 해 주세요.";
    KindUnknown 422 No "kind_unknown"
        "The method has no such kind" "결제 수단에 그런 종류가 없어요"
        "The easy-pay provider or voucher kind is not one of the method's." "간편결제사나 상품권 종류가 이 결제 수단에 없어요."
        "Use one of the kinds in GET /v1/pgs." "GET /v1/pgs에 있는 종류를 써 주세요.";
    InstalmentRefused 422 No "instalment_refused"
        "These instalments are not possible" "이 할부는 쓸 수 없어요"
        "The number of months is not offered for this method and amount." "이 결제 수단과 금액으로는 그 개월 수의 할부를 쓸 수 없어요."
        "Use fewer months, or 0 to pay at once." "개월 수를 줄이거나 0(일시불)을 써 주세요.";
    MethodNotOffered 422 No "method_not_offered"
        "The payment does not allow this method" "이 결제에 허용하지 않은 결제 수단이에요"
        "The shop named the methods of this payment, and this is none of them." "상점이 이 결제에 정한 결제 수단이 아니에요."
        "Use one of the payment's methods." "결제의 methods에 있는 결제 수단을 써 주세요.";
    Unsupported 422 No "unsupported"
        "The PG cannot do this" "결제사가 할 수 없는 일이에요"
        "The payment's PG has no such function, or not with these values." "이 결제의 결제사에 그런 기능이 없거나 이 값으로는 할 수 없어요."
        "The detail says what is missing; do without it or use another PG account." "무엇이 없는지 detail에 있어요. 빼거나 다른 결제사 계약을 써 주세요.";

    // A payment's state.
    NotPossibleNow 409 No "not_possible_now"
        "The payment's state does not allow this" "지금 상태에서는 할 수 없어요"
        "What was asked does not follow from the state the payment is in." "결제의 지금 상태에서 할 수 있는 일이 아니에요."
        "Read the payment and look at its status." "결제를 읽어 status를 확인해 주세요.";
    PaymentClosed 409 No "payment_closed"
        "The payment cannot be paid any more" "더는 결제할 수 없어요"
        "The payment is paid, canceled or given up." "이미 결제됐거나 취소됐거나 끝난 결제예요."
        "Read the payment; make a new one for a new order." "결제를 읽어 보고, 새 주문이면 새로 만들어 주세요.";
    PaymentExpired 409 No "payment_expired"
        "The time to pay ran out" "결제 시간이 지났어요"
        "The payment expired before the shopper agreed." "구매자가 결제하기 전에 시간이 지났어요."
        "Make a new payment with a new order id." "새 주문번호로 결제를 만들어 주세요.";
    AttemptUnderWay 409 No "attempt_under_way"
        "Another attempt of the payment is under way" "다른 결제 시도가 진행되고 있어요"
        "Money may be moving for another attempt of this payment; a second one is not begun." "이 결제의 다른 시도에서 돈이 나가고 있을 수 있어 새로 시작하지 않았어요."
        "Wait for the outcome: read the payment or take the webhook." "결제를 읽거나 웹훅을 받아 결과를 기다려 주세요.";
    TooManyAttempts 409 No "too_many_attempts"
        "The payment has used all its attempts" "결제 시도를 다 썼어요"
        "A payment takes up to 20 attempts." "결제 하나에 20번까지 시도할 수 있어요."
        "Make a new payment with a new order id." "새 주문번호로 결제를 만들어 주세요.";
    ReturnMismatch 400 No "return_mismatch"
        "What the browser brought back does not fit the payment" "돌아온 내용이 결제와 달라요"
        "The amount or order in the PG's return address is not the payment's. It was not approved." "결제사에서 돌아온 금액이나 주문이 이 결제와 달라요. 승인하지 않았어요."
        "Start again on the checkout page. If it repeats, someone may be tampering." "결제 화면에서 다시 시작해 주세요. 되풀이되면 누군가 바꾸고 있을 수 있어요.";
    BadReturn 400 No "bad_return"
        "The return address cannot be read" "돌아온 주소를 읽을 수 없어요"
        "The address by which the browser came back is not one that the PG makes." "결제사가 만드는 돌아오는 주소가 아니에요."
        "Start again on the checkout page." "결제 화면에서 다시 시작해 주세요.";
    NotAwaitingShop 409 No "not_awaiting_shop"
        "The payment does not wait for the shop" "상점의 결정을 기다리는 결제가 아니에요"
        "Only a payment made with confirm BY_SHOP to which the shopper has agreed can be confirmed or refused." "confirm이 BY_SHOP이고 구매자가 동의한 결제만 승인하거나 거절할 수 있어요."
        "Read the payment; it may be decided already." "결제를 읽어 보세요. 이미 결정됐을 수 있어요.";

    // Giving money back.
    NothingToCancel 409 No "nothing_to_cancel"
        "There is nothing to cancel" "취소할 것이 없어요"
        "The payment is not paid, or all of it was given back." "결제되지 않았거나 이미 모두 취소된 결제예요."
        "Read the payment and its cancels." "결제와 cancels를 읽어 주세요.";
    ExceedsPaid 422 No "exceeds_paid"
        "More than is left cannot be canceled" "남은 금액보다 많이 취소할 수 없어요"
        "The amount is larger than what was paid less all that was, or may be, given back." "결제한 금액에서 취소했거나 취소 중인 금액을 뺀 나머지보다 많아요."
        "Cancel at most what is left; the detail names it." "detail에 있는 남은 금액까지만 취소해 주세요.";
    BalanceDiffers 409 No "balance_differs"
        "What is left is not what was expected" "남은 금액이 예상과 달라요"
        "expectedBalance is not what is left to cancel: something else was canceled meanwhile." "expectedBalance가 취소할 수 있는 금액과 달라요. 그사이 다른 취소가 있었어요."
        "Read the payment and decide again." "결제를 읽고 다시 결정해 주세요.";
    CancelAmountInvalid 422 No "cancel_amount_invalid"
        "The amount to cancel cannot be so" "취소할 금액이 맞지 않아요"
        "The amount is not above zero, or its tax-free part does not fit what is left of it." "금액이 0보다 크지 않거나 면세 금액이 남은 금액에 맞지 않아요."
        "Correct amount and taxFreeAmount, or leave both out to cancel all that is left." "amount와 taxFreeAmount를 고치거나, 둘 다 빼서 남은 금액을 모두 취소해 주세요.";
    PartialCancelRefused 422 No "partial_cancel_refused"
        "The payment cannot be canceled in parts" "부분 취소를 할 수 없는 결제예요"
        "The PG does not cancel this payment in parts." "결제사가 이 결제의 부분 취소를 받지 않아요."
        "Cancel all of it, or give the difference back in another way." "전액을 취소하거나 다른 방법으로 돌려주세요.";
    RefundAccountNeeded 422 No "refund_account_needed"
        "A refund account is needed" "환불 계좌가 필요해요"
        "A deposit that has come is sent back to an account of the shopper's." "입금된 가상계좌는 구매자의 계좌로 돌려줘야 해요."
        "Send refundAccount with bank, number and holder." "refundAccount에 bank, number, holder를 보내 주세요.";
    CancelUnderWay 409 No "cancel_under_way"
        "Another cancel is under way" "다른 취소를 처리하고 있어요"
        "The outcome of another cancel of this payment is not known yet; this one was not begun." "이 결제의 다른 취소가 아직 끝나지 않아 시작하지 않았어요."
        "Send it again after Retry-After with a new Idempotency-Key, once the payment's cancels are decided." "결제의 cancels가 정해지면 새 Idempotency-Key로 다시 보내 주세요.";
    TooManyCancels 409 No "too_many_cancels"
        "The payment has used all its cancels" "취소를 다 썼어요"
        "A payment takes up to 100 cancels." "결제 하나에 100번까지 취소할 수 있어요."
        "Give the rest back in another way." "나머지는 다른 방법으로 돌려주세요.";
    ReceiptNotPossible 409 No "receipt_not_possible"
        "A cash receipt is not possible" "현금영수증을 만들 수 없어요"
        "A cash receipt needs a payment by transfer or virtual account that is paid and has none yet." "계좌이체나 가상계좌로 결제가 끝났고 현금영수증이 아직 없어야 해요."
        "Read the payment; it may have one already." "결제를 읽어 보세요. 이미 있을 수 있어요.";
    PgRefused 422 No "pg_refused"
        "The PG refused" "결제사가 거절했어요"
        "The PG gave a definite no. Nothing was moved by this request." "결제사가 거절했어요. 이 요청으로 움직인 돈은 없어요."
        "See reason, pgCode and pgMessage in the detail, and the payment itself." "detail의 이유와 결제사 코드, 결제의 내용을 확인해 주세요.";
    OutcomeUnknown 503 Unknown "outcome_unknown"
        "The PG's answer is not known yet" "결제사의 답을 아직 몰라요"
        "The PG was asked and gave no clear answer. We keep asking." "결제사에 물었지만 분명한 답이 없어요. 계속 묻고 있어요."
        "Read the payment later or wait for the webhook. Sending the same request with the same key is safe." "나중에 결제를 읽거나 웹훅을 기다려 주세요. 같은 키로 같은 요청을 보내도 안전해요.";

    // Webhooks.
    WebhookUrlRefused 422 No "webhook_url_refused"
        "The webhook address is refused" "쓸 수 없는 웹훅 주소예요"
        "Webhooks go to public https addresses only." "웹훅은 공개된 https 주소로만 보내요."
        "The detail says what is wrong with the address." "무엇이 맞지 않는지 detail에 있어요.";
    TooManyEndpoints 409 No "too_many_endpoints"
        "The shop has all the webhook endpoints it may have" "웹훅 주소를 더 만들 수 없어요"
        "The number of webhook endpoints is limited." "웹훅 주소의 수에는 한도가 있어요."
        "Delete one that is not needed." "쓰지 않는 것을 지워 주세요.";

    // Ours.
    TooManyRequests 429 No "too_many_requests"
        "This shop asks too much at once" "이 상점의 요청이 너무 많아요"
        "The server is busy, and this shop has its fair share of it already. This request was not begun." "서버가 바쁘고 이 상점은 이미 제 몫만큼 쓰고 있어요. 이 요청은 시작하지 않았어요."
        "Send the same request again after Retry-After, and fewer at a time." "Retry-After 뒤에 같은 요청을 다시 보내고, 한꺼번에 보내는 수를 줄여 주세요.";
    Busy 503 No "busy"
        "Too much at once" "지금은 요청이 너무 많아요"
        "The server takes no more work at this moment. This request was not begun." "지금은 서버가 더 받을 수 없어요. 이 요청은 시작하지 않았어요."
        "Send the same request again after Retry-After." "Retry-After 뒤에 같은 요청을 다시 보내 주세요.";
    Unavailable 503 Unknown "unavailable"
        "The service is not available" "지금은 처리할 수 없어요"
        "Something that the server needs, such as its database, does not answer." "데이터베이스처럼 서버에 필요한 것이 응답하지 않아요."
        "Send the same request again after Retry-After with the same Idempotency-Key: nothing is done twice." "Retry-After 뒤에 같은 Idempotency-Key로 다시 보내 주세요. 두 번 처리되지 않아요.";
    InternalError 500 Unknown "internal_error"
        "An internal error" "내부 오류예요"
        "The server stopped this request because something was not as it must be." "무언가 맞지 않아 서버가 이 요청을 멈췄어요."
        "Send the same request again with the same Idempotency-Key. If it stays, tell the operator the requestId." "같은 Idempotency-Key로 다시 보내 주세요. 계속되면 운영자에게 requestId를 알려 주세요.";
}

/// Every public error code, in the order of the documentation.
pub fn problem_codes() -> Vec<ProblemCode> {
    Code::ALL.iter().map(|code| *code.info()).collect()
}

impl ProblemCode {
    /// The page `docs/errors/<code>.md`: English, then Korean.
    pub fn markdown(&self) -> String {
        let (money_en, money_ko) = match self.money_moved {
            MoneyMoved::No => (
                "No. This request moved no money.",
                "아니요. 이 요청으로 움직인 돈은 없어요.",
            ),
            MoneyMoved::Unknown => (
                "Not known. Read the payment before doing anything twice.",
                "알 수 없어요. 무엇이든 두 번 하기 전에 결제를 읽어 주세요.",
            ),
        };
        format!(
            "# {}\n\n`{}` · HTTP {}\n\n{}\n\n**What to do.** {}\n\n**May money have moved?** {}\n\n## {}\n\n{}\n\n**할 일.** {}\n\n**돈이 움직였을 수 있나요?** {}\n",
            self.title_en,
            self.code,
            self.status,
            self.meaning_en,
            self.what_to_do_en,
            money_en,
            self.title_ko,
            self.meaning_ko,
            self.what_to_do_ko,
            money_ko
        )
    }
}
