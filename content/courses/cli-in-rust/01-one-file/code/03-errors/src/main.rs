mod args;
mod count;
mod suggest;

use std::cmp::Reverse;
use std::env;
use std::error::Error;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use args::{Command, HELP, Options, Sort};

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
        // The reader has seen enough: `tally *.rs | head -1` is no failure.
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
    let mut rows = Vec::new();
    let mut code = ExitCode::SUCCESS;
    for path in &options.paths {
        match count::count_file(path) {
            Ok(lines) => rows.push((lines, path)),
            Err(error) => {
                complain(&error, error.hint());
                code = ExitCode::FAILURE;
            }
        }
    }
    match options.sort {
        Sort::Size => rows.sort_by_key(|&(lines, path)| (Reverse(lines), path)),
        Sort::Name => rows.sort_by_key(|&(_, path)| path),
    }
    let total: u64 = rows.iter().map(|&(lines, _)| lines).sum();
    for (lines, path) in rows {
        writeln!(out, "{lines:>8}  {}", path.display())?;
    }
    if options.paths.len() > 1 {
        writeln!(out, "{total:>8}  total")?;
    }
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
