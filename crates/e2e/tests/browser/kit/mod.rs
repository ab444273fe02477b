//! Hides the browser, the addresses and the markup, so that the stories speak of shoppers.

mod axe;
mod demo;
mod driver;
mod launch;
mod process;
mod shopper;
mod view;

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::FutureExt;

pub use demo::{Demo, folder, target};
pub use driver::Browser;
pub use launch::{Device, Setup};
pub use shopper::{Page, Shopper};
pub use view::Scheme;

/// A Korean shopper with a fresh browser. Whatever the story, at its end no page may have broken its own
/// policy, thrown an error or spoken to anyone but this machine.
pub fn story(device: Device, tale: impl AsyncFnOnce(&mut Shopper)) {
    story_with(
        Setup {
            device,
            languages: "ko-KR,ko",
            scripts: true,
        },
        tale,
    );
}

/// The same story on a phone and on a desktop.
pub fn story_on_each(tale: impl AsyncFn(&mut Shopper)) {
    for device in Device::EACH {
        story(device, &tale);
    }
}

pub fn story_with(setup: Setup, tale: impl AsyncFnOnce(&mut Shopper)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let Some(browser) = Browser::start(setup).await else {
            return;
        };
        let mut shopper = Shopper::new(browser, Demo::shared());
        let told = AssertUnwindSafe(async {
            tale(&mut shopper).await;
            shopper.nothing_was_amiss().await;
        });
        let ended = told.catch_unwind().await;
        if ended.is_err() {
            let name = std::thread::current().name().unwrap_or("story").replace("::", "-");
            let file = target().join(format!("screenshots/failed-{name}-{}.png", setup.device.name()));
            shopper.browser.screenshot(&file).await;
            eprintln!(
                "on a {}, at {}: see {}",
                setup.device.name(),
                shopper.browser.url().await,
                file.display()
            );
        }
        shopper.browser.end().await;
        if let Err(panic) = ended {
            resume_unwind(panic);
        }
    });
}
