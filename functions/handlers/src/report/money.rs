//! What was earned: takings, recurring revenue and how it moved, sources, offers.

use tuition_domain::mail::Locale;
use tuition_domain::metrics::report::Report;

use super::chart::{Stack, stacked};
use super::paper::{self, Table, card, figure, wide_card};
use super::words::Words;

pub(super) fn section(report: &Report, words: &Words) -> String {
    let parts = [
        movements(report, words),
        subscriptions(report, words),
        takings(report, words),
        sources(report, words),
        offers(report, words),
        others(report, words),
    ];
    paper::section(words.say("Money", "收入"), &parts)
}

fn movements(report: &Report, words: &Words) -> String {
    let stacks: Vec<Stack> = report
        .mrr_months
        .iter()
        .map(|month| Stack {
            name: month.month.chars().skip(2).collect(),
            up: [("s1", month.new as f64), ("s3", month.expansion as f64)],
            down: [
                ("s4", month.churned as f64),
                ("s2", month.contraction as f64),
            ],
        })
        .collect();
    let names = [
        words.say("New", "新增"),
        words.say("Expansion", "扩张"),
        words.say("Churned", "流失"),
        words.say("Contraction", "收缩"),
    ];
    let money = |amount: i64| words.money(amount, &report.currency);
    let rows = report.mrr_months.iter().map(|one| {
        let moved = [
            one.start,
            one.new,
            one.expansion,
            -one.contraction,
            -one.churned,
            one.end,
        ];
        std::iter::once(one.month.clone())
            .chain(moved.map(money))
            .collect()
    });
    let [new, expansion, churned, contraction] = names;
    let head = [
        words.say("Month", "月份"),
        words.say("Start", "期初"),
        new,
        expansion,
        contraction,
        churned,
        words.say("End", "期末"),
    ];
    let description = match words.0 {
        Locale::En => format!(
            "From {} to {} over the period",
            money(report.mrr.start),
            money(report.mrr.end)
        ),
        Locale::Zh => format!(
            "本期由 {} 变为 {}",
            money(report.mrr.start),
            money(report.mrr.end)
        ),
    };
    let legend = vec![
        ("s1", new),
        ("s3", expansion),
        ("s4", churned),
        ("s2", contraction),
    ];
    let title = words.say("How recurring revenue moved", "月度经常性收入的变动");
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an axis of whole minor units"
    )]
    let label = |value: f64| money(value as i64).trim_end_matches(".00").to_owned();
    figure(
        &stacked(
            "mrr",
            title,
            description,
            &stacks,
            label,
            legend,
            Table::new(&head, rows),
        ),
        words,
    )
}

fn subscriptions(report: &Report, words: &Words) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "shown to the minor unit")]
    let money = |amount: Option<f64>| {
        amount.map_or_else(
            || "–".to_owned(),
            |amount| words.money(amount.round() as i64, &report.currency),
        )
    };
    let rows = [
        (
            words.say("Subscribers at the start", "期初订阅者"),
            words.number(report.subscribers.start.len() as u64),
        ),
        (
            words.say("Subscribers at the end", "期末订阅者"),
            words.number(report.subscribers.end.len() as u64),
        ),
        (
            words.say("Logo churn", "客户流失率"),
            words.percent(report.logo_churn_monthly),
        ),
        (
            words.say("Gross revenue churn", "收入流失率"),
            words.percent(report.revenue_churn_gross),
        ),
        (
            words.say("Net revenue retention", "净收入留存率"),
            words.percent(report.nrr),
        ),
        (
            words.say("ARPU a month", "每月每用户平均收入"),
            money(report.arpu),
        ),
        (
            words.say("LTV (ARPU ÷ churn)", "生命周期价值（ARPU ÷ 流失率）"),
            money(report.ltv),
        ),
        (
            words.say("Refund rate by orders", "退款率（按订单）"),
            words.percent(report.revenue.refund_rate_orders),
        ),
        (
            words.say("Refund rate by amount", "退款率（按金额）"),
            words.percent(report.revenue.refund_rate_amount),
        ),
    ];
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    card(
        words.say("Subscriptions and refunds", "订阅与退款"),
        &Table::new(
            &[words.say("Figure", "指标"), words.say("Value", "数值")],
            rows,
        ),
    )
}

