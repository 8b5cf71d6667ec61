mod args;
mod classify;
mod count;
mod file_error;
mod language;
mod report;
mod suggest;
mod walk;

use std::env;
use std::error::Error;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use args::{Command, HELP, Options};
use report::Report;

fn main() -> ExitCode {
    let command = match args::parse(env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            complain(&error, error.hint().as_deref());
            return ExitCode::from(2);
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match run(&command, &mut out).and_then(|code| out.flush().map(|()| code)) {
        Ok(code) => code,
        // The reader has seen enough: `tally | head -1` is no failure.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tally: cannot write the result: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command, out: &mut impl Write) -> io::Result<ExitCode> {
    match command {
        Command::Help => write!(out, "{HELP}")?,
        Command::Version => {
            writeln!(out, "tally {}", env!("CARGO_PKG_VERSION"))?
        }
        Command::Count(options) => return count_all(options, out),
    }
    Ok(ExitCode::SUCCESS)
}

fn count_all(options: &Options, out: &mut impl Write) -> io::Result<ExitCode> {
    let found = walk::walk(&options.paths);
    let mut errors = found.errors;
    let mut report = Report::default();
    for path in &found.files {
        match language::of(path) {
            Some(language) => match count::count_file(path, language) {
                Ok(counts) => report.add(language, counts),
                Err(error) => errors.push(error),
            },
            None => report.add_other(),
        }
    }
    let mut code = ExitCode::SUCCESS;
    for error in &errors {
        complain(error, error.hint());
        code = ExitCode::FAILURE;
    }
    report.write(options.sort, out)?;
    Ok(code)
}

/// One line on stderr for the error and its causes, one for what to do.
fn complain(error: &dyn Error, hint: Option<&str>) {
    let mut message = format!("tally: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    eprintln!("{message}");
    if let Some(hint) = hint {
        eprintln!("  hint: {hint}");
    }
}
