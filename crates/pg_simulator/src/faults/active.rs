//! The faults in force for one call.

use super::Fault;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Active {
    pub slow: bool,
    pub before: Option<Break>,
    pub after: Option<Break>,
    /// What becomes of an answer that does leave.
    pub spoil: Option<Spoil>,
    pub notices: NoticePlan,
    /// The PG books [`super::WRONG_BY`] more; each PG does that itself.
    pub wrong_amount: bool,
    /// The PG's dates in the answer are off; each PG does that itself, before it signs anything.
    /// For notices: [`NoticePlan::skewed`].
    pub clock_skew: bool,
}

/// How an answer breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    Hang,
    ServerError,
    Reset,
}

/// How an answer that leaves is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoil {
    Truncated,
    Html,
    EucKr,
    WrongTypes,
    WrongOrder,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoticePlan {
    pub doubled: bool,
    pub early: bool,
    pub late: bool,
    pub reordered: bool,
    pub lost: bool,
    pub forged: bool,
    /// Dates in the body are [`super::CLOCK_SKEW`] ahead.
    pub skewed: bool,
}

impl Active {
    pub fn add(&mut self, fault: Fault) {
        match fault {
            Fault::Slow => self.slow = true,
            Fault::TimeoutBefore => self.before = Some(Break::Hang),
            Fault::TimeoutAfter => self.after = Some(Break::Hang),
            Fault::ErrorBefore => self.before = Some(Break::ServerError),
            Fault::ErrorAfter => self.after = Some(Break::ServerError),
            Fault::ResetBefore => self.before = Some(Break::Reset),
            Fault::ResetAfter => self.after = Some(Break::Reset),
            Fault::Truncated => self.spoil = Some(Spoil::Truncated),
            Fault::Html => self.spoil = Some(Spoil::Html),
            Fault::EucKr => self.spoil = Some(Spoil::EucKr),
            Fault::WrongTypes => self.spoil = Some(Spoil::WrongTypes),
            Fault::WrongOrder => self.spoil = Some(Spoil::WrongOrder),
            Fault::WrongAmount => self.wrong_amount = true,
            Fault::ClockSkew => {
                self.clock_skew = true;
                self.notices.skewed = true;
            }
            Fault::NoticeDoubled => self.notices.doubled = true,
            Fault::NoticeEarly => self.notices.early = true,
            Fault::NoticeLate => self.notices.late = true,
            Fault::NoticeReordered => self.notices.reordered = true,
            Fault::NoticeLost => self.notices.lost = true,
            Fault::NoticeForged => self.notices.forged = true,
        }
    }

    pub fn with(mut self, weaker: Active) -> Active {
        self.slow |= weaker.slow;
        self.before = self.before.or(weaker.before);
        self.after = self.after.or(weaker.after);
        self.spoil = self.spoil.or(weaker.spoil);
        self.notices = self.notices.with(weaker.notices);
        self.wrong_amount |= weaker.wrong_amount;
        self.clock_skew |= weaker.clock_skew;
        self
    }
}

impl NoticePlan {
    fn with(mut self, other: NoticePlan) -> NoticePlan {
        self.doubled |= other.doubled;
        self.early |= other.early;
        self.late |= other.late;
        self.reordered |= other.reordered;
        self.lost |= other.lost;
        self.forged |= other.forged;
        self.skewed |= other.skewed;
        self
    }
}
