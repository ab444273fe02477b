//! From the order to the money: agree, approve, silence, the shop's last word, the clock, receipts.

use super::story::check;

#[test]
fn a_card_payment_is_approved_once_and_booked_once() {
    check(
        "
        pay 10000 KRW tax_free 3000      -> ready, told payment.created, todo nothing, due 1800s
        open A1                          -> ready, A1 opened, todo nothing, due 1800s
        agree A1 10000                   -> in progress, A1 approving, todo approve A1, due 60s, told nothing
        agree A1 10000                   -> quiet
        pg A1 says approved 10000        -> done, A1 approved, told payment.done, todo nothing, due never, left 10000
        look                             -> receivable 10000, sales -6364, vat_payable -636, tax_free_sales -3000, balanced
        pg A1 says approved 10000        -> quiet
        pg A1 no                         -> quiet
        pg A1 silent                     -> quiet
        pg A1 failed                     -> quiet
        pg A1 not_yet                    -> quiet
        gives_up A1                      -> quiet
        time up                          -> quiet
        open A2                          -> refused Closed
        look                             -> receivable 10000
    ",
    );
}

#[test]
fn silence_is_a_state_and_is_asked_about_with_growing_waits() {
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 silent            -> confirming, A1 unknown, told payment.confirming, todo inquire A1, due 60s
        unanswered A1           -> due 5s
        open A2                 -> refused AnotherUnderWay
        cancel                  -> refused NothingToCancel
        wait 2h
        time up                 -> quiet, confirming
        ask                     -> changed, due 7260s, no person
        ask                     -> quiet
        wait 40s
        pg A1 silent            -> quiet
        pg A1 not_yet           -> quiet
        unanswered A1           -> due 7250s
        unanswered A1           -> quiet
        ask                     -> due 7300s
        unanswered A1           -> due 7260s
        ask
        unanswered A1           -> due 7280s
        ask
        unanswered A1           -> due 7320s
        ask
        unanswered A1           -> due 7400s
        ask                     -> due 7560s
        unanswered A1           -> due 7560s
        ask                     -> due 7880s
        unanswered A1           -> due 7880s
        ask
        unanswered A1           -> no person
        ask                     -> person
        unanswered A1           -> due 9800s
        ask
        unanswered A1           -> due 10840s
        pg A1 says approved     -> done, no person, receivable 10000
    ",
    );
}

#[test]
fn an_approve_that_was_asked_before_is_first_asked_about() {
    check(
        "
        pay 10000 KRW
        ask                     -> quiet
        open A1
        agree A1 10000          -> todo approve A1
        ask                     -> quiet, todo approve A1
        wait 1m
        ask                     -> todo inquire A1
        pg A1 not_yet           -> confirming, A1 unknown
        pg A1 no                -> ready, A1 declined, told payment.attempt_failed, failure declined_by_issuer
    ",
    );
}

#[test]
fn a_decline_lets_the_shopper_try_another_way() {
    check(
        "
        pay 10000 KRW CARD TRANSFER
        open A1 MOBILE          -> refused MethodNotAllowed
        open A1 CARD
        agree A1 10000
        pg A1 failed            -> ready, A1 declined, told payment.attempt_failed, failure insufficient_funds, todo nothing
        pg A1 failed            -> quiet
        open A2 TRANSFER        -> ready
        agree A2 10000          -> in progress, failure none
        pg A2 says approved     -> done, failure none, receivable 10000, balanced
    ",
    );
}

