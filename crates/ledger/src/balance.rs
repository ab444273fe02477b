use std::collections::BTreeMap;

use vocabulary::{Currency, Money, MoneyError};

use crate::{Account, Line};

/// Debits and credits by account and currency. Its total is zero, or the books are wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrialBalance {
    rows: BTreeMap<(Account, &'static str), Row>,
}

/// Both sums are positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub debit: Money,
    pub credit: Money,
}

impl Row {
    pub fn balance(self) -> Result<Money, MoneyError> {
        self.debit.checked_sub(self.credit)
    }
}

impl TrialBalance {
    pub fn add(&mut self, line: Line) -> Result<(), MoneyError> {
        let zero = Money::zero(line.amount.currency);
        let sides = if line.amount.minor >= 0 {
            (line.amount, zero)
        } else {
            (zero, line.amount.checked_neg()?)
        };
        self.add_sums(line.account, sides.0, sides.1)
    }

    /// Adds sums a database has already made; both are positive.
    pub fn add_sums(&mut self, account: Account, debit: Money, credit: Money) -> Result<(), MoneyError> {
        let zero = Money::zero(debit.currency);
        let row = self.rows.entry((account, debit.currency.code())).or_insert(Row {
            debit: zero,
            credit: zero,
        });
        row.debit = row.debit.checked_add(debit)?;
        row.credit = row.credit.checked_add(credit)?;
        Ok(())
    }

    pub fn rows(&self) -> impl Iterator<Item = (Account, Row)> + '_ {
        self.rows.iter().map(|((account, _), row)| (*account, *row))
    }

    /// Debits minus credits in each currency; all zero when the books balance.
    pub fn totals(&self) -> Result<Vec<Money>, MoneyError> {
        let mut totals: Vec<Money> = Vec::new();
        for row in self.rows.values() {
            let balance = row.balance()?;
            match totals.iter_mut().find(|total| total.currency == balance.currency) {
                Some(total) => *total = total.checked_add(balance)?,
                None => totals.push(balance),
            }
        }
        Ok(totals)
    }

    /// An account's balance: debits minus credits.
    pub fn balance(&self, account: Account, currency: Currency) -> Result<Money, MoneyError> {
        self.rows
            .get(&(account, currency.code()))
            .map_or(Ok(Money::zero(currency)), |row| row.balance())
    }

    pub fn balanced(&self) -> Result<bool, MoneyError> {
        Ok(self.totals()?.into_iter().all(Money::is_zero))
    }
}
