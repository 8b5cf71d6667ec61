mod args;
mod cache;
mod classify;
mod complain;
mod config;
mod config_error;
mod count;
mod documents;
mod file_error;
mod glob;
mod ignore;
mod json;
mod language;
mod options;
mod parallel;
mod printable;
mod progress;
mod report;
mod style;
mod suggest;
mod syntax;
mod walk;

use std::env;
use std::error::Error;
use std::fmt;
use std::fs;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicUsize;
use std::thread;
use std::time::SystemTime;

use args::{Command, ConfigChoice, Document, Format, Options, Sort};
use cache::Cache;
use complain::{complain, remark};
use config::Config;
use config_error::ConfigError;
use file_error::{FileError, Step};
use ignore::Ignores;
use parallel::Work;
use style::{ColorChoice, Style, Surroundings};
use walk::Filter;

fn main() -> ExitCode {
    let command = match args::parse(env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            let style = Terminal::look(ColorChoice::Auto).err;
            complain(style, &error, error.hint().as_deref());
            return ExitCode::from(2);
        }
    };
    let stdout = io::stdout().lock();
    let mut out = BufWriter::new(stdout);
    match run(&command, &mut out).and_then(|code| out.flush().map(|()| code)) {
        Ok(code) => code,
        // The reader has seen enough: `tally | head -1` is no failure.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            let style = Terminal::look(ColorChoice::Auto).err;
            complain(style, &CannotWrite(error), None);
            ExitCode::FAILURE
        }
    }
}

/// How to talk to whoever is at the two ends.
struct Terminal {
    out: Style,
    err: Style,
    /// Whether somebody sees lines that are written over each other.
    progress: bool,
}

impl Terminal {
    fn look(choice: ColorChoice) -> Self {
        let (no_color, term) = (env::var_os("NO_COLOR"), env::var_os("TERM"));
        let around = Surroundings {
            no_color: no_color.as_deref(),
            term: term.as_deref(),
        };
        let style = |is_terminal| Style {
            colors: style::wanted(choice, around, is_terminal),
        };
        let err_is_terminal = io::stderr().is_terminal();
        Self {
            out: style(io::stdout().is_terminal()),
            err: style(err_is_terminal),
            progress: err_is_terminal
                && around.term.is_none_or(|t| t != "dumb"),
        }
    }
}

/// The result was found, and could not be handed over.
#[derive(Debug)]
struct CannotWrite(io::Error);

impl fmt::Display for CannotWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write the result")
    }
}

impl Error for CannotWrite {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn run(command: &Command, out: &mut impl Write) -> io::Result<ExitCode> {
    match command {
        Command::Help => write!(out, "{}", documents::help())?,
        Command::Version => {
            writeln!(out, "tally {}", env!("CARGO_PKG_VERSION"))?
        }
        Command::Generate(document) => {
            let text = match document {
                Document::Man => documents::man(),
                Document::Bash => documents::bash(),
                Document::Zsh => documents::zsh(),
                Document::Fish => documents::fish(),
            };
            write!(out, "{text}")?;
        }
        Command::Count(options) => return count_all(options, out),
    }
    Ok(ExitCode::SUCCESS)
}

fn count_all(options: &Options, out: &mut impl Write) -> io::Result<ExitCode> {
    let terminal = Terminal::look(options.color);
    let (config, folder, remarks) = match configuration(&options.config) {
        Ok(config) => config,
        Err(errors) => {
            for error in &errors {
                complain(terminal.err, error, error.hint());
            }
            return Ok(ExitCode::from(2));
        }
    };
    // ANCHOR: remarks
    for old in &options.old_words {
        remark(terminal.err, *old, Some(old.hint()));
    }
    for old in &remarks {
        remark(terminal.err, old, old.hint());
    }
    // ANCHOR_END: remarks
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
    let cache = options.cache.as_deref().map(|file| {
        let here = env::current_dir().unwrap_or_default();
        Cache::load(file, here, SystemTime::now() - cache::COARSENESS)
    });
    let work = Work {
        files: &found.files,
        languages: &config.languages,
        cache: cache.as_ref(),
    };
    let taken = AtomicUsize::new(0);
    let count = || parallel::count_files(work, threads, &taken);
    let counted = if terminal.progress {
        progress::during(&taken, found.files.len(), io::stderr(), count)
    } else {
        count()
    };
    let mut complete = true;
    for error in found.errors.iter().chain(&counted.errors) {
        complain(terminal.err, error, error.hint());
        complete = false;
    }
    let mut done = complete;
    if let Some(file) = &options.cache
        && let Err(error) = cache::save(file, counted.notes)
    {
        let error = FileError::new(Step::Write, file, error);
        complain(terminal.err, &error, error.hint());
        done = false;
    }
    let sort = options.sort.or(config.sort).unwrap_or(Sort::Code);
    match options.format {
        Format::Table => counted.report.write_table(sort, terminal.out, out)?,
        Format::Json => counted.report.write_json(sort, complete, out)?,
    }
    Ok(if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The settings, and the folder that their patterns are about.
fn configuration(
    choice: &ConfigChoice,
) -> Result<(Config, PathBuf, Vec<ConfigError>), Vec<ConfigError>> {
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
    let shown = path.strip_prefix(&here).unwrap_or(&path);
    let (config, remarks) = config_error::load(shown)?;
    let mut folder = fs::canonicalize(&path).unwrap_or(path);
    folder.pop();
    Ok((config, folder, remarks))
}
