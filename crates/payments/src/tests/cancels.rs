//! Money going back: in parts, in whole, at once with others, unanswered, and behind our back.

use super::story::check;

/// A paid card payment to begin with.
fn paid(story: &str) {
    check(&format!(
        "pay 10000 KRW tax_free 3000\nopen A1\nagree A1 10000\npg A1 says approved -> done\n{story}"
    ));
}

#[test]
fn a_chain_of_parts_ends_at_nothing() {
    paid(
        "
        cancel 3000 tax_free 1000  -> C1 requested, done, told nothing, todo cancel C1, due 60s, left 10000
        pg C1 done K1:3000         -> partial canceled, C1 done, told payment.partial_canceled, left 7000, given_back 3000
        look                       -> receivable 7000, refunds 2819, vat_payable -455, balanced, todo nothing, due never
        cancel 8000                -> refused ExceedsPaid
        cancel 7001                -> refused ExceedsPaid
        cancel 0                   -> refused CancelNotPositive
        cancel -5                  -> refused CancelNotPositive
        cancel 2500 tax_free 2001  -> refused CancelTax
        cancel 1000 tax_free 1001  -> refused CancelTax
        cancel 6000                -> refused CancelTax
        cancel 7000 tax_free 1999  -> refused CancelTax
        cancel 2000 expected 6999  -> refused BalanceDiffers
        cancel 2000 expected 7000  -> C2 requested
        pg C2 done K2:2000         -> partial canceled, left 5000
        cancel                     -> C3 requested, C3 whole, C3 takes 5000
        pg C3 done K3:5000         -> canceled, told payment.canceled, left 0, receivable 0, vat_payable 0, balanced
        pg C3 done K3:5000         -> quiet
        cancel                     -> refused NothingToCancel
    ",
    );
}

#[test]
fn only_one_cancel_is_under_way() {
    paid(
        "
        cancel 3000                -> C1 requested, C1 part
        cancel 3000                -> refused CancelUnderWay
        pg C1 no                   -> done, C1 refused, told payment.cancel_failed, receivable 10000
        cancel 10000               -> C2 requested, C2 whole
        pg C2 done                 -> canceled, receivable 0
        pg C1 no                   -> quiet
        look                       -> cancels 2
    ",
    );
}

#[test]
fn some_payments_go_back_whole_or_not_at_all() {
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 says approved 10000 whole_only
        cancel 3000                -> refused PartialNotAllowed
        cancel 10000               -> C1 requested
    ",
    );
}

#[test]
fn an_unknown_cancel_is_known_by_looking() {
    paid(
        "
        cancel 3000                         -> C1 requested
        pg C1 silent                        -> C1 unknown, todo cancel C1, due 5s, told nothing
        wait 5s
        ask                                 -> due 65s, todo cancel C1
        ask                                 -> quiet
        wait 40s
        pg C1 silent                        -> due 55s
        pg A1 says approved 10000 left 7000 K1:3000  -> partial canceled, C1 done, receivable 7000
        pg C1 done left 7000 K1:3000        -> quiet
        pg A1 says approved 10000 left 7000 K1:3000  -> quiet
    ",
    );
}

#[test]
fn an_unknown_cancel_is_known_by_repeating() {
    paid(
        "
        cancel
        pg C1 pending                       -> C1 unknown
        pg A1 says approved 10000           -> quiet, C1 unknown
        pg C1 done                          -> canceled, receivable 0
    ",
    );
}

#[test]
fn a_cancel_without_an_answer_calls_a_person() {
    let asks = "wait 1h\nask -> no person\npg C1 silent\n".repeat(8);
    paid(&format!(
        "cancel\npg C1 silent\n{asks}wait 1h\nask -> person\npg C1 no -> no person, C1 refused"
    ));
}

