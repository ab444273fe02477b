use std::collections::HashSet;

use flows::Error;
use payments::Refused;
use vocabulary::Money;

use super::*;

#[test]
fn codes_are_told_apart_and_have_all_their_texts() {
    let mut seen = HashSet::new();
    for info in problem_codes() {
        assert!(seen.insert(info.code), "{} is there twice", info.code);
        assert!(
            info.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{}",
            info.code
        );
        assert!((400..600).contains(&info.status));
        for text in [info.meaning_en, info.what_to_do_en, info.meaning_ko, info.what_to_do_ko] {
            assert!(text.ends_with('.'), "{}: {text}", info.code);
        }
        for korean in [info.title_ko, info.meaning_ko, info.what_to_do_ko] {
            assert!(
                korean.chars().any(|letter| ('가'..='힣').contains(&letter)),
                "{}: {korean}",
                info.code
            );
        }
    }
}

#[test]
fn a_refusal_says_what_is_left_in_both_languages() {
    let refused = Refused::ExceedsPaid {
        asked: Money::krw(8_000),
        left: Money::krw(7_000),
    };
    let problem = Problem::from(Error::Refused(refused));
    assert_eq!(
        (problem.0.code, problem.0.field.as_deref()),
        (Code::ExceedsPaid, Some("amount"))
    );
    let [english, korean] = problem.0.detail.unwrap();
    assert_eq!(english, "8000 KRW cannot be canceled: 7000 KRW is left.");
    assert!(korean.contains("7000 KRW"));
}

#[test]
fn asking_again_later_is_said_where_it_helps() {
    assert_eq!(Problem::from(Error::Busy).0.retry_after_s, Some(1));
    assert_eq!(
        Problem::from(Error::Refused(Refused::CancelUnderWay)).0.retry_after_s,
        Some(1)
    );
    assert_eq!(Problem::from(Error::TestOnly).0.retry_after_s, None);
}

#[test]
fn what_a_stranger_is_told_holds_nothing_of_a_fault() {
    let problem = Problem::from(Error::Unavailable("postgres://user:pass@host is gone".into()));
    assert_eq!(problem, Problem::new(Code::Unavailable).retry_after(Some(5)));
}
