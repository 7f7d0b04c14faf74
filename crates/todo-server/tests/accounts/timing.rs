//! The time of a refusal does not tell who has an account.

use std::time::Instant;

use crate::browser::{Site, each};

/// Pairs of attempts.
const PAIRS: usize = 21;

async fn refusal_seconds(site: &Site, email: &str, pair: usize) -> f64 {
    let mut browser = site.browser();
    // From ever new networks, so that nothing is locked.
    browser.peer = format!("198.51.100.{pair}");
    let started = Instant::now();
    assert_eq!(browser.sign_in(email, "wrong password").await.status.as_u16(), 401);
    started.elapsed().as_secs_f64()
}

#[tokio::test]
async fn known_and_unknown_addresses_take_the_same_time() {
    each(&[], async |site: Site| {
        site.signed_up("ann@example.com").await;
        let (mut ratios, mut differences) = (Vec::new(), Vec::new());
        for pair in 0..PAIRS {
            // Side by side and in turns, so that what else the machine does falls on both alike.
            let (known, unknown) = if pair % 2 == 0 {
                let known = refusal_seconds(&site, "ann@example.com", pair).await;
                (known, refusal_seconds(&site, "unknown@example.com", pair).await)
            } else {
                let unknown = refusal_seconds(&site, "unknown@example.com", pair).await;
                (refusal_seconds(&site, "ann@example.com", pair).await, unknown)
            };
            ratios.push(unknown / known);
            differences.push(unknown - known);
        }
        let (ratio, difference) = (quartiles(ratios), quartiles(differences));
        println!("{}: unknown / known {ratio:.3?}, unknown - known {difference:.4?} s (quartiles)", site.engine);
        // Without the hash that is burnt for an unknown address the ratio would be well under a tenth.
        assert!((0.5..2.0).contains(&ratio[1]), "unknown / known: {ratio:?}");
        let noise = (difference[2] - difference[0]).max(0.005);
        assert!(difference[1].abs() <= noise, "unknown - known: {difference:?}");
    })
    .await;
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [values[values.len() / 4], values[values.len() / 2], values[values.len() * 3 / 4]]
}
