//! Every list has its index: the plans of both engines, and what PostgreSQL touches among a million tasks.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod story;

use jiff::civil::date;
use story::Story;
use todo_domain::{
    Filter, Priority, Status, TaskQuery, UserId,
    query::{Order, SortKey, Start},
};
use todo_store::{UserScope, testing::TestDb};

const SORTS: [SortKey; 8] = [
    SortKey::CreatedAt,
    SortKey::UpdatedAt,
    SortKey::CompletedAt,
    SortKey::DueDate,
    SortKey::Priority,
    SortKey::Title,
    SortKey::Position,
    SortKey::Number,
];

fn filters() -> Vec<Filter> {
    let day = Some(date(2026, 11, 18));
    vec![
        Filter::All,
        Filter::Status(Status::Pending),
        Filter::Priority { min: Priority::High, max: Priority::Urgent },
        Filter::Due { from: day, to: day },
        Filter::Overdue,
        Filter::Label("label3".into()),
        Filter::Project("project1".into()),
        Filter::Text("word7 alpha".into()),
        Filter::Text("word7".into()).and(Filter::Status(Status::Pending)),
    ]
}

#[tokio::test]
async fn sqlite_reads_every_order_from_its_index() {
    let s = Story::new("SQLite", TestDb::sqlite().await.unwrap());
    for sort in SORTS {
        for order in [Order::Asc, Order::Desc] {
            let plan = s.scope.explain(&TaskQuery::new(Filter::All).sorted(sort, order), &s.now()).await.unwrap();
            assert!(
                plan.contains("SEARCH t USING INDEX") && !plan.contains("TEMP B-TREE"),
                "{sort:?} {order:?}:\n{plan}"
            );
        }
    }
    for filter in filters() {
        let plan = s.scope.explain(&TaskQuery::new(filter.clone()), &s.now()).await.unwrap();
        assert!(!plan.contains("SCAN t\n") && !plan.ends_with("SCAN t"), "{filter:?}:\n{plan}");
    }
    // Words are looked up and then their tasks; not every task of the user for its words.
    for filter in [Filter::Text("word7".into()), Filter::Text("word7".into()).and(Filter::Status(Status::Pending))] {
        let plan = s.scope.explain_count(&filter, &s.now()).await.unwrap();
        assert!(plan.contains("SEARCH t USING INTEGER PRIMARY KEY"), "{filter:?}:\n{plan}");
    }
}

