//! Virtual accounts: the deposit comes, comes late, comes wrong, is taken back, is not wanted any more.

use super::story::check;

fn waiting(terms: &str, story: &str) {
    check(&format!(
        "pay 10000 KRW {terms}\nopen A1 VIRTUAL_ACCOUNT\nagree A1 10000\n\
         pg A1 says waiting -> waiting for deposit, A1 waiting for deposit, told payment.waiting_for_deposit, todo inquire A1, due 21600s\n{story}"
    ));
}

#[test]
fn the_deposit_comes() {
    waiting(
        "",
        "
        wait 2d
        time up                     -> quiet
        pg A1 says waiting          -> quiet
        open A2                     -> refused AnotherUnderWay
        pg A1 says approved         -> done, told payment.done, receivable 10000
        cancel                      -> refused RefundAccountNeeded
        cancel account              -> C1 requested, C1 takes 10000
        pg C1 done K1:10000         -> canceled, receivable 0
    ",
    );
}

#[test]
fn the_account_is_looked_at_now_and_then_and_every_hour_after_its_time() {
    waiting(
        "",
        "
        wait 6h
        ask                         -> due 21660s, todo inquire A1
        pg A1 says waiting          -> quiet
        unanswered A1               -> due 43200s
        wait 161h
        ask
        unanswered A1               -> due 606600s, no person
        wait 1d
        ask                         -> due 687660s
        pg A1 silent                -> quiet
        pg A1 not_yet               -> quiet, waiting for deposit
        unanswered A1               -> due 691200s, no person
        wait 3d
        ask                         -> person, waiting for deposit
        pg A1 says timed_out        -> expired, no person
    ",
    );
}

#[test]
fn the_account_runs_out() {
    waiting(
        "",
        "
        wait 8d
        pg A1 says timed_out        -> expired, A1 declined, told payment.expired, todo nothing, due never
        pg A1 says timed_out        -> quiet
        pg A1 says approved         -> expired, A1 voiding, told payment.held, suspense -10000, receivable 10000, balanced
        look                        -> person
        ask
        void A1 no                  -> A1 voiding, receivable 10000, todo void A1, person, due 691205s
        cancel                      -> refused RefundAccountNeeded
        void A1 done                -> expired, A1 voided, told payment.held_returned, receivable 0, suspense 0
    ",
    );
    waiting(
        "accept_late",
        "
        wait 8d
        pg A1 says timed_out        -> expired
        pg A1 says timed_out        -> quiet, expired
        pg A1 says approved         -> done, A1 approved, receivable 10000, failure none
    ",
    );
    check(
        "pay 100 KRW\nopen A1 VIRTUAL_ACCOUNT\nagree A1 100\npg A1 says timed_out -> ready, A1 declined, failure expired",
    );
}

#[test]
fn a_wrong_deposit_goes_back() {
    waiting(
        "",
        "
        pg A1 says approved 9000    -> confirming, A1 voiding, A1 because amount_mismatch, told payment.held, suspense -9000, todo void A1
        pg A1 says approved 9000    -> quiet
        ask
        void A1 silent              -> changed, due 5s
        cancel                      -> refused RefundAccountNeeded
        pg A1 says canceled         -> ready, A1 voided, told payment.held_returned, suspense 0, receivable 0
    ",
    );
}

