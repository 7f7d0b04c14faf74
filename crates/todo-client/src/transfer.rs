//! Export and import.

use bytes::Bytes;
use http::{Method, Response};
use http_body_util::BodyExt as _;

use crate::{Body, Client, ClientError, Result, request::with_query};

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Everything, in our own JSON.
    Json,
    /// A table.
    Csv,
    /// iCalendar (RFC 5545).
    Ics,
    /// Taskwarrior's JSON.
    Taskwarrior,
    /// Todoist's CSV.
    Todoist,
}

impl ExportFormat {
    /// As the API spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Ics => "ics",
            Self::Taskwarrior => "taskwarrior",
            Self::Todoist => "todoist",
        }
    }
}

/// What an import did, or would do.
pub type ImportReport = serde_json::Value;

impl Client {
    /// All tasks in that format, as they stream.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn export(&self, format: ExportFormat) -> Result<Response<Body>> {
        let target = with_query("/api/export", &[("format", format.as_str())]);
        self.download(&target).await
    }

    /// Everything that is kept about the person, as one JSON document, as it streams.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn export_account(&self) -> Result<Response<Body>> {
        self.download("/api/export/account").await
    }

    async fn download(&self, target: &str) -> Result<Response<Body>> {
        let answer = self.send(self.request(Method::GET, target, "", None)?).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (head, body) = answer.into_parts();
        // What a refusal says is short; what can't be read says nothing.
        let said = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Err(ClientError::from_answer(&Response::from_parts(head, ()), &said))
    }

    /// Imports a file; a dry run only reports.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn import(&self, format: ExportFormat, file: Bytes, dry_run: bool) -> Result<ImportReport> {
        let dry = if dry_run { "true" } else { "false" };
        let target = with_query("/api/import", &[("format", format.as_str()), ("dry_run", dry)]);
        let request = self.request(Method::POST, &target, "application/octet-stream", Some(file))?;
        let (_, bytes) = self.answer(request).await?;
        serde_json::from_slice(&bytes).map_err(|error| ClientError::Unreadable(error.to_string()))
    }
}
