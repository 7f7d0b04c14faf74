//! Rate limits and lock-out.

use serde_json::{Value, json};

use crate::browser::{Answer, PASSWORD, Site, each, no};

fn assert_limited(answer: &Answer, at_most: i64) {
    assert_eq!(answer.status.as_u16(), 429);
    assert_eq!(answer.json(), json!({"message": "Too many requests. Please try again later."}), "no code");
    let seconds: i64 = answer.header("x-retry-after").parse().expect("a whole number");
    assert!((1..=at_most).contains(&seconds), "{seconds}");
    assert_eq!(answer.header("retry-after"), answer.header("x-retry-after"));
}

#[tokio::test]
async fn three_sign_ins_in_ten_seconds_per_client() {
    each(&[("AUTH_RATE_LIMITS", "on"), ("TRUSTED_PROXIES", "10.0.0.0/8")], async |site: Site| {
        let mut browser = site.browser();
        for _ in 0..3 {
            let answer = browser.sign_in("ann@example.com", PASSWORD).await;
            assert_eq!(answer.refusal(), no(401, "INVALID_EMAIL_OR_PASSWORD"));
        }
        assert_limited(&browser.sign_in("ann@example.com", PASSWORD).await, 10);
        assert_eq!(browser.session().await, Value::Null, "other paths go on");
        // Who can't be trusted can't choose an address.
        browser.extra.push(("x-forwarded-for", "203.0.113.77".to_owned()));
        assert_limited(&browser.sign_in("ann@example.com", PASSWORD).await, 10);
        let mut behind = site.browser();
        behind.peer = "10.1.2.3".to_owned();
        behind.extra.push(("x-forwarded-for", "192.0.2.1".to_owned()));
        assert_limited(&behind.sign_in("ann@example.com", PASSWORD).await, 10);
        behind.extra = vec![("x-forwarded-for", "198.51.100.9".to_owned())];
        assert_eq!(behind.sign_in("ann@example.com", PASSWORD).await.status.as_u16(), 401, "another client");
    })
    .await;
}

#[tokio::test]
async fn three_links_in_a_minute_and_a_hundred_of_the_rest() {
    each(&[("AUTH_RATE_LIMITS", "on")], async |site: Site| {
        let mut browser = site.browser();
        let ask = json!({"email": "ann@example.com"});
        for _ in 0..3 {
            assert_eq!(browser.post("/request-password-reset", ask.clone()).await.status.as_u16(), 200);
        }
        assert_limited(&browser.post("/request-password-reset", ask.clone()).await, 60);
        for _ in 0..100 {
            assert_eq!(browser.get("/ok").await.status.as_u16(), 200);
        }
        assert_limited(&browser.get("/ok").await, 10);
    })
    .await;
}

#[tokio::test]
async fn repeated_failures_pause_the_account_for_this_client() {
    each(&[], async |site: Site| {
        site.signed_up("ann@example.com").await;
        for email in ["ann@example.com", "unknown@example.com"] {
            let mut browser = site.browser();
            for _ in 0..5 {
                assert_eq!(
                    browser.sign_in(email, "wrong password").await.refusal(),
                    no(401, "INVALID_EMAIL_OR_PASSWORD")
                );
            }
            assert_limited(&browser.sign_in(email, PASSWORD).await, 900);
        }
        let mut owner = site.browser();
        owner.peer = "198.51.100.9".to_owned();
        assert_eq!(owner.sign_in("ann@example.com", PASSWORD).await.status.as_u16(), 200);
    })
    .await;
}

#[tokio::test]
async fn requests_per_user_and_minute() {
    each(&[("RATE_LIMIT_PER_MINUTE", "5")], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let mut refused = None;
        // The minute may turn in between, so two allowances and one more.
        for _ in 0..11 {
            let answer = ann.get("/api/tasks").await;
            if answer.status.as_u16() == 429 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("limited");
        assert_eq!(refused.refusal(), no(429, "RATE_LIMITED"));
        assert!((1..=60).contains(&refused.header("retry-after").parse::<i64>().unwrap()));
        let mut bob = site.signed_up("bob@example.com").await;
        assert_eq!(bob.get("/api/tasks").await.status.as_u16(), 200, "another user");
    })
    .await;
}
