//! Where the API serves the objects of a kind, for kinds that pilot has no rules for as well.

use serde_json::Value;

use super::Connection;
use super::kinds::{KINDS, segment};
use crate::exit::Error;

/// The place of a kind in the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// `v1`, `apps/v1`.
    pub api_version: String,
    /// `deployments`.
    pub plural: String,
    /// Lives in namespaces.
    pub namespaced: bool,
}

impl Resource {
    /// Path of the list, in a namespace if it lives in one.
    pub fn path(&self, namespace: &str) -> String {
        let root = if self.api_version.contains('/') { "apis" } else { "api" };
        if self.namespaced && !namespace.is_empty() {
            format!("/{root}/{}/namespaces/{}/{}", self.api_version, segment(namespace), self.plural)
        } else {
            format!("/{root}/{}/{}", self.api_version, self.plural)
        }
    }

    /// Path of one object.
    pub fn object_path(&self, namespace: &str, name: &str) -> String {
        format!("{}/{}", self.path(namespace), segment(name))
    }
}

/// The place of a kind: from the table, else from the server's discovery.
///
/// # Errors
/// When the server does not know the kind, or can't be asked.
pub async fn resource(from: &Connection, api_version: &str, kind: &str) -> Result<Resource, Error> {
    let known = KINDS.iter().find(|k| {
        k.kind == kind && (k.api_version == api_version || api_version.is_empty()) && !k.kind.ends_with("Metrics")
    });
    if let Some(known) = known {
        return Ok(Resource {
            api_version: known.api_version.to_owned(),
            plural: known.plural.to_owned(),
            namespaced: known.namespaced,
        });
    }
    let unknown = || Error::NotFound(format!("the cluster does not know {kind} of {api_version}"));
    // An API version is a path here: nothing but `group/version` may be in it.
    let fine = !api_version.is_empty()
        && api_version.split('/').count() <= 2
        && api_version.split('/').all(|part| !part.is_empty() && segment(part) == part);
    if !fine {
        return Err(unknown());
    }
    let root = if api_version.contains('/') { "apis" } else { "api" };
    let found = match from.get(&format!("/{root}/{api_version}")).await {
        Ok(found) => found,
        Err(kube::Error::Api(status)) if status.code == 404 => return Err(unknown()),
        Err(error) => return Err(from.explain(&error)),
    };
    let list = found["resources"].as_array().into_iter().flatten();
    let mut fits = list.filter(|r| r["kind"] == kind && !r["name"].as_str().unwrap_or("/").contains('/'));
    let entry: &Value = fits.next().ok_or_else(unknown)?;
    Ok(Resource {
        api_version: api_version.to_owned(),
        plural: entry["name"].as_str().unwrap_or("").to_owned(),
        namespaced: entry["namespaced"].as_bool().unwrap_or(true),
    })
}
