//! The price sheet: what a core, a gibibyte and a gigabyte of disk cost per hour.
//!
//! The defaults are OpenCost's (opencost/opencost, `configs/default.json`, GCP us-central1 list prices).

use serde::{Deserialize, Serialize};

/// Prices per hour in one currency; a TOML file may replace any of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct PriceSheet {
    /// Shown beside every amount.
    pub name: String,
    /// Such as `USD`.
    pub currency: String,
    /// One core for one hour.
    pub cpu: f64,
    /// One GiB of memory for one hour.
    pub ram: f64,
    /// One GPU for one hour.
    pub gpu: f64,
    /// One GiB of volume for one hour.
    pub storage: f64,
    /// One core of a spot node for one hour.
    pub spot_cpu: f64,
    /// One GiB of memory of a spot node for one hour.
    pub spot_ram: f64,
    /// One load balancer for one hour.
    pub load_balancer: f64,
    /// Label that marks spot nodes, `key=value`.
    pub spot_label: String,
    /// What a node costs per hour, whatever its size; 0 when not known.
    pub node: f64,
    /// Taken off every amount, percent.
    pub discount: f64,
    /// Hours of a month.
    pub hours: f64,
}

impl Default for PriceSheet {
    fn default() -> Self {
        Self {
            name: "default list prices (GCP us-central1)".to_owned(),
            currency: "USD".to_owned(),
            cpu: 0.031_611,
            ram: 0.004_237,
            gpu: 0.95,
            storage: 0.000_054_794_52,
            spot_cpu: 0.006_655,
            spot_ram: 0.000_892,
            load_balancer: 0.025,
            spot_label: String::new(),
            node: 0.0,
            discount: 0.0,
            hours: 730.0,
        }
    }
}

impl PriceSheet {
    /// Why the sheet can't be used, naming the entry.
    ///
    /// # Errors
    /// When a price is negative or not a number, or the discount is not between 0 and 100.
    pub fn check(&self) -> Result<(), String> {
        let entries = [
            ("cpu", self.cpu),
            ("ram", self.ram),
            ("gpu", self.gpu),
            ("storage", self.storage),
            ("spot-cpu", self.spot_cpu),
            ("spot-ram", self.spot_ram),
            ("load-balancer", self.load_balancer),
            ("node", self.node),
            ("hours", self.hours),
        ];
        if let Some((name, value)) = entries.iter().find(|(_, value)| !value.is_finite() || *value < 0.0) {
            return Err(format!("{name} = {value} is not a price: use a number from 0"));
        }
        if !(0.0..=100.0).contains(&self.discount) {
            return Err(format!("discount = {} is not a percentage", self.discount));
        }
        Ok(())
    }

    /// What is paid of a list price.
    pub(super) fn paid(&self) -> f64 {
        1.0 - self.discount / 100.0
    }
}

/// Prices of one node.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeRates {
    /// One core for one hour.
    pub cpu: f64,
    /// One GiB for one hour.
    pub ram: f64,
    /// One GPU for one hour.
    pub gpu: f64,
}

impl NodeRates {
    /// Splits a node's own price over its cores, memory and GPUs in the proportion of the sheet's prices, as OpenCost's
    /// custom provider does; without a price of its own the sheet's apply.
    pub fn of(sheet: &PriceSheet, spot: bool, cores: f64, ram_gib: f64, gpus: f64, price: Option<f64>) -> Self {
        let (cpu, ram) = if spot { (sheet.spot_cpu, sheet.spot_ram) } else { (sheet.cpu, sheet.ram) };
        let paid = sheet.paid();
        let Some(price) = price else {
            return Self { cpu: cpu * paid, ram: ram * paid, gpu: sheet.gpu * paid };
        };
        let price = price * paid;
        if ram == 0.0 {
            let cpu = if cores > 0.0 { price / cores } else { 0.0 };
            return Self { cpu, ram: 0.0, gpu: 0.0 };
        }
        let ratio = or(cpu / ram, 10.0);
        let gpu_ratio = or(sheet.gpu / ram, 100.0);
        let multiple = cores * ratio + ram_gib + gpus * gpu_ratio;
        let ram = if multiple > 0.0 { price / multiple } else { 0.0 };
        Self { cpu: ram * ratio, ram, gpu: ram * gpu_ratio }
    }
}

fn or(value: f64, otherwise: f64) -> f64 {
    if value.is_finite() { value } else { otherwise }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    }

    #[test]
    fn without_a_node_price_the_sheet_applies() {
        let sheet = PriceSheet::default();
        let rates = NodeRates::of(&sheet, false, 4.0, 8.0, 0.0, None);
        close(rates.cpu * 4.0 + rates.ram * 8.0, 0.16034);
        close(NodeRates::of(&sheet, true, 4.0, 8.0, 0.0, None).cpu, 0.006_655);
    }

    #[test]
    fn a_node_price_is_split_in_the_sheets_proportion() {
        let rates = NodeRates::of(&PriceSheet::default(), false, 4.0, 8.0, 0.0, Some(0.10));
        close(rates.ram, 0.002_642_510);
        close(rates.cpu, 0.019_714_980);
        close(rates.cpu * 4.0 + rates.ram * 8.0, 0.10);
    }

    #[test]
    fn odd_sheets_do_not_divide_by_zero() {
        let free_ram = PriceSheet { ram: 0.0, ..PriceSheet::default() };
        close(NodeRates::of(&free_ram, false, 4.0, 8.0, 0.0, Some(0.10)).cpu, 0.025);
        let free = NodeRates::of(&free_ram, false, 0.0, 0.0, 0.0, Some(0.10));
        assert!(free.cpu.is_finite() && free.ram.is_finite());
        assert!(PriceSheet { cpu: f64::NAN, ..PriceSheet::default() }.check().is_err());
        assert!(PriceSheet { discount: 101.0, ..PriceSheet::default() }.check().is_err());
        assert!(PriceSheet::default().check().is_ok());
    }
}
