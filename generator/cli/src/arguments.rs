//! The command line.

use std::{collections::BTreeMap, num::NonZeroUsize, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;

/// Publishes and sells programming courses out of a git repository.
#[derive(Debug, Parser)]
#[command(name = "tuition", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Folder of the site: the one that has `content/`
    #[arg(long, global = true, default_value = ".", value_name = "DIR")]
    pub(crate) site: PathBuf,
    /// Print data as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Deployed shop to talk to, or `local`
    #[arg(long, global = true, default_value = "local", value_name = "NAME")]
    pub(crate) stage: String,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new site that builds
    New(NewCommand),
    /// Say what is wrong with the site, without writing anything
    Check(CheckCommand),
    /// Write the site to a folder
    Build(BuildCommand),
    /// Open the whole shop on this machine, and build again on each change
    Serve(ServeCommand),
    /// Run the code samples of the site
    Test(TestCommand),
    /// Make a course of what was written for another tool
    Import(ImportCommand),
    /// Look at what was sold, and compare it with the payment provider
    Orders(OrdersCommand),
    /// What learners asked and found wrong
    Comments(CommentsCommand),
    /// Compute what learners did, think and paid, from raw records
    Report(ReportCommand),
    /// Take the records out that reports are computed from
    Metrics(MetricsCommand),
    /// Make up a year of visits, reading and sales in the local shop, to look at reports
    DemoData(DemoDataCommand),
    /// Look at the keys that sign access tokens, and put a new one in place
    Keys(KeysCommand),
}

/// `tuition new DIR`.
#[derive(Debug, Args)]
pub(crate) struct NewCommand {
    /// Folder to make; it must not hold anything yet
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// `tuition check`.
#[derive(Debug, Args)]
pub(crate) struct CheckCommand {
    /// Ask other servers, too, whether the addresses are there that the site links to
    #[arg(long)]
    pub(crate) external: bool,
    #[command(flatten)]
    pub(crate) how: ExternalOptions,
    #[command(flatten)]
    pub(crate) moment: Moment,
}

/// How other servers are asked.
#[derive(Debug, Args)]
pub(crate) struct ExternalOptions {
    /// Ask about addresses, too, that were there a few hours ago
    #[arg(long, requires = "external")]
    pub(crate) fresh: bool,
    /// The longest to wait for one answer
    #[arg(long, requires = "external", value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) timeout: u32,
}

/// `tuition build`.
#[derive(Debug, Args)]
pub(crate) struct BuildCommand {
    /// Folder to write; by default `dist` in the site's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Address of the site, instead of the one in site.toml
    #[arg(long, value_name = "URL", value_parser = base_url)]
    pub(crate) base_url: Option<String>,
    /// Refuse to build while a sample has not passed `tuition test` as it stands
    #[arg(long)]
    pub(crate) require_tested: bool,
    #[command(flatten)]
    pub(crate) moment: Moment,
}

/// `tuition test`.
#[derive(Debug, Args)]
pub(crate) struct TestCommand {
    /// Only the samples of this course
    #[arg(long, value_name = "SLUG")]
    pub(crate) course: Option<String>,
    /// Run those too that passed before and did not change
    #[arg(long)]
    pub(crate) fresh: bool,
    /// How many to run at the same time; by default as many as there are processors
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) moment: Moment,
}

/// `tuition serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeCommand {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8080, value_name = "N")]
    pub(crate) port: u16,
    /// Folder for orders, learners and mails; by default `.tuition` in the site's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Do not watch the site for changes
    #[arg(long)]
    pub(crate) no_watch: bool,
    #[command(flatten)]
    pub(crate) moment: Moment,
}

/// `tuition orders`.
#[derive(Debug, Args)]
pub(crate) struct OrdersCommand {
    /// State folder of a local shop; by default `.tuition` in the site's folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) what: OrdersDo,
}

/// What to do with orders.
#[derive(Debug, Subcommand)]
pub(crate) enum OrdersDo {
    /// The orders of a period, newest first, and what a person must look at
    List(Period),
    /// One order with its ledger
    Show(OneOrder),
    /// The money facts of a period: CSV, or JSON with `--json`
    Ledger(Period),
    /// Make up for lost events, and show that provider and ledger agree; exit code 1 if not
    Reconcile(Since),
}

/// UTC days, both included.
#[derive(Debug, Args)]
pub(crate) struct Period {
    /// First day; by default thirty days before the last
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<jiff::civil::Date>,
    /// Last day; by default today
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<jiff::civil::Date>,
}

/// `tuition comments`.
#[derive(Debug, Args)]
pub(crate) struct CommentsCommand {
    /// State folder of a local shop; by default `.tuition` in the site's folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) what: CommentsDo,
}

/// What to do with comments.
#[derive(Debug, Subcommand)]
pub(crate) enum CommentsDo {
    /// Open questions and mistakes, lesson by lesson, with permalinks: Markdown, or JSON with `--json`
    Export(OfLesson),
}

/// `tuition comments export`.
#[derive(Debug, Args)]
pub(crate) struct OfLesson {
    /// Only of this course or lesson: `<course id>` or `<course id>/<lesson id>`
    #[arg(long, value_name = "ID")]
    pub(crate) lesson: Option<String>,
    /// What is answered, too, ticked and with the commit if the lesson's text answers it
    #[arg(long)]
    pub(crate) all: bool,
}

