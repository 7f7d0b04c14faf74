//! The slope of noisy samples.

/// Fewest samples a slope is taken from.
pub const FEWEST: usize = 30;
/// Most samples that are compared pair by pair; more are thinned out evenly.
const MOST: usize = 400;

/// The Theil–Sen estimate: the median of the slopes between all pairs of `(seconds, value)`, per second. Outliers,
/// such as a restart, move it little. `None` with fewer than [`FEWEST`] samples.
pub fn theil_sen(samples: &[(i64, u64)]) -> Option<f64> {
    if samples.len() < FEWEST {
        return None;
    }
    let every = samples.len().div_ceil(MOST);
    let points: Vec<(i64, u64)> = samples.iter().copied().step_by(every).collect();
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (i, (t0, v0)) in points.iter().enumerate() {
        for (t1, v1) in &points[i + 1..] {
            if t1 > t0 {
                slopes.push((*v1 as f64 - *v0 as f64) / (t1 - t0) as f64);
            }
        }
    }
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_by(f64::total_cmp);
    Some(slopes[slopes.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_move_it_little() {
        let mut samples: Vec<(i64, u64)> = (0..100).map(|i| (i * 60, 1_000_000 + i as u64 * 600)).collect();
        assert!((theil_sen(&samples).unwrap() - 10.0).abs() < 1e-9);
        samples[50].1 = 900_000_000;
        samples[70].1 = 0;
        assert!((theil_sen(&samples).unwrap() - 10.0).abs() < 0.5);
        assert_eq!(theil_sen(&samples[..29]), None);
        assert_eq!(theil_sen(&vec![(5, 7); 40]), None);
    }
}
