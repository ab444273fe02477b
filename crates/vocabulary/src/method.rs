use std::fmt;
use std::str::FromStr;

/// How a shopper pays, in the words Korean shops use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// 카드
    Card,
    /// 계좌이체
    Transfer,
    /// 가상계좌
    VirtualAccount,
    /// 휴대폰
    Mobile,
    /// 간편결제
    EasyPay,
    /// 상품권 (문화, 도서, 게임)
    GiftVoucher,
    /// 해외카드
    OverseasCard,
    /// 해외간편결제 (PayPal and its like)
    OverseasEasyPay,
}

impl Method {
    pub const ALL: [Method; 8] = [
        Method::Card,
        Method::EasyPay,
        Method::Transfer,
        Method::VirtualAccount,
        Method::Mobile,
        Method::GiftVoucher,
        Method::OverseasCard,
        Method::OverseasEasyPay,
    ];

    /// As the API, the database and the logs spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Card => "CARD",
            Method::Transfer => "TRANSFER",
            Method::VirtualAccount => "VIRTUAL_ACCOUNT",
            Method::Mobile => "MOBILE",
            Method::EasyPay => "EASY_PAY",
            Method::GiftVoucher => "GIFT_VOUCHER",
            Method::OverseasCard => "OVERSEAS_CARD",
            Method::OverseasEasyPay => "OVERSEAS_EASY_PAY",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Method {
    type Err = ();

    fn from_str(text: &str) -> Result<Method, ()> {
        Method::ALL.into_iter().find(|method| method.as_str() == text).ok_or(())
    }
}
