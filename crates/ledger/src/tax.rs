use thiserror::Error;
use vocabulary::{Money, MoneyError, Round};

/// How an amount splits for Korean VAT (부가가치세, 10 % on top of the supply price; 복합과세).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tax {
    /// Price of the taxable part without VAT (공급가액).
    pub supplied: Money,
    pub vat: Money,
    /// Price of what is free of VAT (면세).
    pub tax_free: Money,
    /// Outside VAT altogether (cup deposits and the like).
    pub exempt: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TaxError {
    #[error("the untaxed part is negative or larger than the amount")]
    UntaxedPart,
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Tax {
    /// VAT is an eleventh of the taxable part, half won rounded up, as PGs print it on receipts.
    /// Only Korean won carries Korean VAT; other currencies are wholly supply price.
    pub fn split(amount: Money, tax_free: Money, exempt: Money) -> Result<Tax, TaxError> {
        let taxable = amount.checked_sub(tax_free)?.checked_sub(exempt)?;
        if taxable.minor < 0 || tax_free.minor < 0 || exempt.minor < 0 {
            return Err(TaxError::UntaxedPart);
        }
        let vat = match amount.currency {
            vocabulary::Currency::KRW => taxable.share(1, 11, Round::HalfUp)?,
            other => Money::zero(other),
        };
        Ok(Tax {
            supplied: taxable.checked_sub(vat)?,
            vat,
            tax_free,
            exempt,
        })
    }

    pub fn total(self) -> Result<Money, MoneyError> {
        Money::sum(
            self.supplied.currency,
            [self.supplied, self.vat, self.tax_free, self.exempt],
        )
    }

    /// What a cancel of `amount` takes away from `self`. The VAT of what is left is computed anew, so
    /// that any chain of partial cancels ends at exactly zero.
    pub fn part(self, amount: Money, tax_free: Money, exempt: Money) -> Result<Tax, TaxError> {
        let left = Tax::split(
            self.total()?.checked_sub(amount)?,
            self.tax_free.checked_sub(tax_free)?,
            self.exempt.checked_sub(exempt)?,
        )?;
        let part = Tax {
            supplied: self.supplied.checked_sub(left.supplied)?,
            vat: self.vat.checked_sub(left.vat)?,
            tax_free,
            exempt,
        };
        // More untaxed than is canceled in all would hand VAT back that was never taken.
        if amount.checked_sub(tax_free)?.checked_sub(exempt)?.minor < 0 || tax_free.minor < 0 || exempt.minor < 0 {
            return Err(TaxError::UntaxedPart);
        }
        Ok(part)
    }

    /// What is left of `self` after `part` was taken away.
    pub fn less(self, part: Tax) -> Result<Tax, MoneyError> {
        Ok(Tax {
            supplied: self.supplied.checked_sub(part.supplied)?,
            vat: self.vat.checked_sub(part.vat)?,
            tax_free: self.tax_free.checked_sub(part.tax_free)?,
            exempt: self.exempt.checked_sub(part.exempt)?,
        })
    }
}
