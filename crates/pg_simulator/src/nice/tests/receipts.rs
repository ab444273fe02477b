use super::*;

fn wanted() -> Value {
    json!({
        "orderId": "rcpt-0001", "amount": 11_000, "goodsName": "상품", "receiptType": "individual",
        "receiptNo": "01012345678", "supplyAmt": 10_000, "goodsVat": 1_000, "taxFreeAmt": 0, "serviceAmt": 0,
    })
}

#[tokio::test]
async fn cash_receipts_are_issued_found_and_cancelled() {
    let counter = Counter::open().await;
    let (_, issued) = counter.post("/v1/receipt", wanted()).await;
    let tid = issued["tid"].as_str().unwrap().to_owned();
    let edi_date = issued["ediDate"].as_str().unwrap();
    assert!(tid.starts_with("UT0000113m0401"), "{tid}");
    assert_eq!(issued["signature"], sign(&[&tid, "rcpt-0001", edi_date, SECRET]));
    let found = counter.get(&format!("/v1/receipt/{tid}")).await;
    assert_eq!(found.1["status"], "issueRequested");
    let path = format!("/v1/receipt/{tid}/cancel");
    let part = json!({
        "orderId": "rcpt-c1", "reason": "변심", "cancelAmt": 1_100,
        "supplyAmt": 1_000, "goodsVat": 100, "taxFreeAmt": 0, "serviceAmt": 0,
    });
    let (_, part) = counter.post(&path, part).await;
    assert_eq!(
        (&part["cancelAmt"], &part["balanceAmt"]),
        (&json!(1_100), &json!(9_900))
    );
    let rest = json!({ "orderId": "rcpt-c2", "reason": "변심" });
    assert_eq!(counter.post(&path, rest.clone()).await.1["balanceAmt"], 0);
    assert_eq!(code(&counter.post(&path, rest.clone()).await), "2013");
    assert_eq!(code(&counter.post("/v1/receipt/nothing/cancel", rest).await), "2012");
}

#[tokio::test]
async fn a_receipts_parts_add_up_and_its_year_is_its_own() {
    let counter = Counter::open().await;
    for (name, value, expected) in [
        ("supplyAmt", json!(9_999), "P013"),
        ("goodsVat", Value::Null, "P001"),
        ("receiptType", json!("other"), "P012"),
        ("receiptNo", json!("123"), "P010"),
        ("signData", json!("wrong"), "U312"),
    ] {
        let mut body = wanted();
        body[name] = value;
        assert_eq!(code(&counter.post("/v1/receipt/", body).await), expected, "{name}");
    }
    let (_, issued) = counter.post("/v1/receipt", wanted()).await;
    counter.wait(Duration::days(330));
    let path = format!("/v1/receipt/{}/cancel", issued["tid"].as_str().unwrap());
    let late = json!({ "orderId": "rcpt-c1", "reason": "변심" });
    assert_eq!(code(&counter.post(&path, late).await), "2016");
}