fn takings(report: &Report, words: &Words) -> String {
    let rows = report.takings.iter().map(|(currency, one)| {
        let amounts = [
            one.one_time,
            one.recurring,
            one.gross,
            one.refunds,
            one.disputes,
            one.net,
        ];
        let mut row = vec![currency.clone()];
        row.extend(amounts.map(|amount| words.money(amount, currency)));
        row.extend([
            words.number(one.discounted_orders),
            words.money(one.discounts, currency),
        ]);
        row
    });
    let head = [
        words.say("Currency", "币种"),
        words.say("One-time", "一次性"),
        words.say("Recurring", "订阅"),
        words.say("Gross", "总额"),
        words.say("Refunds", "退款"),
        words.say("Disputes", "争议"),
        words.say("Net", "净额"),
        words.say("With coupon", "使用优惠码的订单"),
        words.say("Taken off", "优惠金额"),
    ];
    let mut table = Table::new(&head, rows);
    table.note = words
        .say(
            "To the cent what the ledger says, before the provider’s fees.",
            "与账本逐分一致，未扣除支付平台费用。",
        )
        .to_owned();
    wide_card(
        words.say("What came in and went back", "收款与退款"),
        &table,
    )
}

fn sources(report: &Report, words: &Words) -> String {
    let mut sources: Vec<_> = report.revenue.by_last_touch.iter().collect();
    sources.sort_by_key(|(name, one)| (std::cmp::Reverse(one.net), name.as_str()));
    let rows = sources.into_iter().map(|(name, one)| {
        vec![
            name.clone(),
            words.number(one.orders),
            words.money(one.gross, &report.currency),
            words.money(one.net, &report.currency),
        ]
    });
    let head = [
        words.say("Last touch", "末次来源"),
        words.say("Orders", "订单"),
        words.say("Gross", "总额"),
        words.say("Net", "净额"),
    ];
    card(
        words.say("One-time purchases by last touch", "按末次来源的一次性购买"),
        &Table::new(&head, rows).cut(words),
    )
}

fn offers(report: &Report, words: &Words) -> String {
    let money = |amount: i64| words.money(amount, &report.currency);
    let rows = report.offers.iter().map(|one| {
        vec![
            one.offer.clone(),
            words.number(one.orders),
            money(one.gross),
            money(one.back),
            words.number(one.discounted_orders),
            money(one.discounts),
        ]
    });
    let head = [
        words.say("Offer", "商品"),
        words.say("Orders", "订单"),
        words.say("Gross", "总额"),
        words.say("Back", "退回"),
        words.say("With coupon", "使用优惠码"),
        words.say("Taken off", "优惠金额"),
    ];
    card(
        words.say("Offers", "商品"),
        &Table::new(&head, rows).cut(words),
    )
}

/// The sums in currencies that are not the report's; nothing is converted.
fn others(report: &Report, words: &Words) -> String {
    let rows = report.other_currencies.iter().map(|(currency, one)| {
        let amounts = [
            one.revenue_sum,
            one.revenue.net_one_time,
            one.mrr.start,
            one.mrr.end,
        ];
        let amounts = amounts.map(|amount| words.money(amount, currency));
        [
            vec![currency.clone(), words.number(one.revenue.orders)],
            amounts.to_vec(),
        ]
        .concat()
    });
    let head = [
        words.say("Currency", "币种"),
        words.say("One-time orders", "一次性订单"),
        "R",
        words.say("One-time, net", "一次性净额"),
        words.say("MRR at the start", "期初 MRR"),
        words.say("MRR at the end", "期末 MRR"),
    ];
    let table = Table::new(&head, rows);
    if table.rows.is_empty() {
        return String::new();
    }
    wide_card(words.say("Other currencies", "其他币种"), &table)
}
