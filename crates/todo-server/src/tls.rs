//! TLS to servers that we ask, by rustls with ring.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// A client that trusts the certificates in a file (`SSL_CERT_FILE`), else Mozilla's.
///
/// # Errors
/// When the file holds no certificates that can be read.
pub fn client(certificates: Option<&Path>) -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match certificates {
        Some(path) => {
            let unreadable = || format!("SSL_CERT_FILE: {} holds no certificates that can be read", path.display());
            for certificate in CertificateDer::pem_file_iter(path).with_context(unreadable)? {
                roots.add(certificate.with_context(unreadable)?).with_context(unreadable)?;
            }
            anyhow::ensure!(!roots.is_empty(), unreadable());
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
