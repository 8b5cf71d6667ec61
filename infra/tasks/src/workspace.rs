//! Where things are, and which crate depends on which, as `cargo metadata` says.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::report;

/// The workspace as cargo sees it.
pub(crate) struct Workspace {
    /// The repository's root.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
    /// All crates, by name.
    pub(crate) crates: Vec<Crate>,
}

/// One crate of the workspace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    pub(crate) name: String,
    /// False for a crate of binaries alone.
    pub(crate) is_library: bool,
    /// Crates of the workspace that it depends on.
    pub(crate) needs: Vec<Edge>,
}

/// One dependency on a crate of the workspace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) to: String,
    /// True if only its tests need it.
    pub(crate) tests_only: bool,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn read() -> Result<Self, String> {
        let json = report::output(cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
        let metadata = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
        Self::parse(&metadata).ok_or_else(|| "cargo metadata has an unknown form".to_owned())
    }

    fn parse(metadata: &Value) -> Option<Self> {
        let mut crates = metadata["packages"]
            .as_array()?
            .iter()
            .map(Crate::parse)
            .collect::<Option<Vec<_>>>()?;
        crates.sort_by(|a, b| a.name.cmp(&b.name));
        Some(Self {
            root: PathBuf::from(metadata["workspace_root"].as_str()?),
            target: PathBuf::from(metadata["target_directory"].as_str()?),
            crates,
        })
    }

    /// A command that runs in the repository's root.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo, in the repository's root.
    pub(crate) fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// A binary of the dev profile.
    pub(crate) fn debug_binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// A path below the root.
    pub(crate) fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.root.join(below)
    }
}

impl Crate {
    fn parse(package: &Value) -> Option<Self> {
        let is_library = package["targets"].as_array()?.iter().any(|target| {
            let kinds = target["kind"].as_array();
            kinds.is_some_and(|kinds| {
                kinds
                    .iter()
                    .any(|kind| kind == "lib" || kind == "proc-macro")
            })
        });
        let needs = package["dependencies"]
            .as_array()?
            .iter()
            .filter(|dependency| dependency["path"].is_string())
            .map(|dependency| {
                Some(Edge {
                    to: dependency["name"].as_str()?.to_owned(),
                    tests_only: dependency["kind"] == "dev",
                })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            is_library,
            needs,
        })
    }
}

/// The cargo that runs this program, or the one in the path.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
