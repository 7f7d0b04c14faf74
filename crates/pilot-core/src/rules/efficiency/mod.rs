//! EFF: resources that are missing, too large, too small or left over.

mod capacity;
mod leftovers;
mod requests;
mod unused;
mod usage;

pub(super) use usage::attach as attach_samples;

use super::Rule;

pub(super) const RULES: &[&[Rule]] = &[requests::RULES, usage::RULES, capacity::RULES, unused::RULES, leftovers::RULES];
