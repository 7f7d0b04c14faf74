//! Bar charts as inline SVG: no script, readable without colours, described for screen readers.

use maud::{Markup, html};

use super::Bar;

const LABEL: f64 = 260.0;
const WIDTH: f64 = 420.0;
const ROW: f64 = 26.0;
const FILL: [&str; 4] = ["s0", "s1", "s2", "s3"];

/// A horizontal bar chart; the values of a bar share its row and one scale.
pub fn bars(title: &str, series: &[String], bars: &[Bar]) -> Markup {
    let most = bars.iter().flat_map(|bar| &bar.values).copied().fold(0.0_f64, f64::max);
    let scale = if most > 0.0 { WIDTH / most } else { 0.0 };
    let height = ROW * bars.len() as f64 + 8.0;
    let described: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.label, bar.text)).collect();
    html! {
        figure {
            figcaption { (title) }
            @if series.len() > 1 {
                p.legend { @for (i, name) in series.iter().enumerate() { span.(FILL[i % 4]) { (name) } " " } }
            }
            svg viewBox=(format!("0 0 {} {height}", LABEL + WIDTH + 140.0)) role="img" aria-label=(format!("{title}: {}", described.join("; "))) {
                @for (row, bar) in bars.iter().enumerate() {
                    @let top = ROW * row as f64 + 4.0;
                    @let thick = (ROW - 8.0) / bar.values.len().max(1) as f64;
                    text x=(LABEL - 8.0) y=(top + 14.0) text-anchor="end" { (clip(&bar.label)) }
                    @for (i, value) in bar.values.iter().enumerate() {
                        rect.(FILL[i % 4]) x=(LABEL) y=(top + thick * i as f64) width=(rounded(value.max(0.0) * scale)) height=(rounded(thick)) {}
                    }
                    @let end = bar.values.iter().copied().fold(0.0_f64, f64::max) * scale;
                    text.value x=(rounded(LABEL + end + 6.0)) y=(top + 14.0) { (bar.text) }
                }
            }
        }
    }
}

fn rounded(value: f64) -> String {
    format!("{value:.1}")
}

fn clip(label: &str) -> String {
    let length = label.chars().count();
    if length <= 38 { label.to_owned() } else { format!("…{}", label.chars().skip(length - 37).collect::<String>()) }
}