#[test]
fn the_browser_is_not_believed() {
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 9999           -> refused ReturnedAmount
        agree A1 10000.0        -> refused ReturnedAmount
        agree A1 -10000         -> refused ReturnedAmount
        agree A1 10000 order x  -> refused ReturnedOrder
        agree A9 10000          -> refused NoSuchAttempt
        pg A9 no                -> refused NoSuchAttempt
        look                    -> ready, A1 opened
    ",
    );
    for (text, then) in [
        ("10.99", "in progress"),
        ("1099", "in progress"),
        ("10.9", "refused ReturnedAmount"),
        ("10", "refused ReturnedAmount"),
        ("10.990", "refused ReturnedAmount"),
        ("1.099", "refused ReturnedAmount"),
        ("10.-9", "refused ReturnedAmount"),
        ("9223372036854775807", "refused ReturnedAmount"),
    ] {
        check(&format!("pay 1099 USD\nopen A1\nagree A1 {text} -> {then}"));
    }
    check("pay 1000 USD\nopen A1\nagree A1 10 -> in progress");
    check("pay 1050 USD\nopen A1\nagree A1 10.5 -> in progress");
}

#[test]
fn dollars_carry_no_korean_vat() {
    check(
        "
        pay 1099 USD
        open A1 OVERSEAS_CARD
        agree A1 10.99
        pg A1 says approved 1099  -> done, receivable 1099, vat_payable 0, sales -1099
        cancel 99                 -> C1 requested
        pg C1 done                -> partial canceled, receivable 1000, refunds 99, left 1000, balanced
    ",
    );
}

#[test]
fn the_shop_may_have_the_last_word() {
    check(
        "
        pay 10000 KRW by_shop
        shop confirms             -> refused NotAwaitingShop
        shop refuses              -> refused NotAwaitingShop
        open A1
        agree A1 10000            -> in progress, A1 agreed, told payment.awaits_confirm, todo nothing, due 540s
        open A2                   -> refused AnotherUnderWay
        wait 1m
        shop confirms             -> in progress, A1 approving, todo approve A1, due 120s
        shop confirms             -> quiet
        pg A1 says approved       -> done
        shop confirms             -> quiet
        shop refuses              -> refused NotAwaitingShop
    ",
    );
    check(
        "
        pay 10000 KRW by_shop
        open A1
        agree A1 10000
        shop refuses              -> aborted, A1 declined, told payment.aborted, failure refused_by_shop
        open A2                   -> refused Closed
        shop confirms             -> refused NotAwaitingShop
    ",
    );
    check(
        "
        pay 10000 KRW by_shop
        open A1
        agree A1 10000
        cancel                    -> aborted, A1 declined, cancels 0
    ",
    );
    check(
        "
        pay 10000 KRW by_shop
        open A1
        agree A1 10000
        wait 539s
        time up                   -> quiet
        wait 1s
        time up                   -> ready, A1 declined, told payment.attempt_failed, failure expired
        shop confirms             -> refused NotAwaitingShop
    ",
    );
    check(
        "
        pay 10000 KRW by_shop
        open A1
        wait 29m
        agree A1 10000
        wait 9m
        time up                   -> expired, A1 declined, told payment.expired
    ",
    );
    check("pay 1000 KRW\nopen A1\nagree A1 1000\nshop confirms -> refused NotAwaitingShop");
}

#[test]
fn a_payment_expires_and_takes_no_more_returns() {
    check(
        "
        pay 10000 KRW
        open A1
        wait 1799s
        time up                   -> quiet
        open A2                   -> A2 opened
        wait 1s
        open A3                   -> refused Expired
        agree A1 10000            -> refused Expired
        time up                   -> expired, A1 declined, A2 declined, told payment.expired, due never, failure expired
        agree A1 10000            -> quiet
        open A4                   -> refused Closed
        cancel                    -> refused NothingToCancel
    ",
    );
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        wait 1h
        time up                   -> quiet, in progress
        pg A1 no                  -> expired, told payment.expired
    ",
    );
}

#[test]
fn a_shop_closes_what_nobody_paid() {
    check(
        "
        pay 10000 KRW
        open A1
        cancel                    -> canceled, A1 declined, told payment.canceled, cancels 0, due never
        agree A1 10000            -> quiet
        cancel                    -> refused NothingToCancel
        pg A1 no                  -> quiet
    ",
    );
}

