use std::collections::BTreeMap;

use ledger::Tax;
use payments::{
    Attempt, AttemptState, Cancel, CancelOrigin, CancelState, Confirm, Customer, EscrowItem, InterestFree,
    LateApproval, Payment, Receipt, ReceiptState, State, Step, TakingBack, Terms, Texts,
};
use vocabulary::pg::{Card, CashReceipt, CashReceiptKind, Means, VirtualAccount};
use vocabulary::{AttemptId, CancelId, Duration, Failure, Method, Money, PgAccountId, Reason, Scope, Secret};

use crate::kit::*;

const STATES: [State; 9] = [
    State::Ready,
    State::InProgress,
    State::Confirming,
    State::WaitingForDeposit,
    State::Done,
    State::PartialCanceled,
    State::Canceled,
    State::Aborted,
    State::Expired,
];

fn failure() -> Failure {
    Failure {
        reason: Reason::InsufficientFunds,
        pg_code: "REJECT_CARD_PAYMENT".to_owned(),
        pg_message: "잔액 \"부족\"\n".to_owned(),
    }
}

fn cash_receipt() -> CashReceipt {
    CashReceipt {
        kind: CashReceiptKind::ExpenseProof,
        pg_key: "receipt-1".to_owned(),
        issue_number: "G12345".to_owned(),
        url: Some("https://receipt.example/1".to_owned()),
        amount: Money::krw(9_000),
    }
}

fn card() -> Card {
    Card {
        issuer: "현대".to_owned(),
        number_masked: "4330****".to_owned(),
        instalment_months: 3,
        interest_free: true,
        approval_number: "12345678".to_owned(),
    }
}

/// One attempt for each means and each attempt state.
fn attempts() -> Vec<Attempt> {
    let means = [
        Means::Unknown,
        Means::Card(card()),
        Means::EasyPay {
            provider: "토스페이".to_owned(),
            card: Some(card()),
        },
        Means::EasyPay {
            provider: "네이버페이".to_owned(),
            card: None,
        },
        Means::VirtualAccount(VirtualAccount {
            bank: "신한".to_owned(),
            number: "56200000000001".to_owned(),
            holder: "나루상점".to_owned(),
            due_at: Some(START + Duration::days(3)),
            depositor: Some("김나루".to_owned()),
            expired: true,
        }),
        Means::Transfer {
            bank: "농협".to_owned(),
        },
        Means::Mobile {
            phone_masked: "010****1234".to_owned(),
        },
        Means::GiftVoucher,
        Means::Unknown,
    ];
    let states = [
        AttemptState::Opened,
        AttemptState::Agreed,
        AttemptState::Approving,
        AttemptState::Unknown,
        AttemptState::Waiting,
        AttemptState::Approved,
        AttemptState::Declined,
        AttemptState::Voiding,
        AttemptState::Voided,
    ];
    let mut attempts: Vec<Attempt> = states
        .into_iter()
        .zip(means)
        .enumerate()
        .map(|(number, (state, means))| Attempt {
            id: AttemptId::new(START, &chance()),
            pg_account: PgAccountId::new(START, &chance()),
            method: Method::ALL[number % Method::ALL.len()],
            kind: Some("TOSSPAY".to_owned()),
            instalment_months: Some(6),
            state,
            opened_at: START,
            pg_key: Some("tviva".to_owned()),
            asked_at: Some(START + Duration::micros(1)),
            asks: 7,
            undoing: true,
            asking: true,
            amount_at_pg: Some(Money::new(1_099, vocabulary::Currency::USD)),
            approved_at: Some(START + Duration::seconds(1)),
            means,
            partial_cancel_allowed: true,
            receipt_url: Some("https://dashboard.example/receipt".to_owned()),
            cash_receipt: Some(cash_receipt()),
            notice_secret: Some(Secret::new("ps_secret".to_owned())),
            last_heard: Some("no answer from the PG: 시간 초과".to_owned()),
            failure: Some(failure()),
        })
        .collect();
    // And one with nothing that may be missing.
    attempts.push(Attempt {
        kind: None,
        instalment_months: None,
        pg_key: None,
        asked_at: None,
        asks: 0,
        undoing: false,
        asking: false,
        amount_at_pg: None,
        approved_at: None,
        partial_cancel_allowed: false,
        receipt_url: None,
        cash_receipt: None,
        notice_secret: None,
        last_heard: None,
        failure: None,
        id: AttemptId::new(START, &chance()),
        ..attempts[0].clone()
    });
    attempts
}

