use super::*;

struct Story {
    breaker: Breaker,
    now: Timestamp,
}

impl Story {
    fn new() -> Story {
        let now = Timestamp::from_seconds(1_800_000_000);
        Story {
            breaker: Breaker::new(now),
            now,
        }
    }

    /// Asks; whether it may, and what came of it.
    fn ask(&mut self, kind: Kind, outcome: Outcome) -> bool {
        match self.breaker.admit(kind, self.now) {
            Some(pass) => {
                self.breaker.ended(pass, outcome, self.now);
                true
            }
            None => false,
        }
    }

    fn fail(&mut self, times: u32) {
        for _ in 0..times {
            self.ask(Kind::Approve, Outcome::Failed);
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
    }
}

#[test]
fn failures_in_a_row_open_it_and_clear_answers_close_it() {
    let mut story = Story::new();
    story.fail(4);
    assert!(
        story.ask(Kind::Approve, Outcome::Clear),
        "one answer begins the row anew"
    );
    story.fail(4);
    assert_eq!(story.breaker.state(), BreakerState::Closed);
    story.fail(1);
    assert_eq!(story.breaker.state(), BreakerState::Open);
    assert!(!story.ask(Kind::Approve, Outcome::Clear), "approves are not sent");
    assert!(story.breaker.shunned(story.now) && !story.breaker.takes_attempt(story.now));
    story.wait(OPEN_FIRST);
    assert!(!story.breaker.shunned(story.now));
    for _ in 1..PROBES {
        assert!(story.ask(Kind::Approve, Outcome::Clear));
        assert!(!story.ask(Kind::Approve, Outcome::Clear), "one probe a second");
        story.wait(PROBE_EVERY);
    }
    assert!(story.ask(Kind::Approve, Outcome::Clear));
    assert_eq!(story.breaker.state(), BreakerState::Closed);
}

#[test]
fn many_failures_among_others_open_it_too() {
    let mut story = Story::new();
    for _ in 0..FAILURES_MIN {
        assert_eq!(story.breaker.state(), BreakerState::Closed);
        story.ask(Kind::Approve, Outcome::Clear);
        story.ask(Kind::Approve, Outcome::Failed);
    }
    assert_eq!(story.breaker.state(), BreakerState::Open);
    let mut story = Story::new();
    for _ in 0..100 {
        story.ask(Kind::Approve, Outcome::Clear);
        story.ask(Kind::Approve, Outcome::Clear);
        story.ask(Kind::Approve, Outcome::Failed);
    }
    assert_eq!(
        story.breaker.state(),
        BreakerState::Closed,
        "a third is a bad day, not an outage"
    );
}

#[test]
fn each_failed_probe_doubles_the_rest_up_to_two_minutes() {
    let mut story = Story::new();
    story.fail(FAILURES_IN_A_ROW);
    for rest in [10, 20, 40, 80, 120, 120] {
        story.wait(Duration::millis(rest * 1_000 - 1));
        assert!(story.breaker.shunned(story.now), "{rest}");
        story.wait(Duration::millis(1));
        assert!(story.ask(Kind::Approve, Outcome::Failed), "{rest}");
        assert_eq!(story.breaker.state(), BreakerState::Open);
    }
}

#[test]
fn questions_about_money_are_rationed_never_starved() {
    let mut story = Story::new();
    story.fail(FAILURES_IN_A_ROW);
    let asked = |story: &mut Story, kind| (0..100).filter(|_| story.ask(kind, Outcome::Failed)).count();
    assert_eq!(asked(&mut story, Kind::Inquire) as i64, QUESTIONS_BURST);
    assert_eq!(
        asked(&mut story, Kind::Refund) as i64,
        QUESTIONS_BURST,
        "each kind has its own"
    );
    story.wait(Duration::seconds(1));
    assert_eq!(asked(&mut story, Kind::Inquire) as i64, QUESTIONS_PER_SECOND);
}

#[test]
fn an_answer_to_a_question_of_before_says_nothing_now() {
    let mut story = Story::new();
    let early = story.breaker.admit(Kind::Approve, story.now).unwrap();
    story.fail(FAILURES_IN_A_ROW);
    story.wait(OPEN_FIRST);
    assert!(!story.breaker.shunned(story.now));
    story.breaker.ended(early, Outcome::Failed, story.now);
    assert_eq!(story.breaker.state(), BreakerState::HalfOpen);
}
