//! Secrets without their values.
//!
//! A value lives only inside [`SecretKey::judge`]: its size and a few judgements are taken and the
//! bytes are dropped before the object exists. Nothing that is kept allows the value to be rebuilt.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use x509_cert::der::DecodePem as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::meta::resources;
use super::placeholder::is_placeholder;
use super::{ObjectMeta, read};

read! {
    struct Secret {
        metadata: ObjectMeta,
        #[serde(rename = "type")]
        type_: String,
        /// `data` and `stringData`, values dropped.
        #[serde(skip)]
        keys: BTreeMap<String, SecretKey>,
        /// What the certificate in `tls.crt` says; certificates are public.
        #[serde(skip)]
        certificate: Option<Certificate>,
    }
}

/// What is known about one key of a Secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretKey {
    /// Bytes after base64 decoding.
    pub size: usize,
    /// The value is one that people leave in examples (`changeme`, …) or is blank.
    pub placeholder: bool,
    /// The value in `data` is not base64.
    pub malformed: bool,
}

/// The leaf certificate of a TLS Secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub not_after: Option<Timestamp>,
    /// DNS names of the subject alternative name extension, lower case.
    pub dns_names: Vec<String>,
}

impl SecretKey {
    fn judge(value: &[u8]) -> Self {
        Self { size: value.len(), placeholder: is_placeholder(value), malformed: false }
    }
}

impl Secret {
    /// Reads a Secret and takes the values out of `object` before anything is built from it.
    ///
    /// # Errors
    /// When a field other than the values has the wrong type; the message never holds a value.
    pub(crate) fn from_object(mut object: Value) -> Result<Self, serde_path_to_error::Error<serde_json::Error>> {
        let data = object.get_mut("data").map(Value::take);
        let string_data = object.get_mut("stringData").map(Value::take);
        // What a recorded snapshot keeps in place of the values.
        let recorded = |field: &str| object.pointer(&format!("{RECORDED}/{field}")).cloned();
        let keys = recorded("keys").and_then(|keys| serde_json::from_value(keys).ok());
        let mut certificate = recorded("certificate").and_then(|known| serde_json::from_value(known).ok());
        let mut secret: Self = serde_path_to_error::deserialize(object)?;
        secret.keys = keys.unwrap_or_default();
        for (encoded, map) in [(true, data), (false, string_data)] {
            let Some(Value::Object(map)) = map else { continue };
            for (key, value) in map {
                let Value::String(text) = value else {
                    secret.keys.insert(key, SecretKey { malformed: true, ..SecretKey::default() });
                    continue;
                };
                let bytes = if encoded { decode(&text) } else { Some(text.into_bytes()) };
                let Some(bytes) = bytes else {
                    secret.keys.insert(key, SecretKey { malformed: true, ..SecretKey::default() });
                    continue;
                };
                if key == "tls.crt" {
                    certificate = read_certificate(&bytes);
                }
                secret.keys.insert(key, SecretKey::judge(&bytes));
            }
        }
        secret.certificate = certificate;
        Ok(secret)
    }
}

impl Secret {
    /// Takes the values out of a Secret's JSON and leaves what is known about them in their place, so that the
    /// object can be recorded and read again.
    pub fn strip_values(object: &mut Value) {
        let known = Self::from_object(object.clone()).ok();
        let Some(fields) = object.as_object_mut() else { return };
        fields.remove("data");
        fields.remove("stringData");
        if let Some(annotations) =
            fields.get_mut("metadata").and_then(|m| m.get_mut("annotations")).and_then(Value::as_object_mut)
        {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
        if let Some(known) = known {
            fields
                .insert("pilot".to_owned(), serde_json::json!({"keys": known.keys, "certificate": known.certificate}));
        }
    }
}

/// Where [`Secret::strip_values`] leaves what is known.
const RECORDED: &str = "/pilot";

fn decode(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(packed).ok()
}

impl Certificate {
    /// Reads the first certificate of a PEM text.
    pub fn from_pem(pem: &[u8]) -> Option<Self> {
        read_certificate(pem)
    }
}

fn read_certificate(pem: &[u8]) -> Option<Certificate> {
    const END: &str = "-----END CERTIFICATE-----";
    let text = std::str::from_utf8(pem).ok()?;
    let start = text.find("-----BEGIN CERTIFICATE-----")?;
    let end = text[start..].find(END)? + start + END.len();
    let certificate = x509_cert::Certificate::from_pem(&text.as_bytes()[start..end]).ok()?;
    let body = &certificate.tbs_certificate;
    let seconds = body.validity.not_after.to_unix_duration().as_secs();
    let mut dns_names = Vec::new();
    if let Ok(Some((_, names))) = body.get::<SubjectAltName>() {
        for name in names.0 {
            if let GeneralName::DnsName(name) = name {
                dns_names.push(name.as_str().to_ascii_lowercase());
            }
        }
    }
    Some(Certificate {
        not_after: i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()),
        dns_names,
    })
}

impl Secret {
    /// Whether the key exists.
    pub fn has_key(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    /// A Helm release record.
    pub fn is_helm_release(&self) -> bool {
        self.type_ == "helm.sh/release.v1"
    }
}

resources!(Secret);
