//! The time of a refusal does not tell who has an account.

use std::time::Instant;

use crate::browser::{Site, each};

/// Pairs of attempts. Medians of so many are steady also on a busy machine.
const PAIRS: usize = 15;

#[tokio::test]
async fn known_and_unknown_addresses_take_the_same_time() {
    each(&[], async |site: Site| {
        site.signed_up("ann@example.com").await;
        let mut known = Vec::new();
        let mut unknown = Vec::new();
        for n in 0..PAIRS {
            // In turns, so that what else the machine does falls on both alike; from new networks, so that nothing is locked.
            for (email, times) in [("ann@example.com", &mut known), ("unknown@example.com", &mut unknown)] {
                let mut browser = site.browser();
                browser.peer = format!("198.51.100.{n}");
                let started = Instant::now();
                assert_eq!(browser.sign_in(email, "wrong password").await.status.as_u16(), 401);
                times.push(started.elapsed().as_secs_f64());
            }
        }
        let (known, unknown) = (spread(known), spread(unknown));
        println!("{}: known {known:?}, unknown {unknown:?} (lower quartile, median, upper quartile, s)", site.engine);
        // Without the burnt hash an unknown address would answer in well under a tenth of the time.
        let noise = (known.2 - known.0).max(unknown.2 - unknown.0).max(known.1 * 0.1);
        assert!((known.1 - unknown.1).abs() <= noise, "known {known:?}, unknown {unknown:?}");
        assert!(unknown.1 > known.1 * 0.5 && known.1 > unknown.1 * 0.5, "known {known:?}, unknown {unknown:?}");
    })
    .await;
}

/// Lower quartile, median, upper quartile.
fn spread(mut times: Vec<f64>) -> (f64, f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 4], times[times.len() / 2], times[times.len() * 3 / 4])
}
