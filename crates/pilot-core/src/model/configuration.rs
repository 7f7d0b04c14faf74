//! ConfigMaps and service accounts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::meta::resources;
use super::{NameRef, ObjectMeta, read};

read! {
    struct ConfigMap {
        metadata: ObjectMeta,
        data: BTreeMap<String, String>,
        /// Only the keys are kept.
        #[serde(deserialize_with = "keys")]
        binary_data: Vec<String>,
        immutable: bool,
    }

    struct KeyToPath { key: String, path: String, }

    struct ServiceAccount {
        metadata: ObjectMeta,
        automount_service_account_token: Option<bool>,
        image_pull_secrets: Vec<NameRef>,
        secrets: Vec<NameRef>,
    }
}

impl ConfigMap {
    /// Whether `key` stands in `data` or `binaryData`.
    pub fn has_key(&self, key: &str) -> bool {
        self.data.contains_key(key) || self.binary_data.iter().any(|known| known == key)
    }
}

fn keys<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(BTreeMap::<String, IgnoredAny>::deserialize(deserializer)?.into_keys().collect())
}

resources!(ConfigMap, ServiceAccount);
