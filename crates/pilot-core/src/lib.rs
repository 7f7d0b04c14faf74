//! What pilot knows about Kubernetes, as pure functions over a [`Snapshot`](snapshot::Snapshot):
//! no client, no clock, no model. The same snapshot always gives the same findings in the same order.
//!
//! - [`model`], [`snapshot`]: the objects, and how they are read.
//! - [`quantity`]: amounts, exact.
//! - [`finding`]: what every check returns.
//! - [`action`]: what can be asked for, as data.
//! - [`intent`]: from a sentence to actions.
//! - [`redact`], [`untrusted`]: secrets taken out; orders found in text that anybody may have written.
//! - `rules/`: the catalogue (SEC, RBC, REL, EFF, NET); the HLT rules live in `health/`.

pub mod action;
pub mod api_lifecycle;
pub mod baseline;
pub mod config;
pub mod cost;
pub mod cron;
pub mod diagnose;
pub mod dockerfile;
pub mod finding;
pub mod health;
pub mod image_ref;
pub mod intent;
pub mod logs;
pub mod model;
pub mod nearest;
pub mod patch;
pub mod performance;
pub mod policy;
pub mod pss;
pub mod quantity;
pub mod redact;
pub mod rightsize;
pub mod rules;
pub mod snapshot;
pub mod untrusted;
