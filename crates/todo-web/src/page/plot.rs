//! Small plots as SVG, drawn here so that they need no script.

use maud::{Markup, html};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 140.0;

fn share(value: u64, of: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of tasks are far below 2^52")]
    let share = value as f64 / of.max(1) as f64;
    share
}

fn place(index: usize, of: usize) -> f64 {
    share(index as u64, of as u64)
}

/// A bar per value.
pub fn bars(label: &str, values: &[(String, u64)]) -> Markup {
    let most = values.iter().map(|(_, value)| *value).max().unwrap_or(0);
    let step = WIDTH / place(values.len().max(1), 1);
    html! {
        svg.plot viewBox="0 0 640 140" role="img" aria-label=(label) preserveAspectRatio="none" {
            @for (index, (name, value)) in values.iter().enumerate() {
                @let height = (HEIGHT - 6.0) * share(*value, most);
                rect.track x=(round(place(index, values.len()) * WIDTH + step * 0.15)) y="0" width=(round(step * 0.7)) height="140" rx="3" {}
                rect.bar x=(round(place(index, values.len()) * WIDTH + step * 0.15)) y=(round(HEIGHT - height)) width=(round(step * 0.7)) height=(round(height)) rx="3" {
                    title { (name) ": " (value) }
                }
            }
        }
    }
}

/// A line through the values, with the area below.
pub fn line(label: &str, values: &[u64]) -> Markup {
    let most = values.iter().copied().max().unwrap_or(0);
    let last = values.len().saturating_sub(1);
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            format!(
                "{},{}",
                round(place(index, last.max(1)) * WIDTH),
                round(HEIGHT - 4.0 - (HEIGHT - 12.0) * share(*value, most))
            )
        })
        .collect();
    let points = points.join(" ");
    html! {
        svg.plot viewBox="0 0 640 140" role="img" aria-label=(label) preserveAspectRatio="none" {
            polygon.area points={ "0,140 " (points) " 640,140" } {}
            polyline.line points=(points) {}
        }
    }
}

fn round(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plots_of_nothing_are_still_plots() {
        for svg in [bars("x", &[]), line("x", &[]), line("x", &[0]), bars("x", &[("a".into(), 0)])] {
            let svg = svg.into_string();
            assert!(svg.contains("<svg") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn the_tallest_bar_fills_the_plot() {
        let svg = bars("Done", &[("Mon".into(), 2), ("Tue".into(), 4)]).into_string();
        assert!(svg.contains("height=\"134.0\"") && svg.contains("height=\"67.0\""), "{svg}");
    }
}
