//! What the tests' calls log, for both connectors' tests that look for secrets in it.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// All that `calls` logged on this thread, a line for each event.
pub(crate) fn logged(calls: impl FnOnce()) -> String {
    static SET: Once = Once::new();
    SET.call_once(|| tracing::subscriber::set_global_default(Lines).unwrap());
    LINES.take();
    calls();
    LINES.take()
}

/// Keeps every field of every event, apart for each thread. It is the process's one subscriber: whether an
/// event is wanted at all is remembered for the whole process, so one of this test's own would miss some.
struct Lines;

thread_local! {
    static LINES: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("connectors")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        LINES.with_borrow_mut(|lines| {
            event.record(&mut Writer(lines));
            lines.push('\n');
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