#[test]
fn a_refund_in_the_pgs_console_is_taken_up() {
    paid(
        "
        pg A1 says approved 10000 left 8000 K1:2000            -> partial canceled, C1 done, C1 part, receivable 8000
        pg A1 says approved 10000 left 8000 K1:2000            -> quiet
        pg A1 says canceled 10000 left 0 K1:2000 K2:5500 K3:2500 -> canceled, cancels 3, C3 whole, receivable 0
        look                                                   -> vat_payable 0, given_back 10000, balanced
    ",
    );
    paid(
        "
        pg A1 says approved 10000 left 4000                    -> partial canceled, cancels 1, C1 takes 6000, receivable 4000
        pg A1 says approved 10000 left 4000 K1:1               -> quiet
        pg A1 says canceled                                    -> canceled, cancels 2, C2 takes 4000, receivable 0
    ",
    );
}

#[test]
fn a_report_may_tell_of_the_approval_and_of_refunds_at_once() {
    check(
        "
        pay 10000 KRW
        open A1
        agree A1 10000
        pg A1 silent
        pg A1 says approved 10000 left 6000 K1:4000  -> partial canceled, receivable 6000, left 6000, cancels 1
    ",
    );
}

#[test]
fn a_console_refund_beside_an_open_cancel_is_told_apart_by_its_line() {
    // Ours went through as well.
    paid(
        "
        cancel 3000
        pg C1 silent
        pg A1 says approved 10000 left 5000 K1:2000 K2:3000 -> C1 done, cancels 2, C2 takes 2000, receivable 5000
    ",
    );
    // Ours did not, and still may.
    paid(
        "
        cancel 3000
        pg C1 silent
        pg A1 says approved 10000 left 8000 K1:2000         -> C1 unknown, cancels 2, C2 takes 2000, receivable 8000
        pg C1 done left 5000 K1:2000 K2:3000                -> C1 done, receivable 5000, left 5000
    ",
    );
    // Ours cannot any more.
    paid(
        "
        cancel
        pg C1 silent
        pg A1 says approved 10000 left 8000 K1:2000         -> C1 refused, C1 because already_processed, receivable 8000
    ",
    );
    // All that ours leaves was taken: ours may still go through.
    paid(
        "
        cancel 3000
        pg C1 silent
        pg A1 says approved 10000 left 3000 K1:7000         -> C1 unknown, cancels 2, receivable 3000
        pg C1 done left 0 K1:7000 K2:3000                   -> canceled, C1 done, receivable 0
    ",
    );
    // Without a list it stays open until it is repeated.
    paid(
        "
        cancel 3000
        pg C1 silent
        pg A1 says approved 10000 left 8000                 -> quiet, C1 unknown
        pg C1 done left 5000                                -> C1 done, cancels 2, receivable 5000
    ",
    );
}

#[test]
fn a_done_that_comes_after_the_cancel_was_given_up_still_counts() {
    paid(
        "
        cancel 3000
        pg C1 no                                            -> C1 refused
        pg C1 done left 7000 K1:3000                        -> partial canceled, C1 refused, cancels 2, receivable 7000
        pg C1 done left 7000 K1:3000                        -> quiet
    ",
    );
}

#[test]
fn nonsense_about_refunds_changes_nothing() {
    paid(
        "
        pg A1 says approved 9000 left 1         -> quiet
        pg A1 says approved 10000 left 10001    -> quiet
        pg A1 says approved 10000 left -1       -> refused CancelTax
        pg A1 says approved 10000 left 9500 K0:0 K9:500 -> receivable 9500, cancels 1, balanced
        pg A1 says approved 10000 left 9000 K0:0 K2:-5 K9:500 K3:500 -> receivable 9000, cancels 2, balanced
    ",
    );
}

#[test]
fn a_hundred_cancels_are_enough() {
    let hundred = "cancel 1\npg C1 no\n".to_owned()
        + &(2..=100)
            .map(|number| format!("cancel 1\npg C{number} no\n"))
            .collect::<String>();
    paid(&format!("{hundred}cancel 1 -> refused TooManyCancels"));
}
