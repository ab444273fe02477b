use ledger::{Account, Kind};
use payments::{CancelOrder, Event};
use vocabulary::pg::{CancelAnswer, Refunded, Report, Standing};
use vocabulary::{Currency, Money};

use crate::kit::*;

#[tokio::test]
async fn postings_come_back_balanced_and_sum_up() {
    on_each(async |store, scope| {
        let payment = paid(store, scope, "order-0001").await;
        let order = CancelOrder {
            amount: Some(Money::krw(3_000)),
            tax_free: None,
            reason: "단순 변심".to_owned(),
            refund_account: None,
            expected_balance: None,
        };
        let step = on(&payment, Event::Cancel(order));
        let payment = save(store, Some(&payment), &step).await;
        let cancel = payment.cancels[0].id;
        let line = Refunded {
            pg_key: "refund-1".to_owned(),
            amount: Money::krw(3_000),
            at: START,
            reason: String::new(),
        };
        let answer = CancelAnswer::Done {
            report: Box::new(after_refund(&payment, &line)),
            refunded: Some(line),
        };
        let step = on(&payment, Event::CancelAnswered { cancel, answer });
        save(store, Some(&payment), &step).await;

        let postings = store.postings(scope, payment.id).await.unwrap();
        let kinds: Vec<Kind> = postings.iter().map(|posting| posting.kind()).collect();
        assert_eq!(kinds, [Kind::Sale, Kind::Refund]);
        let balance = store.trial_balance(scope).await.unwrap();
        assert!(balance.balanced().unwrap());
        let receivable = Account::PgReceivable(payment.attempts[0].pg_account);
        assert_eq!(balance.balance(receivable, Currency::KRW).unwrap(), Money::krw(9_000));
        let row = balance.rows().find(|(account, _)| *account == receivable).unwrap().1;
        assert_eq!((row.debit, row.credit), (Money::krw(12_000), Money::krw(3_000)));

        let other = paid(store, scope, "order-0002").await;
        let unpaid = create(store, scope, "order-0003").await;
        let mut sums = store.receivables(scope, None, 10).await.unwrap();
        sums.sort_by_key(|(_, sum)| sum.minor);
        assert_eq!(sums, [(payment.id, Money::krw(9_000)), (other.id, Money::krw(12_000))]);
        let last = payment.id.max(other.id).max(unpaid.id);
        assert!(store.receivables(scope, Some(last), 10).await.unwrap().is_empty());
        assert_eq!(store.scopes().await.unwrap(), [scope]);
    })
    .await;
}

fn after_refund(payment: &payments::Payment, line: &Refunded) -> Report {
    let Event::PgSays {
        answer: vocabulary::pg::Answer::Report(report),
        ..
    } = approved(payment)
    else {
        unreachable!("the kit's approval is a report");
    };
    Report {
        standing: Standing::Approved,
        balance: report.amount.checked_sub(line.amount).unwrap(),
        cancels: vec![line.clone()],
        ..*report
    }
}

/// A line changed behind our back is noticed when it is read.
#[tokio::test]
async fn an_unbalanced_posting_is_not_read() {
    for database in Database::each().await {
        let store = database.open().await;
        let scope = new_scope();
        let payment = paid(&store, scope, "order-0001").await;
        let intruder = Intruder::into(&database).await;
        intruder
            .run("UPDATE entries SET amount = amount + 1 WHERE line = 0")
            .await;
        let read = store.postings(scope, payment.id).await;
        assert!(matches!(read, Err(store::Fault::Corrupt { .. })), "{read:?}");
        assert!(!store.trial_balance(scope).await.unwrap().balanced().unwrap());
        store.close().await;
    }
}

#[tokio::test]
async fn every_scope_with_a_payment_is_known() {
    on_each(async |store, scope| {
        let live = vocabulary::Scope {
            mode: vocabulary::Mode::Live,
            ..scope
        };
        let mut expected = vec![scope, live, new_scope(), new_scope()];
        for scope in &expected {
            create(store, *scope, "order-0001").await;
        }
        let mut found = store.scopes().await.unwrap();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    })
    .await;
}
