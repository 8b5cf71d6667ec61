//! The key of a sample: what it was when it was run.

use super::{Must, Program, Sample};

/// Changes when samples are run in another way than before, so that all are run again.
const WAY: &str = "tuition sample 1";

/// Digests all that decides what comes of a sample. `crates` stands for the crates it may use, `timeout` for the
/// seconds it may take. The place of the sample is no part of it.
pub(super) fn of(sample: &Sample, crates: &str, timeout: u32) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &str| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    add(WAY);
    match &sample.program {
        Program::Rust { edition, harness } => {
            add("rust");
            add(edition);
            add(if *harness { "harness" } else { "main" });
            add(crates);
        }
        Program::Python => add("python"),
        Program::Bash => add("bash"),
        Program::JavaScript => add("js"),
        Program::Command(command) => {
            add("command");
            add(command);
        }
    }
    match &sample.must {
        Must::NotCompile(codes) => {
            add("not compile");
            add(&codes.join(" "));
        }
        Must::Compile => add("compile"),
        Must::Panic => add("panic"),
        Must::Fail => add("fail"),
        Must::Succeed => add("succeed"),
    }
    match &sample.stdout {
        Some(text) => {
            add("prints");
            add(text);
        }
        None => add("prints anything"),
    }
    add(&sample.file);
    add(&sample.code);
    add(&timeout.to_string());
    hasher.finalize().to_hex().to_string()
}
