use serde_json::Value;

use crate::kit::{check, run, text};

#[tokio::test]
async fn a_short_measurement_pays_everything_and_leaves_clean_books() {
    for pg in [&["--in-process-pg"][..], &[]] {
        let short = [
            "bench",
            "--json",
            "--seconds",
            "1",
            "--connections",
            "4",
            "--rate",
            "20",
        ];
        let output = run(&[&short, pg].concat()).await;
        check(&output, 0, &["\"booksClean\":true"]);
        let said: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert_eq!(
            (&said["full"]["failed"], &said["fixed"]["failed"]),
            (&0.into(), &0.into()),
            "{said}"
        );
        assert_eq!(
            said["fixed"]["payments"], 20,
            "an open loop makes every payment that is due: {said}"
        );
        for (stretch, figure) in [
            ("full", "paymentsPerSecond"),
            ("full", "serverCpuUs"),
            ("bare", "paymentsPerSecond"),
        ] {
            assert!(
                said[stretch][figure].as_f64().unwrap() > 0.0,
                "{stretch} {figure}: {said}"
            );
        }
        assert!(said["full"]["ownMs"]["p50"].as_f64().unwrap() > 0.0, "{said}");
    }
}
