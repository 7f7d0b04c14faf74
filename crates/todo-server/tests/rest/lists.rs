//! Lists: filters, order, pages, search.

use serde_json::json;

use crate::harness::{App, User};

async fn fill(user: &User<'_>) {
    for body in [
        json!({"title": "Write report", "priority": "urgent", "due_date": "2026-11-18", "labels": ["work"], "project": "Office"}),
        json!({"title": "Überweisung für Café", "due_date": "2026-11-17", "labels": ["home", "money"]}),
        json!({"title": "買牛奶", "description": "two litres", "due_date": "2026-11-25"}),
        json!({"title": "Call the dentist", "priority": "low"}),
    ] {
        user.task(body).await;
    }
    user.task(json!({"title": "Old report"})).await;
    user.poke("/api/tasks/5/complete").await;
}

#[tokio::test]
async fn conditions_of_the_query_string_and_of_the_language_agree() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        fill(&alice).await;
        for (query, filter, titles) in [
            ("status=completed", "done", &["Old report"][..]),
            ("priority=urgent,low", "p1%20%7C%20p4", &["Call the dentist", "Write report"]),
            ("label=home,money", "@home%20%26%20@money", &["Überweisung für Café"]),
            ("project=Office", "%23Office", &["Write report"]),
            ("due=today", "today", &["Write report"]),
            ("due=overdue", "overdue", &["Überweisung für Café"]),
            (
                "due_after=2026-11-18&due_before=2026-11-25",
                "due%20after:%202026-11-17%20%26%20due%20before:%202026-11-26",
                &["買牛奶", "Write report"],
            ),
            ("search=rep", "search:%20rep", &["Old report", "Write report"]),
            ("search=cafe", "search:%20CAF%C3%89", &["Überweisung für Café"]),
            ("search=%E7%89%9B%E5%A5%B6", "search:%20%E7%89%9B%E5%A5%B6", &["買牛奶"]),
            ("due=none&status=pending", "no%20date%20%26%20open", &["Call the dentist"]),
        ] {
            assert_eq!(alice.titles(query).await, titles, "{}: {query}", app.engine);
            assert_eq!(alice.titles(&format!("filter={filter}")).await, titles, "{}: {filter}", app.engine);
        }
    }
}

#[tokio::test]
async fn orders_put_tasks_without_a_value_last() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        fill(&alice).await;
        let by_due = alice.titles("sort_by=due_date&status=pending").await;
        assert_eq!(by_due, ["Überweisung für Café", "Write report", "買牛奶", "Call the dentist"]);
        let down = alice.titles("sort_by=due_date&order=desc&status=pending").await;
        assert_eq!(down, ["買牛奶", "Write report", "Überweisung für Café", "Call the dentist"]);
        assert_eq!(alice.titles("sort_by=priority&limit=1").await, ["Write report"]);
        assert_eq!(alice.titles("sort=number&limit=2").await, ["Write report", "Überweisung für Café"]);
    }
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_while_tasks_are_added() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        for number in 0..23 {
            alice.task(json!({"title": format!("t{number:02}")})).await;
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        for round in 0.. {
            let page = alice.get(&format!("/api/tasks?limit=5&sort_by=title{cursor}")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            seen.extend(
                page.json["tasks"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page.json["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
            // Comes before the cursor: must not shift the pages.
            alice.task(json!({"title": format!("a{round}")})).await;
        }
        let wanted: Vec<String> = (0..23).map(|number| format!("t{number:02}")).collect();
        assert_eq!(seen, wanted, "{}", app.engine);
        let offset = alice.get("/api/tasks?limit=2&page=2&sort_by=number").await;
        assert_eq!(offset.json["tasks"][0]["number"], 3);
    }
}

#[tokio::test]
async fn unknown_names_and_values_are_refused_with_the_field() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        for (query, field) in [
            ("statsu=pending", "statsu"),
            ("status=halfway", "status"),
            ("priority=huge", "priority"),
            ("sort_by=color", "sort_by"),
            ("order=sideways", "order"),
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=x", "limit"),
            ("cursor=zzz", "cursor"),
            ("cursor=zzz&offset=3", "cursor"),
            ("due_after=2026-12-02&due_before=2026-12-01", "due_after"),
            ("created_after=soon", "created_after"),
            ("due=whenever", "due"),
            ("filter=(", "filter"),
        ] {
            let refused = alice.get(&format!("/api/tasks?{query}")).await;
            assert_eq!(
                (refused.status.as_u16(), refused.json["field"].as_str()),
                (422, Some(field)),
                "{query}: {}",
                refused.text
            );
            assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        }
    }
}

#[tokio::test]
async fn search_ranks_and_needs_every_word() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        alice.task(json!({"title": "Plants", "description": "the report on water is long"})).await;
        alice.task(json!({"title": "Water report"})).await;
        alice.task(json!({"title": "Report"})).await;
        let found = alice.get("/api/search?q=water+rep").await;
        let titles: Vec<_> =
            found.json["tasks"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["Water report", "Plants"], "{}: a match in the title counts more", app.engine);
    }
}

#[tokio::test]
async fn the_counts_are_those_of_the_lists() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        fill(&alice).await;
        app.user("bob").await.task(json!({"title": "Not hers", "due_date": "2026-11-18"})).await;
        let mut saved = Vec::new();
        // More than one statement counts at once.
        for (name, query, count) in [
            ("Money", "@money", 1),
            ("Office", "#Office | @home", 2),
            ("Words", "search: report", 1),
            ("Urgent", "p1", 1),
            ("Low", "p4", 1),
            ("None", "@nowhere", 0),
        ] {
            let filter = alice.post("/api/filters", json!({"name": name, "query": query})).await.json;
            saved.push((filter["id"].as_str().unwrap().to_owned(), count, query));
        }
        let counts = alice.get("/api/counts").await.json;
        for (list, query) in [
            ("all", "status=pending"),
            ("today", "filter=today%20%7C%20overdue&status=pending"),
            ("overdue", "filter=overdue"),
            ("upcoming", "filter=!no%20date&status=pending"),
            ("inbox", "project=none&status=pending"),
        ] {
            let listed = alice.titles(query).await.len();
            assert!(listed > 0, "{}: {query}", app.engine);
            assert_eq!(counts[list], listed, "{}: {list}", app.engine);
        }
        for (id, count, query) in saved {
            assert_eq!(counts["filters"][&id], count, "{}: {query}", app.engine);
        }
    }
}
