//! The end-to-end suite: what it promises is proven on a real cluster. Correctness is asserted, times are printed.

mod database;
mod install;
mod interrupted;
mod release;
mod repair;
mod rollout;
mod schema;
mod sentences;

use std::time::Instant;

use super::access::Access;

/// A test: its name and what it does. It prints what it measured as it goes.
type Test = (&'static str, fn(&Access) -> anyhow::Result<()>);

const TESTS: [Test; 7] = [
    ("install", install::test),
    ("rollout", rollout::test),
    ("database-restart", database::test),
    ("schema-rollback", schema::test),
    ("interrupted-client", interrupted::test),
    ("sentences", sentences::test),
    ("repair", repair::test),
];

/// Runs the tests whose name contains `filter`, and prints what they measured. The last line is `N passed, N failed`.
///
/// # Errors
/// When one failed, or none has that name.
pub fn run(access: &Access, filter: &str) -> anyhow::Result<()> {
    access.clean()?;
    let (mut passed, mut failed) = (0, 0);
    for (name, test) in TESTS.iter().filter(|(name, _)| name.contains(filter)) {
        println!("{name}");
        let started = Instant::now();
        let result = test(access);
        let took = started.elapsed().as_secs_f64();
        match result {
            Ok(()) => {
                passed += 1;
                println!("ok      {name:<24} {took:6.1} s");
            }
            Err(error) => {
                failed += 1;
                println!("FAILED  {name:<24} {took:6.1} s");
                println!("{error:#}");
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    anyhow::ensure!(failed == 0 && passed > 0, "{failed} of {} tests failed", passed + failed);
    Ok(())
}
