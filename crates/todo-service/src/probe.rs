//! `probe`: asks a health endpoint, for a container image that has no shell and no curl.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Asks `url` (plain HTTP) and answers whether the status is 200.
///
/// # Errors
/// One line: unreachable, slow, or the status that came instead.
pub async fn probe(url: &str, timeout: Duration) -> anyhow::Result<()> {
    let uri: http::Uri = url.parse().with_context(|| format!("`{url}` is no URL"))?;
    if uri.scheme_str() != Some("http") {
        bail!("`{url}`: probes speak plain http");
    }
    let host = uri.host().with_context(|| format!("`{url}` has no host"))?.to_owned();
    let port = uri.port_u16().unwrap_or(80);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nUser-Agent: todo-probe\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::with_capacity(512);
        stream.take(16 * 1024).read_to_end(&mut answer).await?;
        anyhow::Ok(answer)
    };
    let answer = tokio::time::timeout(timeout, ask)
        .await
        .with_context(|| format!("{url}: no answer within {} ms", timeout.as_millis()))?
        .with_context(|| format!("{url}: unreachable"))?;
    let line = String::from_utf8_lossy(answer.split(|b| *b == b'\r').next().unwrap_or_default()).into_owned();
    match line.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => bail!("{url}: answered `{}`", line.escape_debug()),
    }
}