#[test]
fn a_window_that_closes_is_no_news_once_another_went_ahead() {
    check(
        "
        pay 10000 KRW
        open A1
        open A2
        agree A1 10000            -> in progress
        gives_up A2               -> in progress, A2 declined, told nothing, todo approve A1
        pg A1 says approved       -> done
    ",
    );
    check(
        "pay 10000 KRW\nopen A1\ngives_up A1 -> ready, A1 declined, told payment.attempt_failed, failure closed_by_shopper",
    );
}

#[test]
fn after_twenty_tries_it_is_over() {
    let mut story = "pay 10000 KRW\n".to_owned();
    for number in 1..=19 {
        story += &format!("open A{number}\nagree A{number} 10000\npg A{number} no -> ready\n");
    }
    story +=
        "open A20\nopen A21 -> refused TooManyAttempts\nagree A20 10000\npg A20 no -> aborted, told payment.aborted";
    check(&story);
}

#[test]
fn a_cash_receipt_is_for_cash_that_was_paid() {
    check("pay 1000 KRW\nreceipt -> refused NoReceiptPossible\nreceipt issued -> refused NoReceiptPossible");
    check(
        "pay 1000 KRW\nopen A1 CARD\nagree A1 1000\npg A1 says approved -> done\nreceipt -> refused NoReceiptPossible",
    );
    check(
        "
        pay 1000 KRW
        open A1 TRANSFER
        agree A1 1000
        receipt                   -> refused NoReceiptPossible
        pg A1 says approved
        receipt                   -> changed
        receipt                   -> refused NoReceiptPossible
        receipt no                -> told payment.receipt_failed
        receipt issued            -> quiet
        receipt                   -> changed
        receipt issued            -> told payment.receipt_issued
        receipt issued            -> quiet
        receipt                   -> refused NoReceiptPossible
    ",
    );
    // Without an answer it is asked for once more, when nobody is asking.
    check(
        "
        pay 1000 KRW
        open A1 TRANSFER
        agree A1 1000
        pg A1 says approved
        receipt                   -> receipt requested, todo nothing, due never
        receipt                   -> refused NoReceiptPossible
        wait 1m
        receipt                   -> changed, receipt requested
        unanswered receipt        -> changed
        unanswered receipt        -> quiet
        receipt                   -> changed
        receipt issued            -> receipt issued
    ",
    );
}

#[test]
fn a_cash_receipt_without_an_answer_is_found_out_after_the_money_went_back() {
    check(
        "
        pay 1000 KRW
        open A1 TRANSFER
        agree A1 1000
        pg A1 says approved
        receipt
        unanswered receipt        -> receipt requested, no person
        cancel
        pg C1 done K1:1000        -> canceled, person, todo nothing
        receipt                   -> changed
        receipt issued            -> receipt issued, todo take_back_receipt
        ask receipt
        receipt back              -> receipt canceled, no person
    ",
    );
}

#[test]
fn a_cash_receipt_is_taken_back_with_the_money() {
    check(
        "
        pay 1000 KRW
        open A1 TRANSFER
        agree A1 1000
        pg A1 says approved
        receipt
        receipt issued            -> receipt of 1000, todo nothing, due never
        cancel 300                -> todo cancel C1
        pg C1 done K1:300         -> partial canceled, todo take_back_receipt, due -1800000000s
        ask                       -> due 60s, receipt issued
        unanswered receipt        -> due 5s
        cancel 200                -> C2 requested
        pg C2 done K2:200         -> left 500
        ask receipt
        receipt back              -> receipt issued, receipt of 700, todo take_back_receipt
        ask receipt
        receipt stays             -> receipt issued, receipt of 700, person, todo take_back_receipt
        ask receipt
        receipt back              -> receipt of 500, no person, todo nothing, due never
        receipt back              -> quiet
        cancel
        pg C3 done K3:500         -> canceled, todo take_back_receipt
        ask receipt
        receipt back              -> receipt canceled, receipt of 500, todo nothing
        receipt                   -> refused NoReceiptPossible
    ",
    );
}
