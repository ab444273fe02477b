//! Programs that run beside the tests and never outlive them.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// In its own process group. When the input ends, which it does however the tests end, the group is told
/// to stop, and the folder goes with it: once more a little later, for a browser writes until its last breath.
const GUARD: &str = r#"
folder=$1
shift
trap : TERM
TMPDIR="$folder" "$@" </dev/null 2>>"$folder/errors.log" &
cat >/dev/null
kill -TERM 0
wait
rm -rf "$folder" 2>/dev/null
(sleep 2; exec rm -rf "$folder") </dev/null >/dev/null 2>&1 &
"#;

/// A running program; stopped when dropped or when this process ends.
pub struct Guarded {
    child: Child,
    /// The first line it said.
    pub said: String,
}

impl Guarded {
    /// Starts it and waits until `is_ready` likes a line of its output.
    pub fn start(folder: &Path, program: &Path, arguments: &[&str], is_ready: impl Fn(&str) -> bool) -> Guarded {
        std::fs::create_dir_all(folder).expect("the temporary folder can be written");
        let mut child = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(folder)
            .arg(program)
            .args(arguments)
            // Its configuration is what we say, not what this terminal happens to hold.
            .env_remove("NARUPAY_DATABASE_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("a shell can be started");
        let stdout = child.stdout.take().expect("its output is ours");
        let mut lines = BufReader::new(stdout).lines();
        let said = lines.by_ref().map_while(Result::ok).find(|line| is_ready(line));
        let Some(said) = said else {
            let errors = std::fs::read_to_string(folder.join("errors.log")).unwrap_or_default();
            panic!("{} did not start:\n{errors}", program.display());
        };
        // Whatever it says later must not fill the pipe and stop it.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Guarded { child, said }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
