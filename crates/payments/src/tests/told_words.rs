//! Every word that is stored or told survives the way to text and back.

use crate::{AttemptState, CancelOrigin, CancelState, ReceiptState, State, Told};

#[test]
fn states_read_back_as_they_were_written() {
    for text in [
        "READY",
        "IN_PROGRESS",
        "CONFIRMING",
        "WAITING_FOR_DEPOSIT",
        "DONE",
        "PARTIAL_CANCELED",
        "CANCELED",
        "ABORTED",
        "EXPIRED",
    ] {
        assert_eq!(text.parse::<State>().unwrap().to_string(), text);
    }
    for text in [
        "OPENED",
        "AGREED",
        "APPROVING",
        "UNKNOWN",
        "WAITING_FOR_DEPOSIT",
        "APPROVED",
        "DECLINED",
        "VOIDING",
        "VOIDED",
    ] {
        assert_eq!(text.parse::<AttemptState>().unwrap().to_string(), text);
    }
    for text in ["REQUESTED", "UNKNOWN", "DONE", "REFUSED"] {
        assert_eq!(text.parse::<CancelState>().unwrap().to_string(), text);
    }
    for text in ["REQUESTED", "ISSUED", "REFUSED", "CANCELED"] {
        assert_eq!(text.parse::<ReceiptState>().unwrap().to_string(), text);
    }
    for text in ["SHOP", "PG"] {
        assert_eq!(text.parse::<CancelOrigin>().unwrap().as_str(), text);
    }
    assert!("done".parse::<State>().is_err());
    assert!("".parse::<AttemptState>().is_err());
    assert!("OPEN".parse::<CancelState>().is_err());
    assert!("X".parse::<ReceiptState>().is_err());
    assert!("Shop".parse::<CancelOrigin>().is_err());
}

#[test]
fn every_webhook_has_its_own_name() {
    let mut names: Vec<_> = Told::ALL.iter().map(|told| told.as_str()).collect();
    assert!(names.iter().all(|name| name.starts_with("payment.")));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Told::ALL.len());
}
