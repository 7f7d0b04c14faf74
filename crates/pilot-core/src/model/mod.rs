//! A lean, read-only picture of the Kubernetes objects that pilot reasons about.
//!
//! Only the fields that some rule reads exist here; unknown fields are ignored, `null` means absent.
//! Nothing in this folder can hold the value of a Secret: see [`Secret`].

#![expect(missing_docs, reason = "names and meanings are those of the Kubernetes API reference")]

mod autoscaling;
mod cluster;
mod configuration;
mod container;
mod meta;
mod metrics;
mod network;
mod node;
mod placeholder;
mod pod;
mod rbac;
mod record;
mod scheduling;
mod secret;
mod security;
mod selector;
mod status;
mod storage;
mod volume;
mod workload;

pub use autoscaling::*;
pub use cluster::*;
pub use configuration::*;
pub use container::*;
pub use meta::*;
pub use metrics::*;
pub use network::*;
pub use node::*;
pub use pod::*;
pub use rbac::*;
pub use record::*;
pub use scheduling::*;
pub use secret::*;
pub use security::*;
pub use selector::*;
pub use status::*;
pub use storage::*;
pub use volume::*;
pub use workload::*;

/// Declares a struct that is read from the API's camelCase JSON, every field optional.
macro_rules! read {
    ($($(#[$meta:meta])* struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }
    )+};
}
use read;
