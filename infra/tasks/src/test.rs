//! `cargo task test`: everything that must be green, from a clean clone, in one command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::report::{self, Report};
use crate::workspace::Workspace;
use crate::{check, emulator, listings, package, samples, template, tools};

/// The longest one browser or HTTP test may take, in milliseconds.
const STORY_LIMIT: &str = "300000";

/// Checks, unit and integration tests, gate vectors, course code, and the shop as its visitors see it.
pub(crate) fn test(workspace: &Workspace, report: &mut Report) {
    check::check(workspace, report);
    report.command("unit and integration tests", &mut rust_tests(workspace));
    report.command(
        "doc tests",
        &mut workspace.cargo(["test", "--workspace", "--doc", "--locked"]),
    );
    content(workspace, report);
    template::template(workspace, report);
    shop(workspace, report);
}

/// The code that the courses teach, and that their pages show just that.
pub(crate) fn content(workspace: &Workspace, report: &mut Report) {
    samples::test(workspace, report);
    report.step("listings are the tested course code", || {
        listings::check(&workspace.path("content"))
    });
    if binaries(workspace, report) {
        // All of them: what is remembered was found out by another build of the tool.
        report.command(
            "samples of the sample site",
            workspace
                .command(workspace.debug_binary("tuition"))
                .args(["test", "--fresh"]),
        );
    } else {
        report.skip("samples of the sample site", "no binary");
    }
}

/// The binaries that a user has, as tests run them. The same selection as for the tests: another would unify features
/// anew and build the SDK twice.
fn binaries(workspace: &Workspace, report: &mut Report) -> bool {
    report.command(
        "binaries",
        &mut workspace.cargo(["build", "--workspace", "--bins", "--tests", "--locked"]),
    )
}

/// What a visitor's browser and what a program notice of the whole shop.
pub(crate) fn shop(workspace: &Workspace, report: &mut Report) {
    let has_node = report.step("Node and its packages", || {
        tools::node()?;
        tools::node_modules(workspace)
    });
    if has_node {
        scripts(workspace, report);
    } else {
        report.skip("scripts", "no Node");
    }
    let is_built = binaries(workspace, report);
    if has_node && is_built {
        report.command("both gates decide alike", &mut twin(workspace));
        stories(workspace, report);
    } else {
        report.skip("the shop", "no Node or no binary");
    }
}

/// The test runner of the Rust crates: nextest where it is installed, cargo's own elsewhere.
pub(crate) fn rust_tests(workspace: &Workspace) -> Command {
    if tools::has_nextest(workspace) {
        let mut command = workspace.cargo(["nextest", "run", "--workspace", "--locked"]);
        command.args(["--config-file", "infra/tasks/nextest.toml"]);
        command
    } else {
        workspace.cargo(["test", "--workspace", "--all-targets", "--locked"])
    }
}

/// The test that asks both gates the same things. It is left out of the others, which run without Node.
pub(crate) const TWIN: &str = "twin::both_gates_decide_alike";

fn twin(workspace: &Workspace) -> Command {
    let mut command = rust_tests(workspace);
    if tools::has_nextest(workspace) {
        command.args(["--run-ignored", "only", "-E", &format!("test(={TWIN})")]);
    } else {
        command.args(["--", "--ignored", "--exact", TWIN]);
    }
    command
}

/// The ignored tests with `part` in their names.
pub(crate) fn ignored(workspace: &Workspace, part: &str) -> Command {
    let mut command = rust_tests(workspace);
    if tools::has_nextest(workspace) {
        command.args(["--run-ignored", "only", "-E", &format!("test({part})")]);
    } else {
        command.args(["--", "--ignored", part]);
    }
    command
}

/// What runs elsewhere than in Rust: the edge gate, the theme's scripts, and the stories themselves.
fn scripts(workspace: &Workspace, report: &mut Report) {
    report.command(
        "edge gate against its vectors",
        workspace
            .command("node")
            .args(["--test", "--test-reporter=dot"])
            .args(["infra/edge/test.mjs", "infra/edge/language.test.mjs"]),
    );
    report.step("types of the scripts", || {
        for project in ["tsconfig.scripts.json", "tsconfig.json"] {
            report::run(
                workspace
                    .command("infra/tests/node_modules/.bin/tsc")
                    .args(["--project", &format!("infra/tests/{project}")]),
            )?;
        }
        Ok(())
    });
}

fn stories(workspace: &Workspace, report: &mut Report) {
    report.step("the shop over HTTP", || {
        // Whatever a test asks for, the answer must be one that is described.
        let described = workspace.path("infra/tests/lib/described.mjs");
        report::run(node_tests(workspace, "http")?.env("NODE_OPTIONS", import(&described)))
    });
    report.step("the functions against the description they serve", || {
        let schemathesis = tools::schemathesis(workspace)?;
        report::run(node_tests(workspace, "description")?.env("SCHEMATHESIS", schemathesis))
    });
    report.step("the shop as it is deployed, in an emulator of AWS", || {
        let linters = tools::python(workspace, "infra/tests/template/lint.txt")?;
        let emulator = tools::python(workspace, emulator::PINS)?;
        report::run(
            node_tests(workspace, "deployed")?
                .env("SAM", linters.join("sam"))
                .env("MINISTACK", emulator.join("ministack"))
                .env("TUITION_TEMPLATE", package::write(workspace)?)
                .env("TUITION_FUNCTIONS", workspace.debug_binary("")),
        )
    });
    report.step("the till against the payment provider's SDK", || {
        report::run(&mut node_tests(workspace, "stripe")?)
    });
    report.step("the shop in a browser", || {
        let chromium = tools::chromium()?;
        report::run(node_tests(workspace, "browser")?.env("CHROMIUM", chromium))
    });
}

/// Pictures of every kind of page, to look at.
pub(crate) fn shots(workspace: &Workspace, report: &mut Report) {
    report.step("pictures of the sample site", || {
        tools::node()?;
        tools::node_modules(workspace)?;
        let chromium = tools::chromium()?;
        report::run(&mut workspace.cargo(["build", "--package=tuition", "--locked"]))?;
        report::run(
            workspace
                .command("node")
                .arg("infra/tests/shots.mjs")
                .env("TUITION_BINARY", workspace.debug_binary("tuition"))
                .env("CHROMIUM", chromium),
        )
    });
}

/// The till against the provider's description of its API, which is large to fetch.
pub(crate) fn openapi(workspace: &Workspace, report: &mut Report) {
    report.step(
        "the till against the provider's OpenAPI description",
        || {
            tools::node()?;
            tools::node_modules(workspace)?;
            report::run(&mut workspace.cargo(["build", "--package=tuition", "--locked"]))?;
            report::run(&mut node_tests(workspace, "openapi")?)
        },
    );
}

/// The option by which Node loads a module before all others.
fn import(module: &Path) -> String {
    format!("--import={}", module.display())
}

/// Node's test runner over the tests of one folder below `infra/tests`.
pub(crate) fn node_tests(workspace: &Workspace, folder: &str) -> Result<Command, String> {
    let tests = tests_in(&workspace.path("infra/tests").join(folder))?;
    let mut command = workspace.command("node");
    command
        .args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .arg(format!("--test-timeout={STORY_LIMIT}"))
        .args(tests)
        .env("TUITION_BINARY", workspace.debug_binary("tuition"));
    Ok(command)
}

fn tests_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut tests: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "mjs"))
        .collect();
    tests.sort();
    if tests.is_empty() {
        return Err(format!("no tests in {}", folder.display()));
    }
    Ok(tests)
}