fn cancels(attempt: AttemptId) -> Vec<Cancel> {
    let tax = Tax::split(Money::krw(5_500), Money::krw(1_000), Money::krw(100)).unwrap();
    let states = [
        CancelState::Requested,
        CancelState::Unknown,
        CancelState::Done,
        CancelState::Refused,
    ];
    let mut cancels: Vec<Cancel> = states
        .into_iter()
        .map(|state| Cancel {
            id: CancelId::new(START, &chance()),
            attempt,
            origin: CancelOrigin::Pg,
            state,
            tax,
            whole: true,
            reason: "단순 변심".to_owned(),
            requested_at: START,
            done_at: Some(START + Duration::hours(1)),
            asked_at: Some(START),
            asks: 3,
            asking: true,
            with_refund_account: true,
            pg_key: Some("cancel-1".to_owned()),
            last_heard: Some("no answer from the PG: 시간 초과".to_owned()),
            failure: Some(failure()),
        })
        .collect();
    cancels.push(Cancel {
        id: CancelId::new(START, &chance()),
        origin: CancelOrigin::Shop,
        whole: false,
        done_at: None,
        asked_at: None,
        asks: 0,
        asking: false,
        with_refund_account: false,
        pg_key: None,
        last_heard: None,
        failure: None,
        ..cancels[0].clone()
    });
    cancels
}

fn terms() -> Terms {
    Terms {
        confirm: Confirm::ByShop,
        methods: Method::ALL.to_vec(),
        lifetime: Duration::hours(3),
        instalment_months_max: Some(12),
        interest_free: vec![InterestFree {
            company: "SHINHAN".to_owned(),
            months: vec![2, 3],
        }],
        deposit_within: Duration::days(2),
        cash_receipt: Some(CashReceiptKind::IncomeDeduction),
        escrow: true,
        escrow_items: vec![EscrowItem {
            id: "1".to_owned(),
            name: "책".to_owned(),
            code: "B".to_owned(),
            unit_price: Money::krw(12_000),
            quantity: 2,
        }],
        culture_expense: true,
        late_approval: LateApproval::Accept,
        return_url: Some("https://shop.example/paid?x=1".to_owned()),
    }
}

fn full(scope: Scope, state: State) -> Payment {
    let mut payment = created(scope, &format!("order-{}", state.as_str()), START).payment;
    let notes = [("note", "깨지기 쉬움"), ("emoji", "🍱"), ("quote", "\"'\\")];
    let notes: BTreeMap<String, String> = notes.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    payment.terms = terms();
    payment.customer = Customer::new(Some("김나루"), Some("naru@shop.example"), Some("010-1234-5678")).unwrap();
    payment.metadata = Texts::new(notes).unwrap();
    payment.state = state;
    payment.expires_at = START + Duration::minutes(7);
    payment.attempts = attempts();
    payment.cancels = cancels(payment.attempts[0].id);
    payment.receipt = Some(Receipt {
        kind: CashReceiptKind::ExpenseProof,
        attempt: payment.attempts[0].id,
        state: ReceiptState::Issued,
        amount: Money::krw(9_000),
        requested_at: START,
        issued: Some(cash_receipt()),
        taking_back: Some(TakingBack {
            amount: Money::krw(2_000),
            since: START + Duration::hours(2),
        }),
        asked_at: Some(START + Duration::hours(3)),
        asks: 4,
        asking: true,
        failure: Some(failure()),
    });
    payment.failure = Some(failure());
    payment
}

/// All that can be seen of a payment, and what is kept from sight.
fn whole(payment: &Payment) -> String {
    let secrets: Vec<Option<&String>> = payment
        .attempts
        .iter()
        .map(|attempt| attempt.notice_secret.as_ref().map(|secret| secret.reveal_for("a test")))
        .collect();
    let phone = payment.customer.phone.as_ref().map(|phone| phone.reveal_for("a test"));
    format!("{payment:#?} {secrets:?} {phone:?}")
}