#[test]
fn the_bank_takes_a_deposit_back() {
    waiting(
        "",
        "
        pg A1 says approved         -> done
        pg A1 says waiting          -> waiting for deposit, told payment.deposit_taken_back, receivable 0, vat_payable 0, left 0
        pg A1 says approved         -> done, receivable 10000
    ",
    );
    // A part went back before: the rest of the sale is reversed, and the account is to be closed.
    waiting(
        "",
        "
        pg A1 says approved
        cancel 3000 account         -> C1 requested
        pg C1 done K1:3000          -> partial canceled, receivable 7000
        pg A1 says waiting          -> canceled, A1 voiding, told payment.deposit_taken_back, receivable 0, suspense 0, balanced, left 0, todo void A1
        pg A1 says waiting          -> quiet
        pg A1 says approved         -> canceled, A1 voiding, receivable 10000, suspense -10000, person
        void A1 done                -> A1 voided, receivable 0, suspense 0, balanced
    ",
    );
    waiting(
        "",
        "
        pg A1 says approved
        cancel account
        pg C1 done K1:10000         -> canceled
        pg A1 says waiting          -> quiet
    ",
    );
    // A cancel that was on its way has nothing to give back any more.
    waiting(
        "",
        "
        pg A1 says approved
        cancel account              -> C1 requested
        pg C1 silent                -> C1 unknown
        pg A1 says waiting          -> waiting for deposit, C1 refused, todo inquire A1
        pg A1 says canceled         -> canceled, A1 declined, receivable 0
    ",
    );
}

#[test]
fn an_account_is_given_up_before_its_deposit() {
    waiting(
        "",
        "
        cancel 9999                 -> refused PartialNotAllowed
        cancel 10000                -> C1 requested, C1 takes 0, C1 whole, todo cancel C1
        pg C1 done                  -> canceled, A1 declined, C1 done, told payment.canceled, receivable 0, given_back 0
        pg A1 says canceled         -> quiet
    ",
    );
    waiting(
        "",
        "cancel\npg C1 silent -> C1 unknown\npg A1 says canceled -> canceled, C1 done",
    );
    waiting(
        "",
        "pg A1 says canceled -> canceled, A1 declined, told payment.canceled",
    );
    waiting(
        "",
        "cancel\npg C1 no -> waiting for deposit, C1 refused, told payment.cancel_failed",
    );
}

#[test]
fn a_cancel_and_the_deposit_cross() {
    waiting(
        "",
        "
        cancel                      -> C1 requested
        pg A1 says approved         -> done, C1 refused, C1 because already_processed, receivable 10000
        pg C1 no                    -> quiet, done
    ",
    );
    waiting(
        "",
        "
        cancel
        pg A1 says approved         -> done, C1 refused
        pg C1 done left 0 K1:10000  -> canceled, receivable 0, balanced
    ",
    );
    // The wrong sum, or the end of the account, comes between.
    waiting(
        "",
        "
        cancel
        pg A1 says approved 7000    -> A1 voiding, C1 refused
        void A1 done                -> ready, A1 voided, receivable 0, todo nothing
        pg C1 done                  -> quiet
    ",
    );
    waiting(
        "",
        "
        cancel
        pg C1 silent
        pg A1 says timed_out        -> expired, C1 refused, C1 because expired, todo nothing, due never
        pg C1 done                  -> quiet, expired
    ",
    );
}

#[test]
fn a_refund_that_cannot_be_repeated_is_looked_for_ten_times() {
    let story = |after: &str| {
        let look = "ask -> todo look_for C1\npg A1 says approved -> quiet, C1 unknown\nunanswered C1\nwait 1h\n";
        format!(
            "
            pg A1 says approved
            cancel 4000 account         -> C1 requested, todo cancel C1
            pg C1 silent                -> C1 unknown, todo cancel C1
            {}
            ask                         -> todo look_for C1, person
            {after}
        ",
            look.repeat(9)
        )
    };
    waiting(
        "",
        &story(
            "pg A1 says approved -> done, C1 refused, C1 because not_found_at_pg, told payment.cancel_failed, todo nothing",
        ),
    );
    waiting(
        "",
        &story("pg A1 says approved 10000 left 6000 K1:4000 -> partial canceled, C1 done, receivable 6000"),
    );
    waiting(
        "",
        &story(
            "pg A1 says approved 10000 left 9000 -> partial canceled, C1 refused, cancels 2, receivable 9000, todo nothing",
        ),
    );
}
