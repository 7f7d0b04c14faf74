//! `cost-analysis`, and the price sheet from the command line.

use pilot_core::cost::{Bill, Cost, GroupBy, PriceSheet, allocate, group};
use pilot_core::health::World;
use pilot_core::snapshot::Snapshot;
use serde_json::json;

use super::{Ask, WORKLOADS, analyze};
use crate::cli::{CostAnalysis, PriceArgs};
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Bar, Cell, Metric, Part, Report};

pub async fn run(ask: &Ask, args: CostAnalysis) -> Result<Outcome, Error> {
    let by = match args.by.as_str() {
        "namespace" => GroupBy::Namespace,
        "workload" => GroupBy::Workload,
        text => match text.strip_prefix("label=").or_else(|| text.strip_prefix("label:")) {
            Some(key) if !key.is_empty() => GroupBy::Label(key.to_owned()),
            _ => return Err(Error::Usage(format!("--by {text:?}: use namespace, workload or label=KEY"))),
        },
    };
    let sheet = sheet(&args.prices)?;
    if args.prices.print_prices {
        let mut report = Report::new("");
        report.parts.push(Part::Literal(toml::to_string(&sheet).map_err(|e| Error::Usage(e.to_string()))?));
        report.data = serde_json::to_value(&sheet).unwrap_or_default();
        return ask.answer(&report);
    }
    let loaded = ask.load(Wanted::usage()).await?;
    let snapshot = &loaded.snapshot;
    let mut bill = allocate(&World::new(snapshot), &sheet);
    if let Some(namespace) = ask.namespace() {
        bill.items.retain(|item| item.object.namespace == namespace);
    }
    let mut report = Report::new(format!("Cost: {}", loaded.from));
    report.text(assumption(&bill));
    let groups = group(&bill, &by);
    let month = |cost: &Cost| cost.total() * sheet.hours;
    let head = match by {
        GroupBy::Namespace => "NAMESPACE",
        GroupBy::Workload => "WORKLOAD",
        GroupBy::Label(_) => "LABEL",
    };
    let rows = groups.iter().map(|g| {
        vec![
            Cell::new(&g.name),
            Cell::number(g.pods),
            Cell::number(format!("{:.2}", g.cost.cores)),
            Cell::number(format!("{:.2}", g.cost.ram_gib)),
            Cell::number(format!("{:.2}", g.cost.cpu * sheet.hours)),
            Cell::number(format!("{:.2}", g.cost.ram * sheet.hours)),
            Cell::number(format!("{:.2}", (g.cost.storage + g.cost.network + g.cost.gpu) * sheet.hours)),
            Cell::number(format!("{:.2}", month(&g.cost))),
            Cell::number(g.efficiency.map_or_else(|| "–".to_owned(), |e| format!("{:.0} %", e * 100.0))),
        ]
    });
    report.table(&[head, "PODS", "CORES", "GIB", "CPU", "MEMORY", "OTHER", "PER MONTH", "EFFICIENCY"], rows.collect());
    let mut total = Cost::default();
    bill.items.iter().for_each(|item| total.add(&item.cost));
    let currency = &sheet.currency;
    report.text(format!("workloads: {:.4} {currency} per month (estimate)", month(&total)));
    report.text(format!(
        "in a month: {:.0} core-hours, {:.0} GiB-hours of memory",
        total.cores * sheet.hours,
        total.ram_gib * sheet.hours
    ));
    if ask.namespace().is_none()
        && let (Some(nodes), Some(idle)) = (&bill.nodes, &bill.idle)
    {
        let share = if nodes.total() > 0.0 { idle.total() / nodes.total() * 100.0 } else { 0.0 };
        report.text(format!(
            "nodes: {:.4} {currency} per month, of which idle {:.4} ({share:.0} %)",
            month(nodes),
            month(idle)
        ));
    }
    let bars = groups.iter().take(20).map(|g| Bar {
        label: g.name.clone(),
        values: vec![month(&g.cost)],
        text: format!("{:.2} {currency}", month(&g.cost)),
    });
    report.parts.push(Part::Chart {
        title: format!("Cost per month, {currency} (estimate)"),
        series: vec!["cost".to_owned()],
        bars: bars.collect(),
    });
    analyze::gaps(&mut report, snapshot);
    report.metrics = groups
        .iter()
        .map(|g| Metric {
            name: "pilot_cost_monthly",
            help: "Estimated cost per month, in the currency of the price sheet.",
            labels: vec![("name", g.name.clone()), ("currency", currency.clone())],
            value: month(&g.cost),
        })
        .collect();
    report.data = json!({
        "kind": "CostEstimate", "from": loaded.from, "assumption": assumption(&bill), "prices": sheet,
        "groups": groups.iter().map(|g| json!({"name": g.name, "pods": g.pods, "perHour": g.cost, "perMonth": round(month(&g.cost)), "efficiency": g.efficiency})).collect::<Vec<_>>(),
        "workloadsPerMonth": round(month(&total)),
        "nodesPerMonth": bill.nodes.as_ref().map(|c| round(month(c))),
        "idlePerMonth": bill.idle.as_ref().map(|c| round(month(c))),
    });
    ask.answer_about(&report, snapshot, WORKLOADS)
}

