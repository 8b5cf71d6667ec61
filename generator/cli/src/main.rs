//! The `tuition` command: everything that touches the machine. What a site is made of is in `tuition-site`.

mod arguments;
mod build;
mod check;
mod comments;
mod external;
mod git;
mod import;
mod keys;
mod metrics;
mod new;
mod orders;
mod output;
mod project;
mod report;
mod search;
mod serve;
mod source;
mod spreadsheet;
mod stage;
mod test;
mod theme;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

/// How a command ended. Exit codes are part of the contract: scripts tell an author's mistake from a broken machine.
enum Outcome {
    /// Exit code 0.
    Done,
    /// The site has errors, which are printed: exit code 1.
    Diagnostics,
    /// The command line names what is not there: exit code 2.
    Usage(String),
    /// The machine is at fault (a file that can't be written): exit code 3.
    Environment(Box<dyn std::error::Error>),
}

fn main() -> ExitCode {
    // A wrong command line ends here with exit code 2.
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Command::New(command) => new::run(command),
        Command::Check(command) => check::run(&arguments.common, command),
        Command::Build(command) => build::run(&arguments.common, command),
        Command::Serve(command) => serve::run(&arguments.common, command),
        Command::Test(command) => test::run(&arguments.common, command),
        Command::Import(command) => import::run(&arguments.common, command),
        Command::Orders(command) => orders::run(&arguments.common, command),
        Command::Comments(command) => comments::run(&arguments.common, command),
        Command::Metrics(command) => metrics::export(&arguments.common, command),
        Command::DemoData(command) => metrics::demo_data(&arguments.common, command),
        Command::Report(command) => metrics::report(&arguments.common, command),
        Command::Keys(command) => keys::run(&arguments.common, command),
    };
    match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::Diagnostics => ExitCode::from(1),
        Outcome::Usage(what) => {
            report::note(&format!("error: {what}"));
            ExitCode::from(2)
        }
        Outcome::Environment(error) => {
            report::environment(error.as_ref());
            ExitCode::from(3)
        }
    }
}
