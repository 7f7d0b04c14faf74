//! Which model, where, and what an answer may cost.

use std::sync::Arc;
use std::time::Duration;

use model_client::profile::{self, PROFILES};
use model_client::{Api, Limits, Profile, Settings};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::cli::ModelArgs;
use crate::exit::Error;

/// The variables that providers' keys are in.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The model that was named, if one was.
///
/// # Errors
/// When a setting does not fit; the variable is named.
pub fn read(args: &ModelArgs) -> Result<Option<Settings>, Error> {
    choose(args, variable)
}

fn choose(args: &ModelArgs, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Settings>, Error> {
    let Some(model) = args.model.clone().filter(|name| !name.is_empty()) else { return Ok(None) };
    let wrong = |text: String| Error::Usage(text);
    let base_url = match variable("BASE_URL") {
        Some(text) => Some(profile::address(&text).ok_or_else(|| {
            wrong(
                "BASE_URL: must be an address such as http://localhost:11434/v1, without a user or password".to_owned(),
            )
        })?),
        None => None,
    };
    let profile = match variable("MODEL_PROVIDER") {
        Some(name) => profile::named(&name).ok_or_else(|| {
            let names: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
            wrong(format!("MODEL_PROVIDER: {name:?} is unknown; use one of {}", names.join(", ")))
        })?,
        None => {
            profile::told(base_url.as_ref(), |key| !key.is_empty() && variable(key).is_some()).ok_or_else(|| {
                wrong(format!("the model {model} is named but not where it is: set BASE_URL or OPENAI_API_KEY"))
            })?
        }
    };
    let base_url = base_url.or_else(|| profile::address(profile.base_url)).ok_or_else(|| {
        wrong(format!("BASE_URL: is needed with MODEL_PROVIDER={}; give the server's address", profile.name))
    })?;
    let key = Some(profile.key).filter(|name| !name.is_empty()).and_then(&variable);
    if key.is_none() && needs_key(profile) {
        return Err(wrong(format!("{}: is needed to ask {}", profile.key, profile.name)));
    }
    let limits = Limits {
        turns: args.model_turns,
        tokens: args.model_tokens,
        time: Duration::from_secs(args.model_time),
        ..Limits::default()
    };
    Ok(Some(Settings { profile, base_url, key: key.map(Into::into), model, api: Api::Chat, fast_path: true, limits }))
}

fn needs_key(profile: &Profile) -> bool {
    matches!(profile.name, "openai" | "openrouter" | "cohere")
}

/// TLS that trusts the certificates of SSL_CERT_FILE, else Mozilla's.
///
/// # Errors
/// When that file holds none.
pub fn tls() -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    match variable("SSL_CERT_FILE") {
        Some(path) => {
            let wrong = || Error::Usage(format!("SSL_CERT_FILE: {path} holds no certificates that can be read"));
            for certificate in CertificateDer::pem_file_iter(&path).map_err(|_| wrong())? {
                roots.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
            }
            if roots.is_empty() {
                return Err(wrong());
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Error::Usage(format!("TLS cannot be set up: {error}")))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(model: Option<&str>, variables: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        let args = ModelArgs { model: model.map(str::to_owned), model_turns: 5, model_tokens: 9, model_time: 7 };
        let variable = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        choose(&args, variable).map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_alone_makes_no_model() {
        assert!(of(None, &[("OPENAI_API_KEY", "sk-x"), ("BASE_URL", "http://a/v1")]).unwrap().is_none());
        assert!(of(Some(""), &[("OPENAI_API_KEY", "sk-x")]).unwrap().is_none());
        let settings = of(Some("m"), &[("OPENAI_API_KEY", "sk-x")]).unwrap().unwrap();
        assert_eq!((settings.profile.name, settings.model.as_str(), settings.limits.turns), ("openai", "m", 5));
        let local =
            of(Some("m"), &[("BASE_URL", "http://localhost:11434/v1"), ("OPENAI_API_KEY", "sk-x")]).unwrap().unwrap();
        assert!(local.profile.name == "ollama" && local.key.is_none());
    }

    #[test]
    fn mistakes_name_their_variable() {
        for (variables, named) in [
            (&[][..], "OPENAI_API_KEY"),
            (&[("BASE_URL", "localhost:1")], "BASE_URL"),
            (&[("BASE_URL", "https://me:hunter2@host/v1")], "BASE_URL"),
            (&[("MODEL_PROVIDER", "acme")], "MODEL_PROVIDER"),
            (&[("MODEL_PROVIDER", "compatible")], "BASE_URL"),
            (&[("MODEL_PROVIDER", "cohere")], "COHERE_API_KEY"),
        ] {
            let error = of(Some("m"), variables).unwrap_err();
            assert!(error.contains(named) && !error.contains("hunter2"), "{error}");
        }
    }
}
