//! What visitors look for, above all in vain, what they do in lessons besides reading, and where they go.

use tuition_domain::metrics::report::Report;

use super::paper::{self, Table, card};
use super::words::Words;

/// Nothing where nobody did any of it.
pub(super) fn section(report: &Report, words: &Words) -> String {
    let parts = [
        searches(report, words),
        lessons(report, words),
        links(report, words),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return String::new();
    }
    paper::section(words.say("Looked for and used", "搜索与使用"), &parts)
}

fn searches(report: &Report, words: &Words) -> Option<String> {
    let searches = &report.searches;
    let rows = searches.words.iter().map(|one| {
        vec![
            one.query.clone(),
            words.number(one.without_result),
            words.number(one.asked),
        ]
    });
    let head = [
        words.say("Searched for", "搜索词"),
        words.say("Found nothing", "无结果"),
        words.say("Asked", "次数"),
    ];
    let heading = format!(
        "{} ({} / {})",
        words.say("Searches without result, and all", "无结果的搜索与全部搜索"),
        words.number(searches.without_result),
        words.number(searches.asked)
    );
    (searches.asked > 0).then(|| card(&heading, &Table::new(&head, rows).cut(words)))
}

fn lessons(report: &Report, words: &Words) -> Option<String> {
    let rows = report.lesson_use.iter().map(|(lesson, used)| {
        let counts = [used.marked_done, used.copied, used.run, used.asked];
        let mut row = vec![lesson.clone()];
        row.extend(counts.map(|count| words.number(count)));
        row
    });
    let head = [
        words.say("Lesson", "课时"),
        words.say("Marked as done", "标记完成"),
        words.say("Code copied", "复制代码"),
        words.say("Code run", "运行代码"),
        words.say("Questions", "提问"),
    ];
    let title = words.say("Lessons used", "课时使用");
    (!report.lesson_use.is_empty()).then(|| card(title, &Table::new(&head, rows).cut(words)))
}

fn links(report: &Report, words: &Words) -> Option<String> {
    let rows = report
        .links_out
        .iter()
        .map(|one| vec![one.host.clone(), words.number(one.followed)]);
    let head = [words.say("Site", "网站"), words.say("Followed", "点击次数")];
    let title = words.say("Links to other sites", "站外链接");
    (!report.links_out.is_empty()).then(|| card(title, &Table::new(&head, rows).cut(words)))
}
