use payments::State;

use crate::kit::*;

#[tokio::test]
async fn a_payment_is_saved_paid_and_balanced() {
    for database in Database::each().await {
        let store = database.open().await;
        let scope = new_scope();
        let payment = paid(&store, scope, "order-0001").await;
        assert_eq!(payment.state, State::Done);
        assert_eq!(payment.version, 3);
        let postings = store.postings(scope, payment.id).await.unwrap();
        assert_eq!(postings.len(), 1);
        assert!(store.trial_balance(scope).await.unwrap().balanced().unwrap());
        assert_eq!(store.scopes().await.unwrap(), [scope]);
        let report = store.verify_chain().await.unwrap();
        assert_eq!((report.events, report.broken), (2, Vec::new()));
        store.close().await;
    }
}