/// `tuition orders show ID`.
#[derive(Debug, Args)]
pub(crate) struct OneOrder {
    /// The order's id: the provider's checkout session
    #[arg(value_name = "ID")]
    pub(crate) order: String,
}

/// `tuition orders reconcile`.
#[derive(Debug, Args)]
pub(crate) struct Since {
    /// Compare from this moment on; by default from where the last comparison ended
    #[arg(long, value_name = "RFC3339")]
    pub(crate) since: Option<Timestamp>,
}

/// `tuition report`.
#[derive(Debug, Args)]
pub(crate) struct ReportCommand {
    /// First day of money and traffic
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<jiff::civil::Date>,
    /// Last day of money and traffic, and of the four weeks of activity
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<jiff::civil::Date>,
    /// Records to read instead of those of the stage: what `tuition metrics export` wrote
    #[arg(long, value_name = "FILE", conflicts_with = "since")]
    pub(crate) events: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: RecordSource,
    /// Folder to write; by default `report`, or none with `--json`
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Which records of a stage.
#[derive(Debug, Args)]
pub(crate) struct RecordSource {
    /// First day of the records that are looked at; by default 400 days before the last
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<jiff::civil::Date>,
    /// State folder of a local shop; by default `.tuition` in the site's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// `tuition metrics`.
#[derive(Debug, Args)]
pub(crate) struct MetricsCommand {
    #[command(subcommand)]
    pub(crate) what: MetricsDo,
}

/// What to do with records.
#[derive(Debug, Subcommand)]
pub(crate) enum MetricsDo {
    /// Write all records of a stage to a file, a JSON object a line; packed if its name ends in .gz
    Export(MetricsExport),
}

/// `tuition metrics export`.
#[derive(Debug, Args)]
pub(crate) struct MetricsExport {
    /// File to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Last day; by default today
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<jiff::civil::Date>,
    #[command(flatten)]
    pub(crate) source: RecordSource,
}

/// `tuition demo-data`.
#[derive(Debug, Args)]
pub(crate) struct DemoDataCommand {
    /// Another number makes other data
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many days, the last of them today
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub(crate) days: u16,
    /// State folder of the local shop; by default `.tuition` in the site's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// `tuition keys`.
#[derive(Debug, Args)]
pub(crate) struct KeysCommand {
    /// State folder of a local shop; by default `.tuition` in the site's folder
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) what: KeysDo,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysDo {
    /// The keys and what each is for, without their secrets
    List,
    /// Make a key, let it become known, sign with it, and remove the old one after its last token
    Rotate(Rotate),
}

/// `tuition keys rotate`.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Do what is due now, say what is waited for, and leave the rest to the next call
    #[arg(long)]
    pub(crate) no_wait: bool,
}

/// `tuition import`.
#[derive(Debug, Args)]
pub(crate) struct ImportCommand {
    #[command(subcommand)]
    pub(crate) source: ImportSource,
}

/// What it was written for.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportSource {
    /// A book of mdBook; prints what could not be carried over, one by one
    Mdbook(MdbookCommand),
}

/// `tuition import mdbook SRC DIR`.
#[derive(Debug, Args)]
pub(crate) struct MdbookCommand {
    /// Folder of the book: the one that has `book.toml`
    #[arg(value_name = "SRC")]
    pub(crate) book: PathBuf,
    /// Folder of the site: a new one, or one that the course is added to
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Folder of the course; by default from the book's title
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    pub(crate) course: Option<String>,
    /// Address of the published book: makes links absolute that lead out of it
    #[arg(long, value_name = "URL", value_parser = web_address)]
    pub(crate) published: Option<String>,
}

/// What is published depends on these.
#[derive(Debug, Clone, Args)]
pub(crate) struct Moment {
    /// Moment of the build; the same moment gives the same bytes (by default now)
    #[arg(long, value_name = "RFC3339")]
    pub(crate) now: Option<Timestamp>,
    /// Publish drafts, and what is to be published later, too
    #[arg(long)]
    pub(crate) drafts: bool,
}

impl Moment {
    /// Options of a build at this moment.
    pub(crate) fn options(&self, base_url: Option<String>) -> tuition_site::Options {
        tuition_site::Options {
            now: self.now.unwrap_or_else(Timestamp::now),
            drafts: self.drafts,
            base_url,
            tested: BTreeMap::new(),
            require_tested: false,
            drawings: std::sync::Arc::default(),
        }
    }
}

fn base_url(text: &str) -> Result<String, String> {
    tuition_site::parse_base_url(text)
        .ok_or_else(|| "write it like https://courses.example, without a path".to_owned())
}

fn slug(text: &str) -> Result<String, String> {
    match tuition_site::slugify(text) {
        slug if slug == text && !slug.is_empty() => Ok(slug),
        slug if slug.is_empty() => Err("use lower-case letters, digits and hyphens".to_owned()),
        slug => Err(format!(
            "use lower-case letters, digits and hyphens: {slug}"
        )),
    }
}

fn web_address(text: &str) -> Result<String, String> {
    match text.starts_with("https://") || text.starts_with("http://") {
        true => Ok(text.to_owned()),
        false => Err("write it like https://doc.example/book/".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
