mod args;
mod count;

use std::cmp::Reverse;
use std::env;
use std::process::ExitCode;

use args::{Command, HELP, Options, Sort};

fn main() -> ExitCode {
    match args::parse(env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Ok(Command::Version) => {
            println!("tally {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        Ok(Command::Count(options)) => run(&options),
        Err(error) => {
            eprintln!("tally: {error}");
            eprintln!("Try 'tally --help'.");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> ExitCode {
    let mut rows = Vec::new();
    let mut code = ExitCode::SUCCESS;
    for path in &options.paths {
        match count::count_file(path) {
            Ok(lines) => rows.push((lines, path)),
            Err(error) => {
                eprintln!("tally: {}: {error}", path.display());
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
        println!("{lines:>8}  {}", path.display());
    }
    if options.paths.len() > 1 {
        println!("{total:>8}  total");
    }
    code
}
