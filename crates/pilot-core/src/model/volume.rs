//! Volumes of a pod. The source types that no rule looks into are known by name only.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{KeyToPath, PersistentVolumeClaimSpec, read};
use crate::quantity::Quantity;

/// A volume of a pod.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Volume {
    pub name: String,
    /// The keys beside `name`, as written: `configMap`, `hostPath`, …; empty means `emptyDir`.
    pub types: Vec<String>,
    pub config_map: Option<ProjectedSource>,
    pub secret: Option<SecretVolume>,
    pub persistent_volume_claim: Option<ClaimRef>,
    pub host_path: Option<HostPath>,
    pub empty_dir: Option<EmptyDir>,
    pub projected: Option<Projected>,
    pub ephemeral: Option<EphemeralVolume>,
}

read! {
    struct ProjectedSource {
        name: String,
        items: Vec<KeyToPath>,
        optional: Option<bool>,
    }

    struct SecretVolume {
        secret_name: String,
        items: Vec<KeyToPath>,
        optional: Option<bool>,
    }

    struct ClaimRef { claim_name: String, read_only: bool, }

    struct HostPath {
        path: String,
        #[serde(rename = "type")]
        type_: String,
    }

    struct EmptyDir { medium: String, size_limit: Option<Quantity>, }

    struct Projected { sources: Vec<ProjectionSource>, }

    struct ProjectionSource {
        config_map: Option<ProjectedSource>,
        secret: Option<ProjectedSource>,
        service_account_token: Option<TokenProjection>,
    }

    struct TokenProjection { path: String, audience: String, expiration_seconds: Option<i64>, }

    struct EphemeralVolume { volume_claim_template: Option<ClaimTemplate>, }

    struct ClaimTemplate { spec: PersistentVolumeClaimSpec, }
}

impl<'de> Deserialize<'de> for Volume {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::<String, Value>::deserialize(deserializer)?;
        let name = match fields.remove("name") {
            Some(Value::String(name)) => name,
            _ => String::new(),
        };
        let types = fields.keys().cloned().collect();
        Ok(Self {
            name,
            types,
            config_map: take(&mut fields, "configMap")?,
            secret: take(&mut fields, "secret")?,
            persistent_volume_claim: take(&mut fields, "persistentVolumeClaim")?,
            host_path: take(&mut fields, "hostPath")?,
            empty_dir: take(&mut fields, "emptyDir")?,
            projected: take(&mut fields, "projected")?,
            ephemeral: take(&mut fields, "ephemeral")?,
        })
    }
}

fn take<T: for<'a> Deserialize<'a>, E: serde::de::Error>(
    fields: &mut Map<String, Value>,
    key: &str,
) -> Result<Option<T>, E> {
    fields
        .remove(key)
        .map(|value| serde_json::from_value(value).map_err(|error| E::custom(format!("{key}: {error}"))))
        .transpose()
}
