//! Several attempts, answers that come late, and sums nobody asked for.

use super::story::check;

#[test]
fn a_second_window_may_not_go_ahead() {
    check(
        "
        pay 10000 KRW
        open A1
        open A2
        agree A1 10000              -> in progress
        agree A2 10000              -> refused AnotherUnderWay
        pg A1 says approved         -> done, A2 declined, A2 because superseded
        agree A2 10000              -> quiet
        pg A2 no                    -> quiet
        gives_up A2                 -> quiet
    ",
    );
}

#[test]
fn of_two_approvals_the_second_goes_back() {
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 no                    -> ready
        open A2
        agree A2 10000
        pg A2 says approved         -> done
        pg A1 says approved         -> done, A1 voiding, A1 because superseded, told payment.held, receivable 20000, suspense -10000
        look                        -> todo void A1, due -1800000000s
        ask
        void A1 pending             -> changed, due 5s
        void A1 done                -> done, A1 voided, told payment.held_returned, receivable 10000, suspense 0, balanced, todo nothing
        void A1 done                -> quiet
        pg A1 says approved         -> quiet
        pg A1 says waiting          -> quiet
        pg A1 no                    -> quiet
    ",
    );
}

#[test]
fn a_late_approval_beside_one_under_way_is_held_and_the_other_goes_on() {
    let begin = "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 no
        open A2
        agree A2 10000
        pg A1 says approved         -> in progress, A1 voiding, receivable 10000
    ";
    check(&format!(
        "{begin}pg A2 says approved -> done, A2 approved\nvoid A1 done -> done, receivable 10000, suspense 0"
    ));
    check(&format!(
        "{begin}void A1 done -> in progress, A1 voided\npg A2 says approved -> done, receivable 10000"
    ));
    check(&format!(
        "{begin}pg A2 no -> confirming, A2 declined, told nothing
         open A3                    -> refused AnotherUnderWay
         void A1 done               -> ready, todo nothing, receivable 0
         open A3                    -> ready"
    ));
    check(&format!(
        "{begin}pg A2 silent -> confirming, A2 unknown, todo void A1
         void A1 done               -> confirming, todo inquire A2
         pg A2 says approved        -> done, receivable 10000"
    ));
    check(&format!(
        "{begin}pg A2 says waiting -> waiting for deposit
         void A1 done               -> waiting for deposit, A2 waiting for deposit
         cancel                     -> C1 requested
         pg C1 done                 -> canceled"
    ));
}

#[test]
fn a_late_approval_beside_an_awaited_deposit_is_held() {
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 no
        open A2 VIRTUAL_ACCOUNT
        agree A2 10000
        pg A2 says waiting
        pg A1 says approved         -> waiting for deposit, A1 voiding, todo void A1
        pg A2 says canceled         -> canceled, A2 declined
        void A1 done                -> canceled, receivable 0
    ",
    );
}

#[test]
fn what_is_asked_about_one_attempt_says_nothing_of_another() {
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 no                    -> ready
        open A2
        agree A2 10000              -> todo approve A2
        pg A1 says approved         -> A1 voiding, A2 approving, todo void A1
        ask A1                      -> todo void A1
        ask A2                      -> quiet
        pg A2 says approved         -> done, todo void A1
        void A1 no                  -> todo void A1, due 5s
        cancel 3000                 -> C1 requested, todo void A1
        pg C1 silent                -> C1 unknown, due 5s
        ask A1
        ask C1                      -> due 60s, todo void A1
        pg C1 done                  -> partial canceled
        void A1 done                -> todo nothing
    ",
    );
}

#[test]
fn an_approval_after_a_decline_counts_while_the_payment_is_open() {
    check(
        "pay 10000 KRW\nopen A1\nagree A1 10000\npg A1 no\npg A1 says approved -> done, A1 approved, receivable 10000",
    );
    check(
        "pay 10000 KRW\nopen A1 VIRTUAL_ACCOUNT\nagree A1 10000\npg A1 no\npg A1 says waiting -> waiting for deposit",
    );
}

#[test]
fn an_approval_after_the_end_follows_the_shops_terms() {
    let late = |terms: &str, then: &str| {
        check(&format!(
            "pay 10000 KRW {terms}\nopen A1\nagree A1 10000\npg A1 no\nwait 1h\ntime up -> expired\n{then}"
        ));
    };
    late(
        "",
        "pg A1 says approved -> expired, A1 voiding, told payment.held\nvoid A1 done -> expired, receivable 0",
    );
    late("accept_late", "pg A1 says approved -> done, receivable 10000");
    late(
        "accept_late",
        "pg A1 says approved 9000 -> expired, A1 voiding, suspense -9000",
    );
    let closed = "pay 10000 KRW accept_late\nopen A1\nagree A1 10000\npg A1 no\ncancel -> canceled";
    check(&format!(
        "{closed}\npg A1 says approved -> canceled, A1 voiding, receivable 10000, suspense -10000"
    ));
}

#[test]
fn a_shop_that_refused_to_sell_gets_no_late_sale() {
    check(
        "
        pay 10000 KRW by_shop accept_late
        open A1
        agree A1 10000
        shop confirms
        pg A1 no                    -> ready
        open A2
        agree A2 10000
        shop refuses                -> aborted
        pg A1 says approved         -> aborted, A1 voiding
    ",
    );
}

