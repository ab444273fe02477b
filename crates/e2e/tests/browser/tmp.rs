use crate::kit::*;
use serde_json::json;
#[test]
fn tmp() {
    let rt = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    rt.block_on(async {
        for device in Device::EACH {
            let t = std::time::Instant::now();
            let b = Browser::start(Setup { device, languages: "ko-KR,ko" }).await.unwrap();
            eprintln!("start {:?}", t.elapsed());
            b.goto("data:text/html,<meta name=viewport content='width=device-width'><p>hi<form><button data-test=pay>pay</button></form><noscript>NOSCRIPT</noscript><script>document.title='x'</script>").await;
            eprintln!("{}", b.script("return [innerWidth, innerHeight, navigator.language, navigator.languages.join(), matchMedia('(pointer: fine)').matches, matchMedia('(min-width: 768px) and (min-height: 560px) and (pointer: fine)').matches, navigator.userAgent]", json!([])).await);
            b.click("[data-test=pay]").await;
            eprintln!("{:?}", b.log("browser").await);
            eprintln!("{:?}", b.log("performance").await.len());
            b.chromium("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
            b.reload().await;
            eprintln!("noscript: {:?}", b.text("body").await);
            b.click("[data-test=pay]").await;
            eprintln!("{}", b.try_script("return document.body.innerText", json!([])).await.is_ok());
            b.screenshot(&target().join("screenshots/tmp.png")).await;
            let t = std::time::Instant::now();
            b.end().await;
            eprintln!("end {:?}", t.elapsed());
        }
    });
}
