//! Everything the shop says, in Korean and English, and how it writes sums and times.

use vocabulary::{Money, Timestamp};

use crate::orders::Standing;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    Ko,
    En,
}

impl Lang {
    pub fn parse(code: &str) -> Option<Lang> {
        match code {
            "ko" => Some(Lang::Ko),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    /// The first of the two named in an `Accept-Language` header; Korean when neither is.
    pub fn preferred(header: &str) -> Lang {
        header
            .split(',')
            .filter_map(|part| Lang::parse(part.trim().get(..2)?.to_ascii_lowercase().as_str()))
            .next()
            .unwrap_or(Lang::Ko)
    }

    pub fn code(self) -> &'static str {
        self.pick(["ko", "en"])
    }

    pub fn other(self) -> Lang {
        match self {
            Lang::Ko => Lang::En,
            Lang::En => Lang::Ko,
        }
    }

    pub fn pick<T: Copy>(self, both: [T; 2]) -> T {
        match self {
            Lang::Ko => both[0],
            Lang::En => both[1],
        }
    }

    pub fn words(self) -> &'static Words {
        self.pick([&KO, &EN])
    }

    /// `12,000원` or `₩12,000`.
    pub fn won(self, sum: Money) -> String {
        let digits = grouped(sum.minor);
        match self {
            Lang::Ko => format!("{digits}원"),
            Lang::En => format!("₩{digits}"),
        }
    }

    /// Korean time to the minute: `2026.11.25 14:03`; in English with `KST`.
    pub fn time(self, at: Timestamp) -> String {
        let text = at.in_korea();
        let (date, clock) = (&text[..10], &text[11..16]);
        let date = date.replace('-', ".");
        match self {
            Lang::Ko => format!("{date} {clock}"),
            Lang::En => format!("{date} {clock} KST"),
        }
    }

    pub fn pay(self, sum: Money) -> String {
        match self {
            Lang::Ko => format!("{} 결제하기", self.won(sum)),
            Lang::En => format!("Pay {}", self.won(sum)),
        }
    }

    pub fn left(self, count: u32) -> String {
        match self {
            Lang::Ko => format!("{count}개 남음"),
            Lang::En => format!("{count} left"),
        }
    }

    pub fn canceled(self, count: u32) -> String {
        match self {
            Lang::Ko => format!("{count}개 취소됨"),
            Lang::En => format!("{count} canceled"),
        }
    }

    pub fn sold_out(self, good: &str) -> String {
        match self {
            Lang::Ko => format!("「{good}」의 재고가 모자랍니다. 장바구니에서 수량을 바꿔 주세요."),
            Lang::En => format!("There is not enough of “{good}” left. Please change the quantity in your cart."),
        }
    }

    /// The word for a standing, and the sentence below it.
    pub fn standing(self, standing: Standing) -> (&'static str, &'static str) {
        use Standing::*;
        let both = match standing {
            Paid => [
                ("결제 완료", "주문해 주셔서 고맙습니다. 곧 보내 드리겠습니다."),
                ("Paid", "Thank you for your order. We will send it soon."),
            ],
            PartlyCanceled => [
                (
                    "일부 취소됨",
                    "취소한 상품의 금액은 돌려드렸습니다. 나머지는 그대로 보내 드립니다.",
                ),
                (
                    "Partly canceled",
                    "The canceled part was refunded. The rest is on its way.",
                ),
            ],
            WaitingForDeposit => [
                ("입금 대기", "아래 계좌로 입금하시면 주문이 확정됩니다."),
                (
                    "Waiting for your deposit",
                    "Your order is confirmed once you pay into the account below.",
                ),
            ],
            Checking => [
                (
                    "확인 중",
                    "결제 결과를 확인하고 있습니다. 다시 결제하지 말고 잠시 기다려 주세요.",
                ),
                (
                    "Checking",
                    "We are checking your payment. Please wait a moment and do not pay again.",
                ),
            ],
            Unpaid | NotOpened => [
                ("결제 안 됨", "아직 결제되지 않았습니다. 청구된 금액은 없습니다."),
                ("Not paid", "Nothing has been paid yet, and you were not charged."),
            ],
            NotPaid => [
                (
                    "결제 안 됨",
                    "이 주문은 결제되지 않고 끝났습니다. 청구된 금액은 없습니다.",
                ),
                ("Not paid", "This order ended without a payment. You were not charged."),
            ],
            Canceled => [
                (
                    "취소 완료",
                    "주문이 취소되었습니다. 결제한 금액이 있으면 모두 돌려드립니다.",
                ),
                (
                    "Canceled",
                    "The order was canceled. Anything you paid goes back to you.",
                ),
            ],
        };
        self.pick(both)
    }

