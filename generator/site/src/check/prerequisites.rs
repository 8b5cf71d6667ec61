//! Courses that ask for other courses first: these must exist, and not in a circle.

use crate::{
    diagnostic::Diagnostic,
    model::{Course, Model},
    nearest::did_you_mean,
};

pub(super) fn check(model: &Model, report: &mut Vec<Diagnostic>) {
    let default = model.default_language();
    for (position, course) in model.courses.iter().enumerate() {
        let Some(text) = course.texts.get(default) else {
            continue;
        };
        for prerequisite in &course.prerequisites {
            let Some(target) = find(model, &prerequisite.value) else {
                let ids = model.courses.iter().map(|course| course.id.as_str());
                let hint = did_you_mean(
                    &prerequisite.value,
                    ids,
                    "prerequisites are ids of courses; put other knowledge into audience",
                );
                report.push(text.body.file.error(
                    prerequisite.at,
                    "prerequisite",
                    format!("there is no course \"{}\"", prerequisite.value),
                    hint,
                ));
                continue;
            };
            let mut trail = vec![position];
            // Each circle is reported once, at its first course.
            if leads_back(model, target, position, &mut trail)
                && trail.iter().min() == Some(&position)
            {
                let names = trail
                    .iter()
                    .chain(std::iter::once(&position))
                    .filter_map(|position| model.courses.get(*position));
                let circle = names
                    .map(|course| course.id.as_str())
                    .collect::<Vec<_>>()
                    .join(" → ");
                report.push(text.body.file.error(
                    prerequisite.at,
                    "prerequisite-cycle",
                    format!("courses ask for each other: {circle}"),
                    "take one of these prerequisites out",
                ));
            }
        }
    }
}

/// The course that a prerequisite names, by id.
pub(crate) fn find(model: &Model, id: &str) -> Option<usize> {
    model
        .courses
        .iter()
        .position(|course: &Course| course.id == id)
}

/// Depth-first search; on success `trail` is the way from `goal` to the course before it.
fn leads_back(model: &Model, at: usize, goal: usize, trail: &mut Vec<usize>) -> bool {
    if at == goal {
        return true;
    }
    if trail.contains(&at) {
        return false;
    }
    trail.push(at);
    let next = model
        .courses
        .get(at)
        .into_iter()
        .flat_map(|course| &course.prerequisites);
    for prerequisite in next {
        if find(model, &prerequisite.value)
            .is_some_and(|target| leads_back(model, target, goal, trail))
        {
            return true;
        }
    }
    trail.pop();
    false
}