#[test]
fn a_wrong_sum_goes_back_and_the_shopper_may_pay_again() {
    for sum in [9_999, 10_001] {
        check(&format!(
            "
            pay 10000 KRW
            open A1
            agree A1 10000
            pg A1 says approved {sum}   -> confirming, A1 voiding, A1 because amount_mismatch, suspense -{sum}, sales 0
            open A2                     -> refused AnotherUnderWay
            time up                     -> quiet
            void A1 done                -> ready, failure amount_mismatch, receivable 0, suspense 0, balanced
            open A2                     -> ready
        "
        ));
    }
    check("pay 10000 KRW\nopen A1\nagree A1 10000\npg A1 says approved 1\nwait 1h\nvoid A1 done -> expired, A1 voided");
}

#[test]
fn a_void_that_the_pg_refuses_calls_a_person() {
    let asks = "ask -> no person, todo void A1\nvoid A1 no\nwait 1h\n".repeat(9);
    check(&format!(
        "pay 10 KRW\nopen A1\nagree A1 10\npg A1 says approved 9\n{asks}ask -> person\nvoid A1 done -> no person"
    ));
}

#[test]
fn a_held_account_whose_deposit_comes_is_booked_once() {
    check(
        "
        pay 10000 KRW
        open A1 VIRTUAL_ACCOUNT
        cancel                      -> canceled
        pg A1 says waiting          -> canceled, A1 voiding, receivable 0, told payment.held
        pg A1 says waiting          -> quiet
        pg A1 says approved         -> A1 voiding, receivable 10000, suspense -10000
        pg A1 says approved         -> quiet
        void A1 done                -> canceled, A1 voided, receivable 0
    ",
    );
    let held = "pay 10000 KRW\nopen A1 VIRTUAL_ACCOUNT\ncancel\npg A1 says waiting -> canceled, A1 voiding";
    for end in ["pg A1 failed", "pg A1 says timed_out"] {
        check(&format!(
            "{held}\n{end} -> canceled, A1 voided, told payment.held_returned, todo nothing"
        ));
        check(&format!(
            "{held}\npg A1 says approved\n{end} -> quiet, A1 voiding, suspense -10000"
        ));
    }
}

#[test]
fn approved_and_all_given_back_before_we_heard_is_a_no() {
    check(
        "pay 10000 KRW\nopen A1\nagree A1 10000\npg A1 silent\npg A1 says canceled -> ready, A1 declined, receivable 0",
    );
    check(
        "pay 10000 KRW\nopen A1\nagree A1 10000\npg A1 says approved 9000 left 0 -> confirming, A1 voiding, receivable 0\nvoid A1 done -> ready",
    );
}

#[test]
fn what_is_being_undone_does_not_stand_even_if_it_was_approved() {
    check(
        "
        pay 10000 KRW
        open A1
        undo A1                     -> quiet
        agree A1 10000
        pg A1 silent                -> confirming
        unanswered A1
        wait 5s
        ask
        undo A1                     -> changed, confirming
        undo A1                     -> quiet
        undone A1                   -> ready, A1 declined, A1 because pg_unavailable, failure pg_unavailable, told payment.attempt_failed
        undone A1                   -> quiet
        open A2                     -> A2 opened
    ",
    );
    // Nobody knows whether the net cancel arrived, or will.
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 silent
        undo A1
        pg A1 silent                -> quiet
        unanswered A1               -> confirming, todo inquire A1
        pg A1 says approved         -> confirming, A1 voiding, A1 because pg_unavailable, told payment.held, suspense -10000
        void A1 done                -> ready, A1 voided, failure pg_unavailable, suspense 0, receivable 0, balanced
        open A2                     -> A2 opened
    ",
    );
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 silent
        undo A1
        unanswered A1
        pg A1 says canceled         -> ready, A1 declined, A1 because pg_unavailable, receivable 0
    ",
    );
    // A notice was faster: what is approved is not undone.
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 silent
        pg A1 says approved         -> done
        undo A1                     -> quiet, done
    ",
    );
}

#[test]
fn what_was_undone_and_is_approved_all_the_same_follows_the_terms() {
    let undone = "
        open A1
        agree A1 10000
        pg A1 silent
        undo A1
        undone A1                   -> ready, A1 declined
    ";
    check(&format!(
        "pay 10000 KRW{undone}\npg A1 says approved -> done, A1 approved, receivable 10000"
    ));
    check(&format!(
        "pay 10000 KRW{undone}
        open A2
        agree A2 10000
        pg A1 says approved         -> in progress, A1 voiding, told payment.held
        pg A2 says approved         -> done, receivable 20000
        void A1 done                -> done, A1 voided, receivable 10000, balanced"
    ));
    let late = "
        wait 1h
        time up                     -> expired
    ";
    check(&format!(
        "pay 10000 KRW{undone}{late}\npg A1 says approved -> expired, A1 voiding, told payment.held"
    ));
    check(&format!(
        "pay 10000 KRW accept_late{undone}{late}\npg A1 says approved -> done, A1 approved"
    ));
    // The shop has given the order up itself: no terms bring it back.
    for terms in ["", " accept_late"] {
        check(&format!(
            "pay 10000 KRW{terms}{undone}
            cancel                      -> canceled
            pg A1 says approved         -> canceled, A1 voiding, told payment.held
            void A1 done                -> canceled, receivable 0, suspense 0, balanced"
        ));
    }
}
