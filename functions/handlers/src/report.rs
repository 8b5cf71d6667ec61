//! The report as one page that needs nothing besides itself: no script, no other file. The same page is the file that
//! `tuition report` writes and what an author sees behind sign-in.

mod activity;
mod chart;
mod interest;
mod learning;
mod money;
mod paper;
mod people;
mod traffic;
mod words;

use tuition_domain::mail::{Locale, escape};
use tuition_domain::metrics::report::Report;

use self::paper::{day, tile};
use self::words::Words;

/// The page's own style; nothing else decides how it looks.
pub const STYLE: &str = include_str!("report/style.css");

/// What stands around the figures.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Name of the site; may be empty.
    pub site: String,
    /// Where to go from here, as `(address, label)`.
    pub links: Vec<(String, String)>,
    /// Address of [`STYLE`]; none: it stands in the page.
    pub stylesheet: Option<&'static str>,
    /// Whether what learners wrote under lessons is no part of the figures: not everybody may read it.
    pub without_posts: bool,
    /// Events of the period that were dropped as no facts of this site, where that is known.
    pub dropped: Option<u64>,
}

/// The page.
#[must_use]
pub fn page(report: &Report, frame: &Frame, locale: Locale) -> String {
    let words = Words(locale);
    let language = match locale {
        Locale::En => "en",
        Locale::Zh => "zh",
    };
    let title = words.say("Report", "数据报告");
    let period = format!("{} – {}", day(report.period.from), day(report.period.to));
    let site = escape(&frame.site);
    let links: String = frame
        .links
        .iter()
        .map(|(address, label)| format!("<a href=\"{}\">{}</a> ", escape(address), escape(label)))
        .collect();
    let body = [
        head(report, frame, &words),
        tiles(report, &words),
        traffic::section(report, &words),
        interest::section(report, &words),
        learning::section(report, &words),
        activity::section(report, &words),
        money::section(report, &words),
        people::section(report, &words),
        people::weights(report, &words),
    ]
    .concat();
    let style = match frame.stylesheet {
        Some(address) => format!("<link rel=\"stylesheet\" href=\"{address}\">"),
        None => format!("<style>{STYLE}</style>"),
    };
    let links = if links.is_empty() {
        links
    } else {
        format!("<nav aria-label=\"{title}\">{links}</nav>")
    };
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title} {period} {site}</title><link rel=\"icon\" href=\"data:,\">{style}</head>\
         <body>{links}<main><header><h1>{title}</h1><p class=\"lede\">{site} {period}</p></header>{body}</main></body></html>"
    )
}

fn head(report: &Report, frame: &Frame, words: &Words) -> String {
    let window = report.activity_window;
    let mut notes = Vec::new();
    if report.params.generated {
        notes.push(format!(
            "<strong>{}</strong>",
            words.say(
                "These figures are made up, to look at a report. Nobody did or paid any of this.",
                "以下数据均为生成的演示数据，并非真实的访问或收入。"
            )
        ));
    }
    notes.push(match words.0 {
        Locale::En => format!(
            "Traffic and money of {} to {}, activity of {} to {}, UTC.",
            day(report.period.from),
            day(report.period.to),
            day(window.from),
            day(window.to)
        ),
        Locale::Zh => format!(
            "访问与收入：{} 至 {}；活跃度：{} 至 {}（UTC）。",
            day(report.period.from),
            day(report.period.to),
            day(window.from),
            day(window.to)
        ),
    });
    if let Some(since) = report.params.since {
        notes.push(match words.0 {
            Locale::En => format!("Records since {} were looked at.", day(since)),
            Locale::Zh => format!("统计所用的记录始于 {}。", day(since)),
        });
    }
    notes.push(words.say(
        "Visitors are told apart within one day and not followed over days: there are visitor-days, and no monthly visitors.",
        "访客只在一天之内区分，不跨天跟踪：因此只有“访客·天”，没有月度访客数。",
    ).to_owned());
    if frame.without_posts {
        notes.push(words.say(
            "Comments are not counted here: this page may not read them. <code>tuition report</code> counts them.",
            "此处未计入评论：本页面无权读取评论。<code>tuition report</code> 会计入。",
        ).to_owned());
    }
    if report.records.unknown + report.records.unusable > 0 {
        let count = words.number(report.records.unknown + report.records.unusable);
        notes.push(match words.0 {
            Locale::En => format!("{count} records could not be used."),
            Locale::Zh => format!("有 {count} 条记录无法使用。"),
        });
    }
    if let Some(dropped) = frame.dropped.filter(|dropped| *dropped > 0) {
        let count = words.number(dropped);
        notes.push(match words.0 {
            Locale::En => {
                format!("{count} events were no facts of this site and were dropped on arrival.")
            }
            Locale::Zh => format!("有 {count} 个事件不属于本站，接收时已丢弃。"),
        });
    }
    notes
        .into_iter()
        .map(|note| format!("<p class=\"note\">{note}</p>"))
        .collect()
}

/// The figures that one looks at first.
fn tiles(report: &Report, words: &Words) -> String {
    let buyers = report.satisfaction_of.len();
    let of = |count: u64| match words.0 {
        Locale::En => format!("{} of {} buyers answered", words.number(count), buyers),
        Locale::Zh => format!("{} 位买家中有 {} 位作答", buyers, words.number(count)),
    };
    let answers = |count: u64| match words.0 {
        Locale::En => format!("{} answers", words.number(count)),
        Locale::Zh => format!("{} 份回答", words.number(count)),
    };
    let sum = |sum: f64| match words.0 {
        Locale::En => format!("sum {}", words.decimal(sum)),
        Locale::Zh => format!("合计 {}", words.decimal(sum)),
    };
    let all = [
        tile(
            "F",
            words.say("Satisfaction", "满意度"),
            &words.maybe(report.satisfaction_mean),
            &format!(
                "{} · {}",
                sum(report.satisfaction),
                of(report.satisfaction_answered)
            ),
        ),
        tile(
            "G",
            words.say("Activity", "活跃度"),
            &words.maybe(report.activity_mean),
            &sum(report.activity),
        ),
        tile(
            "R",
            words.say("Revenue", "收入"),
            &words.money(report.revenue_sum, &report.currency),
            words.say(
                "purchases less refunds, and monthly fees",
                "购买减退款，加每月订阅费",
            ),
        ),
        tile(
            "MRR",
            words.say("Recurring a month", "月度经常性收入"),
            &words.money(report.mrr.end, &report.currency),
            &match words.0 {
                Locale::En => format!(
                    "{} subscribers",
                    words.number(report.subscribers.end.len() as u64)
                ),
                Locale::Zh => format!(
                    "{} 位订阅者",
                    words.number(report.subscribers.end.len() as u64)
                ),
            },
        ),
        tile(
            "CSAT",
            words.say("Scores of 4 and 5", "4–5 分占比"),
            &words.percent(report.csat),
            &answers(report.csat_answers),
        ),
        tile(
            "NPS",
            words.say("Would recommend", "净推荐值"),
            &words.maybe(report.nps),
            &answers(report.nps_answers),
        ),
        tile(
            "MAU",
            words.say("Learners in 28 days", "28 天活跃学员"),
            &words.number(report.mau),
            &format!(
                "WAU {} · DAU {}",
                words.number(report.wau),
                words.decimal(report.dau_mean)
            ),
        ),
        tile(
            "DAU ÷ MAU",
            words.say("Stickiness", "黏性"),
            &words.percent(report.stickiness),
            words.say("mean day ÷ 28 days", "日均 ÷ 28 天"),
        ),
    ];
    format!("<div class=\"tiles\">{}</div>", all.concat())
}
