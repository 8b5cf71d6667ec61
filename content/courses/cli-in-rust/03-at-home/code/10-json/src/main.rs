mod args;
mod classify;
mod config;
mod config_error;
mod count;
mod file_error;
mod glob;
mod ignore;
mod json;
mod language;
mod parallel;
mod report;
mod suggest;
mod syntax;
mod walk;

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use args::{Command, ConfigChoice, Format, HELP, Options, Sort};
use config::Config;
use config_error::ConfigError;
use ignore::Ignores;
use walk::Filter;

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
    let (config, folder) = match configuration(&options.config) {
        Ok(config) => config,
        Err(errors) => {
            for error in &errors {
                complain(error, error.hint());
            }
            return Ok(ExitCode::from(2));
        }
    };
    let filter = Filter {
        skip: Ignores::new(&folder, config.skip, None),
        gitignore: options.gitignore,
    };
    let found = walk::walk(&options.paths, &filter);
    let threads = match options.threads {
        Some(threads) => threads,
        None => {
            thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
        }
    };
    let counted =
        parallel::count_files(&found.files, &config.languages, threads);
    // ANCHOR: write
    let mut complete = true;
    for error in found.errors.iter().chain(&counted.errors) {
        complain(error, error.hint());
        complete = false;
    }
    let sort = options.sort.or(config.sort).unwrap_or(Sort::Size);
    match options.format {
        Format::Table => counted.report.write_table(sort, out)?,
        Format::Json => counted.report.write_json(sort, complete, out)?,
    }
    Ok(if complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
    // ANCHOR_END: write
}

/// The settings, and the folder that their patterns are about.
fn configuration(
    choice: &ConfigChoice,
) -> Result<(Config, PathBuf), Vec<ConfigError>> {
    // Without a current folder there is nothing above it either.
    let here = env::current_dir().unwrap_or_default();
    let path = match choice {
        ConfigChoice::Without => return Ok(Default::default()),
        ConfigChoice::File(path) => path.clone(),
        ConfigChoice::Nearest => match config::find(&here) {
            Some(path) => path,
            None => return Ok(Default::default()),
        },
    };
    let config = config_error::load(path.strip_prefix(&here).unwrap_or(&path))?;
    let mut folder = fs::canonicalize(&path).unwrap_or(path);
    folder.pop();
    Ok((config, folder))
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
