//! Money is conserved: what an invoice or a session comes to is what is charged, what is charged is what
//! reaches the balance, and what Stripe keeps is told.

use serde_json::{Value, json};

use crate::stage::{SESSION, Stage};
use crate::subscriber::monthly;

/// Checks every sum of an invoice, down to the balance.
async fn check_invoice(stage: &Stage, invoice: &Value) {
    let number = |object: &Value, name: &str| object[name].as_i64().unwrap();
    let lines = invoice["lines"]["data"].as_array().unwrap();
    let sum = |path: &str| -> i64 {
        lines
            .iter()
            .filter_map(|line| line.pointer(path).and_then(Value::as_i64))
            .sum()
    };
    let of = |list: &str| -> i64 {
        let parts = invoice[list].as_array().unwrap().iter();
        parts.map(|part| number(part, "amount")).sum()
    };
    let taxes = invoice["total_taxes"].as_array().unwrap();
    let exclusive: i64 = taxes
        .iter()
        .filter(|tax| tax["tax_behavior"] == "exclusive")
        .map(|tax| number(tax, "amount"))
        .sum();
    let total = number(invoice, "total");
    assert_eq!(number(invoice, "subtotal"), sum("/amount"));
    assert_eq!(
        of("total_discount_amounts"),
        sum("/discount_amounts/0/amount")
    );
    assert_eq!(of("total_taxes"), sum("/taxes/0/amount"));
    assert_eq!(
        total,
        number(invoice, "subtotal") - of("total_discount_amounts") + exclusive
    );
    assert_eq!(
        number(invoice, "total_excluding_tax"),
        total - of("total_taxes")
    );
    let due = number(invoice, "amount_due");
    assert_eq!(due, (total + number(invoice, "starting_balance")).max(0));
    if invoice["status"] != "paid" {
        return;
    }
    assert_eq!(number(invoice, "amount_paid"), due);
    assert_eq!(number(invoice, "amount_remaining"), 0);
    let payments = invoice["payments"]["data"].as_array().unwrap();
    if due == 0 {
        assert!(payments.is_empty());
        return;
    }
    assert_eq!(number(&payments[0], "amount_paid"), due);
    let intent = payments[0]["payment"]["payment_intent"].as_str().unwrap();
    check_payment(stage, intent, due).await;
}

async fn check_payment(stage: &Stage, intent: &str, due: i64) {
    let path = format!("payment_intents/{intent}?expand[]=latest_charge.balance_transaction");
    let intent = stage.get(&path).await.ok();
    assert_eq!(intent["amount_received"], due);
    let charge = &intent["latest_charge"];
    assert_eq!(charge["amount_captured"], due);
    let balance = &charge["balance_transaction"];
    assert_eq!(balance["amount"], due);
    assert_eq!(balance["source"], charge["id"]);
    let fee = balance["fee"].as_i64().unwrap();
    assert_eq!(balance["net"], due - fee);
    assert_eq!(balance["fee_details"][0]["amount"], fee);
    assert_eq!(balance["currency"], charge["currency"]);
}

#[tokio::test]
async fn every_invoice_adds_up_whatever_coupon_and_tax() {
    let stage = Stage::start().await;
    for (id, name, value) in [
        ("THIRD", "percent_off", "33.33"),
        ("ALL", "percent_off", "100"),
        ("THREE", "amount_off", "300"),
    ] {
        let form = [
            ("id", id),
            (name, value),
            ("duration", "forever"),
            ("currency", "usd"),
        ];
        let form = if name == "amount_off" {
            &form[..]
        } else {
            &form[..3]
        };
        stage.post("coupons", form).await.ok();
    }
    for behavior in ["exclusive", "inclusive"] {
        for tax in ["true", "false"] {
            for coupon in [None, Some("THIRD"), Some("ALL"), Some("THREE")] {
                let mut more = vec![
                    ("line_items[0][price_data][unit_amount]", "1999"),
                    ("line_items[0][price_data][tax_behavior]", behavior),
                    ("automatic_tax[enabled]", tax),
                ];
                if let Some(coupon) = coupon {
                    more.push(("discounts[0][coupon]", coupon));
                }
                let session = stage.subscribed_with(&monthly(&more), "ok").await;
                let id = session["subscription"].as_str().unwrap();
                stage.till(id, "renew", json!({})).await;
                let invoices = stage.invoices(id).await;
                assert_eq!(invoices.len(), 2);
                assert_eq!(invoices[0]["total"], session["amount_total"]);
                assert_eq!(invoices[0]["total"], invoices[1]["total"]);
                for invoice in &invoices {
                    check_invoice(&stage, invoice).await;
                }
                let details = &session["total_details"];
                let of = |list: &Value| list[0]["amount"].as_i64().unwrap_or(0);
                assert_eq!(
                    details["amount_discount"],
                    of(&invoices[0]["total_discount_amounts"])
                );
                assert_eq!(details["amount_tax"], of(&invoices[0]["total_taxes"]));
            }
        }
    }
}