#[tokio::test]
async fn every_field_of_a_payment_comes_back_in_every_state() {
    on_each(async |store, scope| {
        for state in STATES {
            let mut payment = full(scope, state);
            let found = save(store, None, &touched(&payment)).await;
            payment.version = 1;
            assert_eq!(whole(&found), whole(&payment), "{state}");
            let by_order = store.payment_by_order(scope, &payment.order.id).await.unwrap().unwrap();
            assert_eq!(whole(&by_order), whole(&payment));
            let attempt = payment.attempts[4].id;
            let by_attempt = store.payment_of_attempt(scope, attempt).await.unwrap().unwrap();
            assert_eq!(whole(&by_attempt), whole(&payment));
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_of_one_attempt_and_one_cancel_is_saved() {
    on_each(async |store, scope| {
        let before = save(store, None, &touched(&full(scope, State::Done))).await;
        let mut after = before.clone();
        after.attempts[3].state = AttemptState::Declined;
        after.cancels[1].state = CancelState::Done;
        after.cancels.push(Cancel {
            id: CancelId::new(START, &chance()),
            ..after.cancels[0].clone()
        });
        after.receipt = None;
        after.failure = None;
        after.state = State::PartialCanceled;
        let found = save(store, Some(&before), &touched(&after)).await;
        after.version = 2;
        assert_eq!(whole(&found), whole(&after));
    })
    .await;
}

#[tokio::test]
async fn a_step_without_news_saves_nothing() {
    on_each(async |store, scope| {
        let payment = create(store, scope, "order-0001").await;
        let step = Step {
            changed: false,
            ..touched(&payment)
        };
        let set = set_of(Some(&payment), &step);
        assert!(set.is_empty());
        store.commit(set).await.unwrap();
        assert_eq!(store.payment(scope, payment.id).await.unwrap().unwrap().version, 1);
    })
    .await;
}

#[tokio::test]
async fn a_shop_sees_only_its_own_and_test_is_not_live() {
    on_each(async |store, scope| {
        let payment = paid(store, scope, "order-0001").await;
        let live = Scope {
            mode: vocabulary::Mode::Live,
            ..scope
        };
        for other in [new_scope(), live] {
            assert!(store.payment(other, payment.id).await.unwrap().is_none());
            assert!(
                store
                    .payment_by_order(other, &payment.order.id)
                    .await
                    .unwrap()
                    .is_none()
            );
            let attempt = payment.attempts[0].id;
            assert!(store.payment_of_attempt(other, attempt).await.unwrap().is_none());
            assert!(store.postings(other, payment.id).await.unwrap().is_empty());
            assert!(store.events(other, &Default::default()).await.unwrap().items.is_empty());
        }
        // The same order id is free elsewhere.
        create(store, live, "order-0001").await;
    })
    .await;
}

#[tokio::test]
async fn payments_are_due_in_the_order_of_their_times() {
    on_each(async |store, scope| {
        let at = |minutes: i64| START + Duration::minutes(minutes);
        let late = save(store, None, &created(scope, "order-late", at(10))).await;
        let early = save(store, None, &created(scope, "order-early", at(0))).await;
        let done = paid(store, scope, "order-done").await;
        assert_eq!(done.due_at(), None);
        assert!(store.due_payments(at(29), None, 10).await.unwrap().is_empty());
        let due = store.due_payments(at(41), None, 10).await.unwrap();
        let due: Vec<_> = due.iter().map(|due| (due.scope, due.payment)).collect();
        assert_eq!(due, [(scope, early.id), (scope, late.id)]);
        let twin = save(store, None, &created(scope, "order-twin", at(0))).await;
        let (mut walked, mut after) = (Vec::new(), None);
        while let Some(next) = store.due_payments(at(41), after.as_ref(), 1).await.unwrap().pop() {
            walked.push(next.payment);
            after = Some(next);
        }
        walked[..2].sort();
        let mut expected = [early.id, twin.id, late.id];
        expected[..2].sort();
        assert_eq!(walked, expected, "each once, two of the same time too");
    })
    .await;
}