/// A million tasks: one user has 100,000 of them, 900 others 1,000 each.
const FILL: &str = "
    INSERT INTO labels SELECT u, gen_random_uuid(), 'label' || l, 'label' || l, NULL, now()
        FROM (SELECT 'user' || g AS u FROM generate_series(0, 900) g) users, generate_series(0, 9) l;
    INSERT INTO projects SELECT u, gen_random_uuid(), 'project' || p, 'project' || p, NULL, NULL, false, now()
        FROM (SELECT 'user' || g AS u FROM generate_series(0, 900) g) users, generate_series(0, 2) p;
    INSERT INTO tasks (user_id, id, number, title, title_key, priority, due_sort, position, created_at, updated_at, completed_at, labels)
        SELECT 'user' || CASE WHEN n < 100000 THEN 0 ELSE 1 + n % 900 END,
            ('01930000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, n, 'Task word' || n % 1000,
            'task word' || n % 1000, n / 900 % 5, CASE WHEN n / 900 % 3 = 0 THEN 1795000000000000 + n::bigint * 1000000 END, n * 1024.0,
            timestamptz '2026-01-01' + n * interval '7 seconds', timestamptz '2026-01-01' + n * interval '7 seconds',
            CASE WHEN n / 900 % 2 = 0 THEN timestamptz '2026-06-01' + n * interval '3 seconds' END,
            CASE WHEN n / 900 % 10 = 0 THEN '[\"label' || n % 10 || '\"]' END
        FROM generate_series(0, 999999) n;
    INSERT INTO task_labels SELECT t.user_id, l.id, t.id FROM tasks t JOIN labels l
        ON l.user_id = t.user_id AND t.labels = '[\"' || l.name || '\"]';
    INSERT INTO counters SELECT user_id, max(number), 0, max(position), count(*), count(*) FILTER (WHERE completed_at IS NULL), false
        FROM tasks GROUP BY user_id;
    INSERT INTO task_words SELECT user_id, id,
        (ns || 'task:1A ' || ns || title || ':2A ' || CASE WHEN number % 100 = 7 THEN ns || 'alpha:3' ELSE '' END)::tsvector
        FROM (SELECT user_id, id, number, replace(title, 'Task ', '') AS title,
            left(encode(sha256(convert_to(user_id, 'UTF8')), 'hex'), 8) AS ns FROM tasks) t;
";

/// Fills the tables with their secondary indexes laid aside, which is faster by far, and brings those back as they were.
async fn fill(url: &str) {
    let superuser = url.replacen("app@", "postgres@", 1);
    let (client, connection) = tokio_postgres::connect(&superuser, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let sql = "SELECT i.indexname::text, i.indexdef FROM pg_indexes i WHERE i.tablename IN ('tasks', 'task_labels', 'task_words') \
               AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)";
    let indexes = client.query(sql, &[]).await.unwrap();
    assert!(indexes.len() >= 10);
    client
        .batch_execute(
            "SET session_replication_role = replica; SET maintenance_work_mem = '256MB'; SET work_mem = '128MB'",
        )
        .await
        .unwrap();
    for index in &indexes {
        client.batch_execute(&format!("DROP INDEX {}", index.get::<_, String>(0))).await.unwrap();
    }
    for statement in FILL.split(';') {
        let start = std::time::Instant::now();
        client.batch_execute(statement).await.unwrap();
        eprintln!("{:?}: {}", start.elapsed(), statement.trim().lines().next().unwrap_or_default());
    }
    for index in &indexes {
        client.batch_execute(&index.get::<_, String>(1)).await.unwrap();
    }
    for table in ["tasks", "task_labels", "task_words", "labels", "projects", "counters"] {
        client.batch_execute(&format!("VACUUM ANALYZE {table}")).await.unwrap();
    }
}

/// The most rows that any step of the plan brought up or threw away.
fn rows_touched(plan: &str) -> u64 {
    let after = |text: &str, mark: &str| {
        let rest = &text[text.find(mark)? + mark.len()..];
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()
    };
    let rows = |line: &str| {
        let loops = after(line, "loops=").unwrap_or(1);
        let actual = after(line, "actual rows=").unwrap_or(0) * loops;
        actual.max(after(line, "Removed by Filter: ").unwrap_or(0))
    };
    plan.lines().map(rows).max().unwrap_or(0)
}

async fn touches_at_most(scope: &UserScope, query: &TaskQuery, now: &jiff::Zoned, most: u64) {
    let plan = scope.explain(query, now).await.unwrap();
    let scans = plan.contains("Seq Scan on tasks") || plan.contains("Seq Scan on task_words");
    let rows = rows_touched(&plan);
    assert!(!scans && rows <= most, "{rows} rows for {query:?}:\n{plan}");
}

#[tokio::test]
async fn postgres_touches_a_page_and_not_the_table() {
    let Some(db) = TestDb::postgres().await.unwrap() else { return };
    let start = std::time::Instant::now();
    fill(&db.url).await;
    eprintln!("a million tasks in {:?}", start.elapsed());
    let s = Story::new("PostgreSQL", db);
    let now = s.now();
    let (big, small) = (s.store().user(&UserId::new("user0")), s.store().user(&UserId::new("user5")));
    for scope in [&big, &small] {
        for sort in SORTS {
            for order in [Order::Asc, Order::Desc] {
                let mut query = TaskQuery::new(Filter::All).sorted(sort, order);
                touches_at_most(scope, &query, &now, 51).await;
                // The tenth page costs what the first does.
                for _ in 0..9 {
                    let page = scope.tasks_uncounted(&query, &now).await.unwrap();
                    query.start = Start::Cursor(page.next_cursor.unwrap());
                }
                touches_at_most(scope, &query, &now, 51).await;
            }
        }
    }
    for filter in filters() {
        // One user's thousand tasks, with a label or a project looked up.
        touches_at_most(&small, &TaskQuery::new(filter), &now, 1_200).await;
    }
    let text = TaskQuery::new(Filter::Text("word7 alpha".into())).sorted(SortKey::Relevance, Order::Desc);
    touches_at_most(&big, &text, &now, 2_000).await;
    let page = big.tasks(&text, &now).await.unwrap();
    assert!(page.total.unwrap() > 0 && !page.tasks.is_empty());
    // A list is as fast for one among 900 users as in an empty table, give or take.
    let start = std::time::Instant::now();
    for _ in 0..100 {
        small.tasks(&TaskQuery::new(Filter::Status(Status::Pending)), &now).await.unwrap();
    }
    eprintln!("a list of 50 with its total: {:?}", start.elapsed() / 100);
}