    /// A method of payment as people say it; nothing for one we do not know.
    pub fn method(self, code: &str) -> &'static str {
        let both = match code {
            "CARD" => ["카드", "Card"],
            "TRANSFER" => ["계좌이체", "Bank transfer"],
            "VIRTUAL_ACCOUNT" => ["가상계좌", "Virtual account"],
            "MOBILE" => ["휴대폰", "Mobile phone bill"],
            "EASY_PAY" => ["간편결제", "Easy pay"],
            "GIFT_VOUCHER" => ["상품권", "Gift voucher"],
            "OVERSEAS_CARD" => ["해외카드", "Card from abroad"],
            "OVERSEAS_EASY_PAY" => ["해외간편결제", "Easy pay from abroad"],
            _ => ["", ""],
        };
        self.pick(both)
    }
}

fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

macro_rules! words {
    ($($name:ident: $ko:literal, $en:literal;)*) => {
        /// One text per name.
        pub struct Words { $(pub $name: &'static str,)* }
        static KO: Words = Words { $($name: $ko,)* };
        static EN: Words = Words { $($name: $en,)* };
    };
}

words! {
    shop: "나루 상점", "Naru Goods";
    menu: "메뉴", "Menu";
    skip: "본문으로 건너뛰기", "Skip to content";
    other_lang: "English", "한국어";
    footer: "나루페이로 결제하는 예제 가게입니다. 실제 상품은 보내지 않습니다.", "An example shop that sells through NaruPay. Nothing is really sent.";
    goods: "상품", "Goods";
    hello: "천천히 고른 물건들", "Things chosen slowly";
    hello_more: "종이와 나무, 차와 흙. 오래 두고 쓸 것만 모았습니다.", "Paper and wood, tea and clay. Only what lasts.";
    tax_free: "면세", "No VAT";
    sold_out: "품절", "Sold out";
    instalments: "카드 할부 가능", "Instalments by card";
    quantity: "수량", "Quantity";
    add: "장바구니에 담기", "Add to cart";
    cart: "장바구니", "Cart";
    cart_empty: "장바구니가 비어 있습니다.", "Your cart is empty.";
    look_around: "상품 둘러보기", "Look around";
    less: "하나 빼기", "one less";
    more: "하나 더", "one more";
    total: "합계", "Total";
    to_order: "주문하기", "Order";
    order_form: "주문서", "Your order";
    vat_included: "부가세가 포함된 금액입니다. 결제 수단은 다음 화면에서 고릅니다.", "VAT is included. You choose how to pay on the next page.";
    checked_before_sale: "수가 적은 상품이 있어 결제 직전에 재고를 확인합니다. 없으면 결제되지 않습니다.", "Some goods are scarce: stock is checked just before payment. If it is gone, you are not charged.";
    who: "주문하시는 분", "About you";
    name: "이름", "Name";
    email: "이메일", "E-mail";
    phone: "휴대폰 번호", "Mobile number";
    wrong_name: "이름을 40자 안으로 적어 주세요.", "Please enter your name, up to 40 letters.";
    wrong_email: "이메일 주소를 확인해 주세요. 예: hana@example.com", "Please check the e-mail address, as hana@example.com.";
    wrong_phone: "숫자로 된 전화번호를 적어 주세요. 예: 010-1234-5678", "Please enter a phone number in digits, as 010-1234-5678.";
    look_again: "적으신 내용을 다시 확인해 주세요.", "Please check what you entered.";
    cart_changed: "장바구니가 바뀌었습니다. 금액을 확인하고 다시 눌러 주세요.", "Your cart has changed. Please check the sum and press again.";
    order: "주문", "Order";
    orders: "주문 내역", "Orders";
    no_orders: "이 브라우저에서 한 주문이 없습니다.", "No orders from this browser yet.";
    order_number: "주문 번호", "Order number";
    ordered_at: "주문 시각", "Ordered";
    method: "결제 수단", "Paid by";
    receipt: "영수증 보기", "Receipt";
    account: "입금하실 계좌", "Pay into this account";
    bank: "은행", "Bank";
    account_number: "계좌번호", "Account number";
    holder: "예금주", "Account holder";
    to_deposit: "입금액", "Amount";
    due: "입금 기한", "Pay by";
    pay_again: "다시 결제하기", "Pay again";
    given_back: "취소 금액", "Refunded";
    left: "남은 금액", "Left";
    cancel: "취소", "Cancel";
    cancel_one: "1개 취소", "Cancel one";
    cancel_whole: "주문 전체 취소", "Cancel the whole order";
    cancel_what: "취소할 것", "What to cancel";
    cancel_unpaid: "아직 결제하지 않은 주문이라 바로 취소됩니다.", "Nothing has been paid, so it is canceled at once.";
    cancel_text: "취소하면 결제한 수단으로 돌려드립니다.", "A cancel pays back the way you paid.";
    cancel_asked: "취소 결과를 확인하고 있습니다. 같은 버튼을 다시 눌러도 두 번 취소되지 않습니다.", "We are checking the cancel. Pressing the same button again does not cancel twice.";
    cancel_refused: "취소하지 못했습니다. 결제는 그대로입니다.", "The cancel was not possible. The payment stays as it was.";
    refund_account_text: "가상계좌로 받은 돈은 아래 계좌로 돌려드립니다. 계좌번호는 저장하지 않습니다.", "Money paid into a virtual account goes back to the account below. We do not keep its number.";
    refund_account_wrong: "환불받을 계좌를 확인해 주세요.", "Please check the account for the refund.";
    not_fresh: "지금은 결제 상태를 새로 확인하지 못했습니다. 마지막으로 확인한 상태를 보여 드립니다.", "We could not check the payment just now. This is what we last knew.";
    try_again: "다시 시도하기", "Try again";
    to_cart: "장바구니로", "To the cart";
    pay_down: "지금은 결제를 시작할 수 없습니다", "Payment cannot be started right now";
    pay_down_text: "청구된 금액은 없고, 장바구니는 그대로 있습니다. 잠시 뒤 다시 시도해 주세요.", "You were not charged, and your cart is kept. Please try again in a moment.";
    pay_refused_text: "청구된 금액은 없고, 장바구니는 그대로 있습니다. 장바구니에서 다시 주문해 주세요.", "You were not charged, and your cart is kept. Please order again from the cart.";
    not_enough: "재고가 모자랍니다", "Not enough left";
    not_found: "찾으시는 것이 없습니다", "There is nothing here";
    not_found_text: "주소를 확인해 주세요. 주문은 주문하신 브라우저에서만 보입니다.", "Please check the address. An order is only shown in the browser it was made in.";
    not_understood: "요청을 이해하지 못했습니다", "That could not be understood";
    not_understood_text: "앞 화면으로 돌아가 다시 시도해 주세요.", "Please go back and try again.";
    operator: "운영자 화면", "Operator";
    operator_text: "예제라서 로그인이 없습니다. 실제 가게라면 직원만 볼 수 있어야 합니다.", "An example, so there is no login. A real shop shows this to its staff only.";
    stock: "재고", "Stock";
    all_orders: "모든 주문", "All orders";
    nothing_yet: "아직 없습니다.", "Nothing yet.";
    state: "상태", "State";
    webhooks: "받은 웹훅", "Webhooks received";
    received_at: "받은 시각", "Received";
    event: "이벤트", "Event";
    version: "버전", "Version";
    signature: "서명", "Signature";
    verdict: "처리", "Outcome";
    genuine: "확인됨", "Valid";
    forged: "맞지 않음", "Invalid";
    taken_in: "반영함", "Applied";
    stale: "이미 아는 내용", "Known already";
    strange: "금액이 달라 믿지 않음", "Amount differs, not believed";
    not_ours: "이 가게의 주문 아님", "No order of this shop";
    unread: "읽지 못함", "Not read";
    ignored: "버림", "Ignored";
}
