use std::fmt;
use std::str::FromStr;

use vocabulary::PgAccountId;

/// Where money is, or why it moved. Of one shop and mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// What a PG owes the shop and has not paid out. An asset.
    PgReceivable(PgAccountId),
    /// Supply price of taxable sales (공급가액). Income.
    Sales,
    /// Sales free of or outside VAT (면세). Income.
    TaxFreeSales,
    /// VAT collected and owed to the tax office (부가세). A liability.
    VatPayable,
    /// Supply price given back, kept apart from sales. Contra income.
    Refunds,
    /// What PGs keep for themselves. An expense.
    PgFees,
    /// VAT on the PGs' fees, which the shop deducts. An asset.
    VatOnFees,
    /// Money a PG took that the shop did not ask for, until it is given back. A liability.
    Suspense,
}

impl fmt::Display for Account {
    /// As stored and as `narupay books` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::PgReceivable(account) => write!(f, "pg_receivable:{account}"),
            Account::Sales => f.write_str("sales"),
            Account::TaxFreeSales => f.write_str("tax_free_sales"),
            Account::VatPayable => f.write_str("vat_payable"),
            Account::Refunds => f.write_str("refunds"),
            Account::PgFees => f.write_str("pg_fees"),
            Account::VatOnFees => f.write_str("vat_on_fees"),
            Account::Suspense => f.write_str("suspense"),
        }
    }
}

impl FromStr for Account {
    type Err = ();

    fn from_str(text: &str) -> Result<Account, ()> {
        if let Some(id) = text.strip_prefix("pg_receivable:") {
            return id.parse().map(Account::PgReceivable).map_err(|_| ());
        }
        Ok(match text {
            "sales" => Account::Sales,
            "tax_free_sales" => Account::TaxFreeSales,
            "vat_payable" => Account::VatPayable,
            "refunds" => Account::Refunds,
            "pg_fees" => Account::PgFees,
            "vat_on_fees" => Account::VatOnFees,
            "suspense" => Account::Suspense,
            _ => return Err(()),
        })
    }
}
