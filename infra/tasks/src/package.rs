//! `cargo task package`: what is deployed, in `target/package/`: the template, with the code of the CDN's functions in
//! the places that name it, and the zips of the four functions.

mod functions;

use std::fs;
use std::path::{Path, PathBuf};

use crate::report::Report;
use crate::workspace::Workspace;

/// Stands in the template for the text of a file below `infra/`.
const MARK: &str = "FunctionCode: 'file:";

/// The most bytes of a CloudFront function
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>).
const MOST: usize = 10 * 1024;

/// Writes all of it. The functions take minutes to build.
pub(crate) fn package(workspace: &Workspace, report: &mut Report) {
    template_alone(workspace, report);
    report.step("target/package/functions/*.zip", || {
        functions::package(workspace)
    });
}

/// Writes `target/package/template.yaml`.
pub(crate) fn template_alone(workspace: &Workspace, report: &mut Report) {
    report.step("target/package/template.yaml", || {
        write(workspace).map(drop)
    });
}

/// The same outside a step; the file.
pub(crate) fn write(workspace: &Workspace) -> Result<PathBuf, String> {
    let folder = workspace.target.join("package");
    let file = folder.join("template.yaml");
    let text = template(&workspace.path("infra"))?;
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, text))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(file)
}

/// The template of the folder `infra`, with every mark replaced.
fn template(infra: &Path) -> Result<String, String> {
    let read = |name: &str| {
        let path = infra.join(name);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    embed(&read("template.yaml")?, read)
}

/// Replaces each mark by the file that it names, as a YAML literal: one level deeper, nothing escaped.
fn embed(template: &str, read: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let mut text = String::new();
    let mut found = 0;
    for line in template.lines() {
        let mark = line
            .split_once(MARK)
            .and_then(|(indent, rest)| Some((indent, rest.strip_suffix('\'')?)));
        let Some((indent, name)) = mark else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        let code = read(name)?;
        if code.len() > MOST {
            return Err(format!(
                "{name} has {} bytes, CloudFront takes {MOST}",
                code.len()
            ));
        }
        found += 1;
        text.push_str(&format!("{indent}FunctionCode: |\n"));
        for line in code.lines() {
            let blank = if line.is_empty() { "" } else { indent };
            let deeper = if line.is_empty() { "" } else { "  " };
            text.push_str(&format!("{blank}{deeper}{line}\n"));
        }
    }
    if found == 0 || text.contains("'file:") {
        return Err("the template names its code in a way that is not known here".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_the_place_that_names_it() {
        let template = "Gate:\n  FunctionCode: 'file:edge/gate.js'\nNext: 1\n";
        let read = |name: &str| match name {
            "edge/gate.js" => Ok("// '#: |\n\nreturn 1;\n".to_owned()),
            other => Err(other.to_owned()),
        };
        let expected = "Gate:\n  FunctionCode: |\n    // '#: |\n\n    return 1;\nNext: 1\n";
        assert_eq!(embed(template, read), Ok(expected.to_owned()));
    }

    #[test]
    fn what_can_not_be_deployed_is_refused() {
        let large = |_: &str| Ok("x".repeat(MOST + 1));
        assert!(embed("FunctionCode: 'file:a.js'", large).is_err());
        let small = |_: &str| Ok(String::new());
        assert!(embed("FunctionCode: code", small).is_err());
        assert!(embed("FunctionCode: 'file:a.js'\nCode: 'file:b.js'", small).is_err());
    }
}
