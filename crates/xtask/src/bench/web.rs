//! The page in a real browser: what it loads, how soon it is there, how soon it answers. The figures come from `e2e/browser/bench`, which
//! drives headless Chromium and Lighthouse; here they meet their bars.

use std::{path::Path, process::Command};

use anyhow::{Context, bail};
use serde_json::Value;

use super::{Options, report, report::Section, server::Server};

/// A figure, the bar it is held to, and how both are written.
struct Row {
    name: String,
    figure: f64,
    bar: Bar,
    unit: &'static str,
}

enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

impl Row {
    fn held(&self) -> bool {
        match self.bar {
            Bar::AtMost(most) => self.figure <= most,
            Bar::AtLeast(least) => self.figure >= least,
        }
    }

    fn line(&self) -> String {
        let digits = if self.unit.is_empty() { 2 } else { usize::from(self.figure.abs() < 10.0 && self.unit == " ms") };
        let (sign, bar) = match self.bar {
            Bar::AtMost(bar) => ("≤", bar),
            Bar::AtLeast(bar) => ("≥", bar),
        };
        let (name, figure, unit) = (&self.name, self.figure, self.unit);
        format!("| {name} | {figure:.digits$}{unit} | {sign} {bar}{unit} | {} |\n", report::verdict(self.held()))
    }
}

/// Starts the all-in-one program on a fresh SQLite database and measures its page.
pub fn measure(options: &Options, folder: &Path) -> anyhow::Result<Section> {
    let bench = options.root.join("e2e/browser/bench");
    super::super::call(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]), &bench)?;
    let server = Server::all_in_one(&options.binaries, &folder.join("page"), &folder.join("page.log"))?;
    let output = Command::new("node")
        .arg("figures.mjs")
        .current_dir(&bench)
        .env("TODO_URL", format!("http://localhost:{}", server.address.port()))
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("node")?;
    if !output.status.success() {
        bail!("figures.mjs ended with {}", output.status);
    }
    let figures: Value = serde_json::from_slice(&output.stdout).context("figures.mjs prints no JSON")?;
    section(&figures)
}

fn section(figures: &Value) -> anyhow::Result<Section> {
    let rows = rows(figures)?;
    let mut body = "| | measured | bar | |\n|---|---|---|---|\n".to_owned();
    let mut missed = Vec::new();
    for row in &rows {
        body.push_str(&row.line());
        if !row.held() {
            missed.push(format!("The page: {} {:.2}{}", row.name, row.figure, row.unit));
        }
    }
    body.push('\n');
    Ok(Section::new("web", "The page", &body, missed))
}

fn rows(figures: &Value) -> anyhow::Result<Vec<Row>> {
    let at = |path: &str| figures.pointer(path).and_then(Value::as_f64).with_context(|| format!("no figure {path}"));
    let most = |name: &str, path: &str, bar: f64, unit: &'static str| -> anyhow::Result<Row> {
        Ok(Row { name: name.to_owned(), figure: at(path)?, bar: Bar::AtMost(bar), unit })
    };
    let mut rows = vec![
        most("first load of 50 tasks, headers included", "/first/bytes", 40_000.0, " bytes")?,
        most("of it script", "/first/script", 15_000.0, " bytes")?,
        most("largest contentful paint, this machine", "/first/lcp", 500.0, " ms")?,
        most("longest task of the first load", "/first/longest", 50.0, " ms")?,
        most("server time of a page of 50 tasks, p99 of 500", "/server/p99", 5.0, " ms")?,
        most("search as you type in 10,000 tasks, key to paint, median", "/search/p50", 50.0, " ms")?,
        Row {
            name: "requests to another origin".to_owned(),
            figure: at("/first/foreign")? + at("/interactions/foreign")?,
            bar: Bar::AtMost(0.0),
            unit: "",
        },
    ];
    for name in ["sign-in", "tasks", "chat"] {
        for (what, field) in [("performance", "performance"), ("accessibility", "accessibility")] {
            rows.push(Row {
                name: format!("Lighthouse {what}, {name}"),
                figure: at(&format!("/pages/{name}/{field}"))?,
                bar: Bar::AtLeast(if field == "performance" { 0.99 } else { 1.0 }),
                unit: "",
            });
        }
        rows.push(most(
            &format!("largest contentful paint on simulated slow 4G, {name}"),
            &format!("/pages/{name}/lcp"),
            1200.0,
            " ms",
        )?);
    }
    let steps = figures.pointer("/interactions/worst").and_then(Value::as_object).context("no interactions")?;
    for step in steps.keys() {
        let slow = format!("{step}: 5,000 tasks, processor slowed 4×");
        let worst = format!("/interactions/worst/{step}");
        rows.push(most(&format!("interaction to next paint, {slow}"), &worst, 100.0, " ms")?);
        let longest = format!("/interactions/tasks/{step}");
        rows.push(most(&format!("longest task, {slow}"), &longest, 50.0, " ms")?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figures() -> Value {
        let page = json!({ "performance": 1.0, "accessibility": 1.0, "lcp": 900.0 });
        json!({
            "first": { "bytes": 23_000, "script": 10_900, "lcp": 200.0, "longest": 0, "foreign": 0 },
            "server": { "p50": 2.0, "p99": 4.0 },
            "search": { "p50": 30.0, "p95": 45.0, "searches": 20 },
            "pages": { "sign-in": page, "tasks": page, "chat": page },
            "interactions": { "worst": { "tick": 48 }, "tasks": { "tick": 0 }, "foreign": 0 },
        })
    }

    #[test]
    fn every_figure_stands_beside_its_bar() {
        let section = section(&figures()).unwrap();
        assert!(section.missed.is_empty(), "{:?}", section.missed);
        assert_eq!(section.text.matches("| held |").count(), 7 + 9 + 2, "{}", section.text);
        assert!(section.text.contains("| of it script | 10900 bytes | ≤ 15000 bytes | held |"), "{}", section.text);
    }

    #[test]
    fn a_bar_that_is_missed_is_named() {
        let mut worse = figures();
        worse["pages"]["chat"]["accessibility"] = json!(0.98);
        worse["interactions"]["worst"]["tick"] = json!(120);
        let section = section(&worse).unwrap();
        assert_eq!(section.missed.len(), 2, "{:?}", section.missed);
        worse["server"] = json!({});
        assert!(rows(&worse).is_err(), "a figure that is missing is no figure that is held");
    }
}
