use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = env::args_os().nth(1) else {
        eprintln!("usage: tally FILE");
        return ExitCode::from(2);
    };
    match count(&path) {
        Ok(lines) => {
            println!("{lines}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tally: {}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn count(path: &OsStr) -> io::Result<u64> {
    if path == "-" {
        count_lines(io::stdin().lock())
    } else {
        count_lines(BufReader::new(File::open(path)?))
    }
}

fn count_lines(mut input: impl BufRead) -> io::Result<u64> {
    let mut lines = 0;
    while input.skip_until(b'\n')? > 0 {
        lines += 1;
    }
    Ok(lines)
}
