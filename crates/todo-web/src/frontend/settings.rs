//! Configuration of the process.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use todo_service::{
    config::{ConfigErrors, Reader, Setting, Vars},
    logs::Format,
    shutdown::Grace,
};
use url::Url;

/// What the environment says.
#[derive(Debug)]
pub struct Settings {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port of the page.
    pub port: u16,
    /// Port of the metrics; 0 turns them off.
    pub metrics_port: u16,
    /// Where the backend is.
    pub backend: Url,
    /// The address that people type.
    pub public_url: Option<Url>,
    /// Filter of the log.
    pub log_level: String,
    /// Shape of the log.
    pub log_format: Format,
    /// How stopping goes.
    pub grace: Grace,
    /// Worker threads.
    pub threads: usize,
    /// Everything as text, for `config`.
    pub all: Vec<Setting>,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    /// All mistakes together, a line each.
    pub fn read(vars: &dyn Vars) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(vars);
        let host = reader.value("HOST", IpAddr::V4(Ipv4Addr::UNSPECIFIED), "Address to listen on");
        let port = reader.value("PORT", 3000, "Port of the page");
        let metrics_port = reader.value("METRICS_PORT", 9090, "Port of the metrics; 0 turns them off");
        let backend = backend(&mut reader);
        let public_url = public_url(&mut reader);
        let log_level = reader.value("LOG_LEVEL", "info".to_owned(), "error, warn, info, debug or trace");
        let log_format = reader.value("LOG_FORMAT", Format::Json, "Shape of the log: json or text");
        let grace = Grace {
            delay: reader.duration("SHUTDOWN_DELAY", Duration::from_secs(5), "How long to serve on after SIGTERM"),
            timeout: reader.duration(
                "SHUTDOWN_TIMEOUT",
                Duration::from_secs(20),
                "How long requests in flight may take then",
            ),
        };
        let threads = reader.value("WORKER_THREADS", 2_usize, "Threads that serve").clamp(1, 64);
        let all = reader.finish()?;
        // An absent backend was recorded as a mistake, so that `finish` has returned by now.
        let Some(backend) = backend else { return Err(ConfigErrors(Vec::new())) };
        Ok(Self { host, port, metrics_port, backend, public_url, log_level, log_format, grace, threads, all })
    }
}

fn backend(reader: &mut Reader<'_>) -> Option<Url> {
    let text =
        reader.value("BACKEND_URL", "http://localhost:8000".to_owned(), "Where the backend is: http://host:port");
    match Url::parse(&text) {
        Ok(url) if url.scheme() == "http" && url.host().is_some() => Some(url),
        _ => {
            reader.refuse(
                "BACKEND_URL",
                format!("`{}` is no address of a backend; write http://host:port", text.escape_debug()),
            );
            None
        }
    }
}

fn public_url(reader: &mut Reader<'_>) -> Option<Url> {
    let text = reader.text("FRONTEND_URL", "The address that people type, such as https://todo.example")?;
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Some(url),
        _ => {
            reader.refuse("FRONTEND_URL", format!("`{}` is no address; write https://host", text.escape_debug()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn defaults_serve_the_page_on_3000() {
        let settings = Settings::read(&BTreeMap::<&str, &str>::new()).unwrap();
        assert_eq!(
            (settings.port, settings.metrics_port, settings.backend.as_str()),
            (3000, 9090, "http://localhost:8000/")
        );
        assert_eq!(settings.grace.delay, Duration::from_secs(5));
    }

    #[test]
    fn mistakes_name_the_variable() {
        let vars = BTreeMap::from([("BACKEND_URL", "https://backend"), ("FRONTEND_URL", "todo"), ("PORT", "x")]);
        let errors = Settings::read(&vars).unwrap_err();
        let named: Vec<_> = errors.0.iter().map(|error| error.variable.as_str()).collect();
        assert_eq!(named, ["PORT", "BACKEND_URL", "FRONTEND_URL"]);
    }
}
