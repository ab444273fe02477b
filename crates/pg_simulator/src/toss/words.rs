//! The PG's words for its own enums, Korean and English.

use super::Lang;
use super::payment::{CardKind, Means, ReceiptKind, Voucher};

pub fn method(means: &Means, lang: Lang) -> &'static str {
    lang.pick(match means {
        Means::Card(_) => ("카드", "CARD"),
        Means::EasyPay { .. } => ("간편결제", "EASY_PAY"),
        Means::VirtualAccount(_) => ("가상계좌", "VIRTUAL_ACCOUNT"),
        Means::Transfer { .. } => ("계좌이체", "TRANSFER"),
        Means::Mobile { .. } => ("휴대폰", "MOBILE_PHONE"),
        Means::Voucher(Voucher::Culture) => ("문화상품권", "CULTURE_GIFT_CERTIFICATE"),
        Means::Voucher(Voucher::Book) => ("도서문화상품권", "BOOK_GIFT_CERTIFICATE"),
        Means::Voucher(Voucher::Game) => ("게임문화상품권", "GAME_GIFT_CERTIFICATE"),
        Means::ForeignEasyPay { .. } => ("해외간편결제", "FOREIGN_EASY_PAY"),
    })
}

pub fn card_kind(kind: CardKind) -> (&'static str, &'static str) {
    match kind {
        CardKind::Credit => ("신용", "CREDIT"),
        CardKind::Check => ("체크", "CHECK"),
    }
}

pub fn receipt_kind(kind: ReceiptKind) -> (&'static str, &'static str) {
    match kind {
        ReceiptKind::IncomeDeduction => ("소득공제", "INCOME_DEDUCTION"),
        ReceiptKind::ExpenseProof => ("지출증빙", "EXPENSE_PROOF"),
    }
}
