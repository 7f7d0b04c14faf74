//! One self-contained page: styles and charts inline, no script, nothing fetched from elsewhere.

use maud::{DOCTYPE, Markup, html};
use pilot_core::finding::{Finding, PatchType};

use super::svg::bars;
use super::{Bar, Cell, Part, Report, Tone, place, tally};

const STYLE: &str = r"
:root{color-scheme:light dark;--line:#8884;--c:#b3261e;--h:#c2410c;--m:#a16207;--l:#0e7490;--i:#64748b;--good:#15803d}
@media(prefers-color-scheme:dark){:root{--c:#ff8a80;--h:#fdba74;--m:#fde047;--l:#67e8f9;--i:#94a3b8;--good:#86efac}}
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid var(--line)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
.r{text-align:right}.critical{color:var(--c);font-weight:700}.high{color:var(--h);font-weight:600}.medium{color:var(--m)}
.low{color:var(--l)}.info,.faint{color:var(--i)}.good{color:var(--good)}
details{border:1px solid var(--line);border-radius:.4rem;margin:.4rem 0;padding:.4rem .8rem}summary{cursor:pointer}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{overflow:auto;border:1px solid var(--line);padding:.6rem;border-radius:.4rem}
figure{margin:1rem 0}figcaption{font-weight:600}svg{width:100%;max-width:56rem;height:auto}svg text{font:12px system-ui,sans-serif;fill:currentColor}
rect.s0{fill:#3b82f6}rect.s1{fill:#f59e0b}rect.s2{fill:#10b981}rect.s3{fill:#a855f7}
.legend span::before{content:'■ '}.legend .s0::before{color:#3b82f6}.legend .s1::before{color:#f59e0b}.legend .s2::before{color:#10b981}.legend .s3::before{color:#a855f7}
";

pub fn render(report: &Report) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (report.title) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (report.title) }
                    @if !report.findings.is_empty() { (overview(&report.findings)) }
                    @for part in &report.parts { (one(report, part)) }
                }
            }
        }
    }
    .into_string()
}

fn overview(findings: &[Finding]) -> Markup {
    let list: Vec<Bar> = tally(findings)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| Bar {
            label: severity.name().to_owned(),
            values: vec![count as f64],
            text: count.to_string(),
        })
        .collect();
    bars("Findings by severity", &["findings".to_owned()], &list)
}

fn one(report: &Report, part: &Part) -> Markup {
    match part {
        Part::Text(text) => html! { p { (text) } },
        Part::Heading(text) => html! { h2 { (text) } },
        Part::Table { head, rows } => html! {
            div.scroll { table {
                thead { tr { @for name in head { th { (name) } } } }
                tbody { @for row in rows { tr { @for cell in row { (td(cell)) } } } }
            } }
        },
        Part::Chart { title, series, bars: list } => bars(title, series, list),
        Part::Findings => html! { @for finding in &report.findings { (detail(finding)) } },
        Part::Literal(text) => html! { pre { (text) } },
    }
}

fn td(cell: &Cell) -> Markup {
    let class = match cell.tone {
        Tone::Plain => "",
        Tone::Good => "good",
        Tone::Faint => "faint",
        Tone::Severity(severity) => severity.name(),
    };
    html! { td.(class).r[cell.right] { (cell.text) } }
}

fn detail(finding: &Finding) -> Markup {
    let remediation = &finding.remediation;
    html! {
        details {
            summary { span.(finding.severity.name()) { (finding.severity.name()) } " " code { (finding.id) } " " (place(finding)) " — " (finding.message) }
            @if !finding.evidence.is_empty() {
                table { tbody { @for e in &finding.evidence { tr { td { (e.at) } td { (e.value) } } } } }
            }
            @if let Some(field) = &finding.subject.field { p { "Field: " code { (field) } } }
            @if let Some(location) = &finding.location { p { "File: " code { (location.file) ":" (location.line) } } }
            @if !finding.affected.is_empty() { p { "Affects: " (finding.affected.join(", ")) } }
            @if !remediation.text.is_empty() { p { strong { "Fix: " } (remediation.text) } }
            @if let Some(patch) = &remediation.patch {
                p { @match patch.type_ { PatchType::Create => { "Create:" } _ => { "Patch of " (patch.target) ":" } } }
                pre { (serde_saphyr::to_string(&patch.body).unwrap_or_default()) }
            }
            @if let Some(reason) = &remediation.no_patch { p.faint { "No automatic fix: " (reason) } }
            @if let Some(risk) = &remediation.risk { p { "Risk: " (risk) } }
            @if let Some(command) = &remediation.command { pre { (command) } }
            @if !finding.reference.is_empty() { p { a href=(finding.reference) rel="noreferrer" { (finding.title) } } }
        }
    }
}
