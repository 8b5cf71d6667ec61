//! `cargo task template`: what is deployed holds what it promises. Linted by AWS's own tools, checked by checkov, and
//! held to the rest of the repository by `infra/tests/template/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::report::{self, Report};
use crate::workspace::Workspace;
use crate::{package, tools};

/// Any: linting asks none.
const REGION: &str = "eu-central-1";

/// Packages the template and checks it.
pub(crate) fn template(workspace: &Workspace, report: &mut Report) {
    package::template_alone(workspace, report);
    let path = workspace.target.join("package/template.yaml");
    let has_node = report.step("Node and its packages", || {
        tools::node()?;
        tools::node_modules(workspace)
    });
    if has_node {
        report.command(
            "template against the code, and no secret anywhere",
            workspace
                .command("node")
                .args(["--test", "--test-reporter=dot"])
                .args(
                    [
                        "template/permissions",
                        "template/shape",
                        "template/packaged",
                        "secrets/scan",
                    ]
                    .map(test_file),
                )
                .env("TUITION_TEMPLATE", &path),
        );
    } else {
        report.skip(
            "template against the code, and no secret anywhere",
            "no Node",
        );
    }
    report.step("template by cfn-lint and sam validate", || {
        let tools = tools::python(workspace, "infra/tests/template/lint.txt")?;
        report::run(workspace.command(tools.join("cfn-lint")).arg(&path))?;
        report::run(
            workspace
                .command(tools.join("sam"))
                .args(["validate", "--lint", "--region", REGION, "--template"])
                .arg(&path)
                .env("SAM_CLI_TELEMETRY", "0"),
        )
    });
    report.step("template by checkov", || checkov(workspace, &path));
}

fn test_file(name: &str) -> String {
    format!("infra/tests/{name}.mjs")
}

/// No finding but those that the template gives a reason for, and no reason for what is not found.
fn checkov(workspace: &Workspace, template: &Path) -> Result<(), String> {
    let tools = tools::python(workspace, "infra/tests/template/checkov.txt")?;
    let (Some(folder), Some(name)) = (template.parent(), template.file_name()) else {
        return Err(format!("{} is no file", template.display()));
    };
    // By its name alone: checkov puts the path it was given among a function's variables, and takes forty characters
    // of a path for an access key.
    let said = report::output(
        workspace
            .command(tools.join("checkov"))
            .current_dir(folder)
            .args(["--framework=cloudformation", "--compact", "--soft-fail"])
            .args(["--skip-download", "--output=json", "--file"])
            .arg(name),
    )?;
    let found: Value = serde_json::from_slice(&said).map_err(|error| error.to_string())?;
    let text = fs::read_to_string(template).map_err(|error| error.to_string())?;
    let wrong = wrong(&found, &text).ok_or("checkov's answer has an unknown form")?;
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n"))
    }
}

/// What checkov found, and skips that skip nothing. `None` for an answer of another form.
fn wrong(found: &Value, template: &str) -> Option<Vec<String>> {
    let results = &found["results"];
    let names = |checks: &Value| -> Option<Vec<(String, String)>> {
        checks
            .as_array()?
            .iter()
            .map(|check| {
                let resource = check["resource"].as_str()?.rsplit('.').next()?.to_owned();
                Some((check["check_id"].as_str()?.to_owned(), resource))
            })
            .collect()
    };
    let mut wrong: Vec<String> = names(&results["failed_checks"])?
        .into_iter()
        .map(|(check, resource)| format!("{resource}: {check}"))
        .collect();
    if names(&results["passed_checks"])?.is_empty() {
        wrong.push("checkov checked nothing".to_owned());
    }
    let skipped: BTreeSet<_> = names(&results["skipped_checks"])?.into_iter().collect();
    for (check, resource) in skips(template) {
        if !skipped.contains(&(check.clone(), resource.clone())) {
            wrong.push(format!(
                "{resource}: a skip of {check}, which finds nothing"
            ));
        }
    }
    Some(wrong)
}

/// The skips in a template: check and resource.
fn skips(template: &str) -> Vec<(String, String)> {
    let mut resource = "";
    let mut skips = Vec::new();
    for line in template.lines() {
        let name = line
            .strip_prefix("  ")
            .and_then(|rest| rest.strip_suffix(':'));
        if let Some(name) = name.filter(|name| name.chars().all(char::is_alphanumeric)) {
            resource = name;
        }
        for part in line.split("id: CKV").skip(1) {
            let rest: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            skips.push((format!("CKV{rest}"), resource.to_owned()));
        }
    }
    skips
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEMPLATE: &str = "Resources:\n  Bucket:\n    Metadata:\n      checkov:\n        skip:\n          - id: CKV_AWS_18\n            comment: 'why'\n  Log:\n    Metadata: {checkov: {skip: [{id: CKV2_AWS_5, comment: 'why'}]}}\n";

    fn check(id: &str, resource: &str) -> Value {
        json!({"check_id": id, "resource": format!("AWS::S3::Bucket.{resource}")})
    }

    fn answer(failed: Vec<Value>, skipped: Vec<Value>) -> Value {
        json!({"results": {"failed_checks": failed, "skipped_checks": skipped, "passed_checks": [check("CKV_AWS_1", "Bucket")]}})
    }

    #[test]
    fn skips_are_read_with_their_resources() {
        let pair = |check: &str, resource: &str| (check.to_owned(), resource.to_owned());
        assert_eq!(
            skips(TEMPLATE),
            [pair("CKV_AWS_18", "Bucket"), pair("CKV2_AWS_5", "Log")]
        );
    }

    #[test]
    fn a_finding_is_wrong_and_so_is_a_skip_of_none() {
        let both = || vec![check("CKV_AWS_18", "Bucket"), check("CKV2_AWS_5", "Log")];
        assert_eq!(wrong(&answer(vec![], both()), TEMPLATE), Some(vec![]));
        let failed = answer(vec![check("CKV_AWS_20", "Bucket")], both());
        assert_eq!(wrong(&failed, TEMPLATE).unwrap(), ["Bucket: CKV_AWS_20"]);
        let unused = answer(vec![], vec![check("CKV_AWS_18", "Bucket")]);
        let wrong = super::wrong(&unused, TEMPLATE).unwrap();
        assert_eq!(wrong, ["Log: a skip of CKV2_AWS_5, which finds nothing"]);
        assert_eq!(super::wrong(&json!({}), TEMPLATE), None);
    }
}
