//! The code that the guides tell shops to copy is run against the example of the Standard Webhooks specification.

use std::path::Path;
use std::process::Command;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: &str = "1614265330";
const BODY: &str = r#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// What each snippet is asked, and what it should say: signatures in the header, the clock, the body, the answer.
const QUESTIONS: [(&str, &str, &str, bool); 5] = [
    (SIGNATURE, AT, BODY, true),
    (
        "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        AT,
        BODY,
        true,
    ),
    ("v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", AT, BODY, false),
    (SIGNATURE, "1614265731", BODY, false),
    (SIGNATURE, AT, r#"{"test": 2432232315}"#, false),
];

/// The first block of a language in a document.
fn snippet(document: &str, language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(document);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{document}: {error}"));
    let start = format!("```{language}\n");
    let (_, rest) = text
        .split_once(&start)
        .unwrap_or_else(|| panic!("{document} has no {language}"));
    rest.split_once("```").map_or(rest, |(code, _)| code).to_owned()
}

fn answers(mut command: Command, document: &str) {
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).to_lowercase();
    let wrong = String::from_utf8_lossy(&output.stderr);
    let expected: Vec<String> = QUESTIONS.iter().map(|(.., fits)| fits.to_string()).collect();
    assert_eq!(
        said.split_whitespace().collect::<Vec<_>>(),
        expected,
        "{document}: {wrong}"
    );
}

#[test]
fn the_python_snippets_verify_webhooks() {
    let python = std::env::var_os("NARUPAY_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    if std::env::var_os("NARUPAY_TEST_CLIENTS").is_none() && Command::new(&python).arg("--version").output().is_err() {
        eprintln!("there is no Python: the snippets are not run");
        return;
    }
    for document in ["docs/guides/webhooks.md", "docs/guides/webhooks.ko.md"] {
        let mut code = snippet(document, "python");
        for (signatures, clock, body, _) in QUESTIONS {
            code += &format!(
                "time.time = lambda: {clock}\nprint(verified('{SECRET}', {{'webhook-id': '{ID}', 'webhook-timestamp': '{AT}', \
                 'webhook-signature': '{signatures}'}}, b'{body}'))\n"
            );
        }
        let mut command = Command::new(&python);
        command.args(["-c", &code]);
        answers(command, document);
    }
}

#[test]
fn the_javascript_snippets_verify_webhooks() {
    if Command::new("node").arg("--version").output().is_err() {
        eprintln!("there is no Node: the snippets are not run");
        return;
    }
    for document in ["README.md", "README.ko.md"] {
        let mut code = snippet(document, "js");
        for (signatures, clock, body, _) in QUESTIONS {
            code += &format!(
                "Date.now = () => {clock} * 1000;\nconsole.log(verified('{SECRET}', {{'webhook-id': '{ID}', 'webhook-timestamp': '{AT}', \
                 'webhook-signature': '{signatures}'}}, Buffer.from('{body}')));\n"
            );
        }
        let mut command = Command::new("node");
        command.args(["--input-type=module", "-e", &code]);
        answers(command, document);
    }
}
