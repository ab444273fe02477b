use super::*;

#[test]
fn faults_are_read_from_their_names() {
    for fault in Fault::ALL {
        for operation in Operation::ALL {
            let spec = format!("{}-{}-x3", operation.as_str(), fault.as_str());
            assert_eq!(Plan::parse(&spec), Some(Plan::new(operation, fault, 3)), "{spec}");
            let rate = Rate::parse(&format!("{}-{}=0.25", operation.as_str(), fault.as_str())).unwrap();
            assert_eq!((rate.operation, rate.fault, rate.rate), (Some(operation), fault, 0.25));
        }
        assert_eq!(
            Plan::parse(fault.as_str()).map(|plan| (plan.fault, plan.left)),
            Some((fault, 1))
        );
        let by_order = Plan::in_order_id(&format!("order-1-fault-{}", fault.as_str()));
        assert_eq!(by_order.map(|plan| plan.fault), Some(fault));
        assert_eq!(for_amount(magic_amount(fault)), Some(fault));
    }
    for nonsense in [
        "",
        "timeout",
        "cancel-",
        "timeout-after-x0",
        "timeout-after-xmany",
        "-x3",
    ] {
        assert_eq!(Plan::parse(nonsense), None, "{nonsense}");
    }
    for nonsense in [
        "timeout-after",
        "timeout-after=",
        "html=1.1",
        "html=-0.1",
        "html=NaN",
        "=0.5",
    ] {
        assert_eq!(Rate::parse(nonsense), None, "{nonsense}");
    }
}

#[test]
fn every_fault_is_in_one_group_and_has_an_amount_of_its_own() {
    let grouped: Vec<Fault> = Group::ALL.into_iter().flat_map(Group::faults).collect();
    assert_eq!(grouped.len(), Fault::ALL.len());
    assert_eq!(
        (magic_amount(Fault::TimeoutBefore), magic_amount(Fault::NoticeForged)),
        (900_001, 900_020)
    );
    assert_eq!((for_amount(900_000), for_amount(900_021)), (None, None));
}

#[test]
fn rates_are_drawn_from_the_seed() {
    let line = || {
        let line = Line::seeded(3, std::sync::Arc::default());
        line.set_rates(&[
            (None, Fault::TimeoutAfter, 0.25),
            (Some(Operation::Cancel), Fault::ErrorBefore, 1.0),
            (None, Fault::Html, 0.0),
        ]);
        line
    };
    let calls = |line: &Line, operation| -> Vec<Active> { (0..1000).map(|_| line.draw(operation)).collect() };
    let (first, second) = (line(), line());
    let approves = calls(&first, Operation::Approve);
    assert_eq!(approves, calls(&second, Operation::Approve), "the same seed");
    let lost = approves
        .iter()
        .filter(|active| active.after == Some(Break::Hang))
        .count();
    assert!((200..300).contains(&lost), "{lost} of 1000");
    assert!(
        approves
            .iter()
            .all(|active| active.before.is_none() && active.spoil.is_none())
    );
    let cancels = calls(&first, Operation::Cancel);
    assert!(cancels.iter().all(|active| active.before == Some(Break::ServerError)));
    first.set_rate(Rate::parse("timeout-after=0").unwrap());
    assert_eq!(first.rates().len(), 1);
    first.clear();
    assert_eq!(first.draw(Operation::Cancel), Active::default());
}

#[test]
fn moments_move_and_keep_their_writing() {
    for (was, is) in [
        ("2026-03-02T20:15:00+09:00", Some("2026-03-03T05:15:00+09:00")),
        ("2026-03-02T10:15:00+0900", Some("2026-03-02T19:15:00+0900")),
        ("2026-03-02T10:15:00.000001", Some("2026-03-02T19:15:00.000001")),
        ("2026-03-02", None),
        ("주문번호-주문번호", None),
        ("", None),
    ] {
        assert_eq!(dates::moved(was, CLOCK_SKEW).as_deref(), is, "{was}");
    }
}

#[test]
fn the_guide_names_every_fault_with_its_amount() {
    let guide = include_str!("../../../../docs/guides/testing-with-the-simulator.md");
    for fault in Fault::ALL {
        let row = format!("| {} | `{}` |", magic_amount(fault), fault.as_str());
        assert!(guide.contains(&row), "{row}");
    }
    for operation in Operation::ALL {
        assert!(guide.contains(&format!("`{}`", operation.as_str())));
    }
}