#[tokio::test]
async fn a_one_time_sale_adds_up_and_knows_its_tax_when_it_is_paid() {
    let stage = Stage::start().await;
    let coupon = [("id", "TEN"), ("percent_off", "10")];
    stage.post("coupons", &coupon).await.ok();
    for (behavior, tax, total) in [("exclusive", 882, 5292), ("inclusive", 735, 4410)] {
        let mut form = SESSION.to_vec();
        form.push(("automatic_tax[enabled]", "true"));
        form.push(("line_items[0][price_data][tax_behavior]", behavior));
        form.push(("discounts[0][coupon]", "TEN"));
        let open = stage.post("checkout/sessions", &form).await.ok();
        assert_eq!(open["automatic_tax"]["status"], "requires_location_inputs");
        assert_eq!(open["amount_total"], 4410);
        let url = open["url"].as_str().unwrap();
        let page = stage
            .send(http::Method::GET, url, &[("accept", "text/html")], "")
            .await
            .text();
        let shown = format!("{}.{:02} USD", total / 100, total % 100);
        assert!(
            page.contains(&shown) && page.contains("Discount: 4.90 USD"),
            "{page}"
        );
        let path = format!("till/sessions/{}/pay", open["id"].as_str().unwrap());
        let paid = stage.dev_post(&path, json!({ "card": "ok" })).await.ok()["session"].clone();
        assert_eq!(paid["automatic_tax"]["status"], "complete");
        assert_eq!(paid["amount_subtotal"], 4900);
        assert_eq!(paid["amount_total"], total);
        assert_eq!(
            paid["total_details"],
            json!({ "amount_discount": 490, "amount_shipping": 0, "amount_tax": tax })
        );
        let path = format!(
            "checkout/sessions/{}/line_items",
            open["id"].as_str().unwrap()
        );
        let item = stage.get(&path).await.ok()["data"][0].clone();
        assert_eq!(
            (&item["amount_total"], &item["amount_tax"]),
            (&json!(total), &json!(tax))
        );
        check_payment(&stage, paid["payment_intent"].as_str().unwrap(), total).await;
    }
}

#[tokio::test]
async fn the_balance_tells_the_whole_story_of_a_payment() {
    let stage = Stage::start().await;
    let session = stage.paid().await;
    let payment = session["payment_intent"].as_str().unwrap();
    let dispute = format!("till/payments/{payment}/dispute");
    stage
        .dev_post(
            &format!("till/payments/{payment}/refund"),
            json!({ "amount": 900 }),
        )
        .await
        .ok();
    for status in ["open", "won"] {
        stage
            .dev_post(&dispute, json!({ "status": status }))
            .await
            .ok();
    }
    let movements = stage.get("balance_transactions?limit=100").await.ok();
    let mut told: Vec<(String, i64, i64, i64)> = movements["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let number = |name: &str| one[name].as_i64().unwrap();
            let category = one["reporting_category"].as_str().unwrap().to_owned();
            (category, number("amount"), number("fee"), number("net"))
        })
        .collect();
    told.reverse();
    let expected = [
        ("charge", 4900, 172, 4728),
        ("refund", -900, 0, -900),
        ("dispute", -4000, 1500, -5500),
        ("dispute_reversal", 4000, 0, 4000),
    ];
    assert_eq!(
        told,
        expected.map(|(category, amount, fee, net)| (category.to_owned(), amount, fee, net))
    );
}

#[tokio::test]
async fn the_fee_may_be_known_later_than_the_payment() {
    let stage = Stage::start().await;
    stage
        .dev_post("till/faults", json!({ "balance_delay_s": 600 }))
        .await
        .ok();
    let session = stage.paid().await;
    let path = format!(
        "payment_intents/{}?expand[]=latest_charge",
        session["payment_intent"].as_str().unwrap()
    );
    let charge = stage.get(&path).await.ok()["latest_charge"].clone();
    assert_eq!(charge["status"], "succeeded");
    assert!(charge["balance_transaction"].is_null());
    stage.advance(601).await;
    let charge = stage.get(&path).await.ok()["latest_charge"].clone();
    assert!(charge["balance_transaction"].is_string());
    let told = stage.get("events?type=charge.updated").await.ok()["data"][0].clone();
    assert_eq!(
        told["data"]["previous_attributes"],
        json!({ "balance_transaction": null })
    );
}

#[tokio::test]
async fn an_upgrade_and_a_downgrade_conserve_money_too() {
    let stage = Stage::start().await;
    let form = monthly(&[("automatic_tax[enabled]", "true")]);
    let session = stage.subscribed_with(&form, "ok").await;
    let id = session["subscription"].as_str().unwrap();
    stage.advance(10 * 86_400).await;
    for amount in [3000, 200, 90_000] {
        let plan = json!({
            "price_data": { "unit_amount": amount },
            "proration_behavior": "always_invoice",
        });
        stage.till(id, "plan", plan).await;
    }
    stage.pass_period(id).await;
    stage.pass_period(id).await;
    let invoices = stage.invoices(id).await;
    assert_eq!(invoices.len(), 6);
    for invoice in &invoices {
        check_invoice(&stage, invoice).await;
    }
    // The downgrade left credit, which the upgrade used.
    assert!(invoices[2]["total"].as_i64().unwrap() < 0);
    assert_eq!(invoices[2]["ending_balance"], invoices[2]["total"]);
    assert_eq!(invoices[3]["starting_balance"], invoices[2]["total"]);
    let customer = session["customer"].as_str().unwrap();
    let customer = stage.get(&format!("customers/{customer}")).await.ok();
    assert_eq!(customer["balance"], 0);
}