fn round(amount: f64) -> f64 {
    (amount * 10_000.0).round() / 10_000.0
}

/// What the numbers rest on, in one line.
pub fn assumption(bill: &Bill) -> String {
    let sheet = &bill.sheet;
    let usage = if bill.measured { "the larger of request and usage now" } else { "requests (usage was not measured)" };
    let node = if sheet.node > 0.0 { format!(", node {} {}/h", sheet.node, sheet.currency) } else { String::new() };
    format!(
        "Estimate, not a bill: {usage}, unchanged for {} h, at {}: CPU {} {c}/core-h, memory {} {c}/GiB-h, storage {} {c}/GiB-h{node}.",
        sheet.hours,
        sheet.name,
        sheet.cpu,
        sheet.ram,
        sheet.storage,
        c = sheet.currency
    )
}

/// The price sheet in force.
///
/// # Errors
/// When the file or a price is wrong; the entry is named.
pub fn sheet(args: &PriceArgs) -> Result<PriceSheet, Error> {
    let mut sheet = match &args.prices {
        None => PriceSheet::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| Error::Usage(format!("{}: {e}", path.display())))?;
            let mut sheet: PriceSheet = toml::from_str(&text)
                .map_err(|e| Error::Usage(format!("{}: {}", path.display(), e.to_string().trim())))?;
            if sheet.name == PriceSheet::default().name {
                sheet.name = path.display().to_string();
            }
            sheet
        }
    };
    for entry in &args.price {
        let wrong = || {
            Error::Usage(format!(
                "--price {entry:?}: write NAME=AMOUNT with cpu, ram, gpu, storage, spot-cpu, spot-ram, load-balancer, node or discount"
            ))
        };
        let (name, amount) = entry.split_once('=').ok_or_else(wrong)?;
        let amount: f64 = amount.trim().parse().map_err(|_| wrong())?;
        *match name.trim() {
            "cpu" => &mut sheet.cpu,
            "ram" | "memory" => &mut sheet.ram,
            "gpu" => &mut sheet.gpu,
            "storage" => &mut sheet.storage,
            "spot-cpu" => &mut sheet.spot_cpu,
            "spot-ram" => &mut sheet.spot_ram,
            "load-balancer" => &mut sheet.load_balancer,
            "node" => &mut sheet.node,
            "discount" => &mut sheet.discount,
            _ => return Err(wrong()),
        } = amount;
        "prices from the command line over the default list prices".clone_into(&mut sheet.name);
    }
    if let Some(price) = args.node_price {
        sheet.node = price;
    }
    sheet.check().map_err(|e| Error::Usage(format!("price sheet {}: {e}", sheet.name)))?;
    Ok(sheet)
}

/// A chart of what the dearest workloads cost, for overviews.
pub fn chart(report: &mut Report, snapshot: &Snapshot, namespace: Option<&str>) {
    let sheet = PriceSheet::default();
    let mut bill = allocate(&World::new(snapshot), &sheet);
    bill.items.retain(|item| item.cost.total() > 0.0 && namespace.is_none_or(|n| item.object.namespace == n));
    if bill.items.is_empty() {
        return;
    }
    let bars = bill.items.iter().take(20).map(|item| {
        let month = item.cost.total() * sheet.hours;
        Bar { label: item.object.to_string(), values: vec![month], text: format!("{month:.2} {}", sheet.currency) }
    });
    let bars = bars.collect();
    report.parts.push(Part::Chart {
        title: format!("Cost per month, {} (estimate at {})", sheet.currency, sheet.name),
        series: vec!["cost".to_owned()],
        bars,
    });
}
