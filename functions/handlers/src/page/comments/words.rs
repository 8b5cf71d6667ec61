//! What the pages of a discussion say, in English and Chinese.

use jiff::Timestamp;
use tuition_domain::comments::{Decision, State, Why};
use tuition_domain::mail::Locale;

/// In seconds.
const DAY: i64 = 86_400;
const MONTH: i64 = 30 * DAY;

/// A day in UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Every text of the three pages.
pub(super) struct Words {
    pub(super) discussion: &'static str,
    pub(super) oldest: &'static str,
    pub(super) newest: &'static str,
    pub(super) questions: &'static str,
    pub(super) more: &'static str,
    /// Short: minutes, hours, days ago, with `{}` for how many.
    ago: [&'static str; 3],
    now: &'static str,
    pub(super) answers: &'static str,
    pub(super) deleted: &'static str,
    pub(super) someone: &'static str,
    pub(super) author: &'static str,
    pub(super) owner: &'static str,
    pub(super) pinned: &'static str,
    pub(super) question: &'static str,
    pub(super) answered: &'static str,
    pub(super) mistake: &'static str,
    pub(super) edited: &'static str,
    pub(super) in_text: &'static str,
    pub(super) held: &'static str,
    pub(super) hidden: &'static str,
    pub(super) reply: &'static str,
    pub(super) edit: &'static str,
    pub(super) save: &'static str,
    pub(super) delete: &'static str,
    pub(super) report: &'static str,
    pub(super) is_answered: &'static str,
    pub(super) is_in_text: &'static str,
    pub(super) commit: &'static str,
    pub(super) pin: &'static str,
    pub(super) unpin: &'static str,
    pub(super) hide: &'static str,
    pub(super) closed: &'static str,
    pub(super) sign_in: &'static str,
    pub(super) write: &'static str,
    pub(super) text: &'static str,
    pub(super) is_question: &'static str,
    pub(super) is_mistake: &'static str,
    pub(super) send: &'static str,
    pub(super) queue: &'static str,
    pub(super) nothing: &'static str,
    pub(super) reports: &'static str,
    pub(super) approve: &'static str,
    pub(super) ban: &'static str,
    pub(super) trail: &'static str,
    pub(super) undecided: &'static str,
    pub(super) you: &'static str,
    pub(super) another: &'static str,
    pub(super) seen: &'static str,
    /// By everybody, its writer and authors, authors.
    seen_by: [&'static str; 3],
    /// In the order of [`Decision`].
    decided: [&'static str; 10],
    /// By policy, a first one, links, repeated, reports, decided.
    why: [&'static str; 6],
}

impl Words {
    /// Why a comment is not shown to all.
    pub(super) fn why(&self, why: Why) -> &'static str {
        let [policy, first, links, repeated, reports, decision] = self.why;
        match why {
            Why::Policy => policy,
            Why::First => first,
            Why::Links => links,
            Why::Repeated => repeated,
            Why::Reports => reports,
            Why::Decision => decision,
        }
    }

    /// Who sees a comment.
    pub(super) fn seen_by(&self, state: State) -> &'static str {
        let [shown, held, hidden] = self.seen_by;
        match state {
            State::Shown => shown,
            State::Held => held,
            State::Hidden => hidden,
        }
    }

    /// What an author decided.
    pub(super) fn decided(&self, decision: Decision) -> &'static str {
        let [
            approve,
            hide,
            delete,
            ban,
            unban,
            pin,
            unpin,
            answered,
            open,
            fixed,
        ] = self.decided;
        match decision {
            Decision::Approve => approve,
            Decision::Hide => hide,
            Decision::Delete => delete,
            Decision::Ban => ban,
            Decision::Unban => unban,
            Decision::Pin => pin,
            Decision::Unpin => unpin,
            Decision::Answered => answered,
            Decision::Open => open,
            Decision::Fixed => fixed,
        }
    }

    /// When something was, as one says it: "3 h ago" within a month, then the day.
    pub(super) fn when(&self, at: Timestamp, now: Timestamp) -> String {
        let seconds = now.as_second().saturating_sub(at.as_second()).max(0);
        let [minutes, hours, days] = self.ago;
        let (form, length) = match seconds {
            ..60 => return self.now.to_owned(),
            60..3_600 => (minutes, 60),
            3_600..DAY => (hours, 3_600),
            DAY..MONTH => (days, DAY),
            _ => return day(at),
        };
        form.replace("{}", &(seconds / length).to_string())
    }

    /// In a language.
    pub(super) fn of(locale: Locale) -> Self {
        match locale {
            Locale::En => Self {
                discussion: "Discussion",
                oldest: "Oldest first",
                newest: "Newest first",
                questions: "Questions first",
                more: "More",
                ago: ["{} min ago", "{} h ago", "{} d ago"],
                now: "Just now",
                answers: "In answer to",
                deleted: "Deleted",
                someone: "Somebody",
                author: "Author",
                owner: "Owns the course",
                pinned: "Pinned",
                question: "Question",
                answered: "Answered",
                mistake: "Mistake in the text",
                edited: "Edited",
                in_text: "Answered in the text on",
                held: "Only you and the author see this until it was looked at",
                hidden: "Hidden",
                reply: "Reply",
                edit: "Edit",
                save: "Save",
                delete: "Delete",
                report: "Report",
                is_answered: "This is answered",
                is_in_text: "Answered in the text",
                commit: "Commit of the lesson's change",
                pin: "Pin",
                unpin: "Unpin",
                hide: "Hide",
                closed: "This discussion is closed.",
                sign_in: "Sign in to write",
                write: "Write",
                text: "Text (Markdown)",
                is_question: "This is a question",
                is_mistake: "There is a mistake in the lesson",
                send: "Send",
                queue: "Waiting for you",
                nothing: "Nothing waits.",
                reports: "Reports",
                approve: "Approve",
                ban: "Ban the writer",
                trail: "What was decided",
                undecided: "Nothing was decided about this comment yet.",
                you: "You",
                another: "Another author",
                seen: "Seen by: ",
                seen_by: ["everybody", "its writer and authors", "authors"],
                decided: [
                    "Approved",
                    "Hidden",
                    "Deleted",
                    "Writer banned",
                    "Ban of the writer lifted",
                    "Pinned",
                    "Unpinned",
                    "Marked as answered",
                    "Marked as open",
                    "Answered in the text",
                ],
                why: [
                    "Every comment is held",
                    "Their first comment",
                    "Many links",
                    "The same text again",
                    "Reported",
                    "Hidden before",
                ],
            },
            Locale::Zh => Self {
                discussion: "讨论",
                oldest: "最早",
                newest: "最新",
                questions: "提问优先",
                more: "更多",
                ago: ["{} 分钟前", "{} 小时前", "{} 天前"],
                now: "刚刚",
                answers: "回复",
                deleted: "已删除",
                someone: "匿名",
                author: "作者",
                owner: "已购课程",
                pinned: "置顶",
                question: "提问",
                answered: "已回答",
                mistake: "文中有误",
                edited: "已编辑",
                in_text: "已在正文中解答：",
                held: "审核前仅您和作者可见",
                hidden: "已隐藏",
                reply: "回复",
                edit: "编辑",
                save: "保存",
                delete: "删除",
                report: "举报",
                is_answered: "问题已解决",
                is_in_text: "已在正文中解答",
                commit: "课文改动的提交（commit）",
                pin: "置顶",
                unpin: "取消置顶",
                hide: "隐藏",
                closed: "讨论已关闭。",
                sign_in: "登录后发表",
                write: "发表评论",
                text: "内容（Markdown）",
                is_question: "这是一个问题",
                is_mistake: "课文中有错误",
                send: "发送",
                queue: "待处理",
                nothing: "没有待处理的内容。",
                reports: "举报",
                approve: "通过",
                ban: "禁言",
                trail: "处理记录",
                undecided: "尚未对此评论作出任何处理。",
                you: "您",
                another: "另一位作者",
                seen: "可见范围：",
                seen_by: ["所有人", "评论者和作者", "作者"],
                decided: [
                    "已通过",
                    "已隐藏",
                    "已删除",
                    "已禁言评论者",
                    "已解除禁言",
                    "已置顶",
                    "已取消置顶",
                    "已标记为已回答",
                    "已标记为未回答",
                    "已在正文中解答",
                ],
                why: [
                    "所有评论均需审核",
                    "首次评论",
                    "链接过多",
                    "重复内容",
                    "被举报",
                    "曾被隐藏",
                ],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recent_is_told_in_minutes_hours_and_days_and_nothing_is_in_the_future() {
        let at: Timestamp = "2026-05-04T12:00:00Z".parse().unwrap();
        let told = |seconds: i64, locale| {
            let now = Timestamp::from_second(at.as_second() + seconds).unwrap();
            Words::of(locale).when(at, now)
        };
        assert_eq!(told(-5, Locale::En), "Just now");
        assert_eq!(told(59, Locale::Zh), "刚刚");
        assert_eq!(told(60, Locale::En), "1 min ago");
        assert_eq!(told(3 * 3600 + 5, Locale::Zh), "3 小时前");
        assert_eq!(told(29 * DAY, Locale::En), "29 d ago");
        assert_eq!(told(MONTH, Locale::En), "2026-05-04");
    }
}
