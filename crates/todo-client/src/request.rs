//! The client itself: building requests, reading answers.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use http::{HeaderMap, HeaderName, Method, Request, Response, Uri, header};
use http_body_util::BodyExt;
use serde::{Serialize, de::DeserializeOwned};
use tower::{Service, ServiceExt, util::BoxCloneSyncService};
use url::{Url, form_urlencoded};
use uuid::Uuid;

use crate::{Body, Broken, ClientError, HttpTransport, Identity, Result, empty, full};

/// Names the operation that a change made, for its undo.
const OPERATION_ID: HeaderName = HeaderName::from_static("operation-id");
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Longest answer that is read into memory; longer ones (exports) are streamed with [`Client::send`].
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// A client of the API. Cloning is cheap; clones share connections.
#[derive(Clone)]
pub struct Client {
    transport: BoxCloneSyncService<Request<Body>, Response<Body>, Broken>,
    identity: Identity,
    /// Counts the POSTs on behalf of the identity.
    posts: Arc<AtomicU32>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// What a change left behind, and the operation by which it can be undone (none when nothing changed).
#[derive(Clone, Debug)]
pub struct Changed<T> {
    /// The thing as it is now.
    pub value: T,
    /// For [`Client::undo`].
    pub operation: Option<String>,
}

impl Client {
    /// A client of the backend at that address (`http://host:port`).
    ///
    /// # Errors
    /// [`ClientError::Address`].
    pub fn http(base: &Url) -> Result<Self> {
        Ok(Self::over(HttpTransport::new(base)?))
    }

    /// A client that calls the backend's router in this process.
    pub fn in_process<S, B>(router: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn Error + Send + Sync>> + 'static,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::over(router.map_response(|answer: Response<B>| answer.map(|b| b.map_err(Broken::new).boxed_unsync())))
    }

    /// A client over any service that answers requests.
    pub fn over<S>(transport: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        Self {
            transport: BoxCloneSyncService::new(transport.map_err(Broken::new)),
            identity: Identity::anonymous(),
            posts: Arc::default(),
        }
    }

    /// The same client on behalf of someone.
    #[must_use]
    pub fn acting_as(&self, identity: Identity) -> Self {
        Self { transport: self.transport.clone(), identity, posts: Arc::default() }
    }

    /// Sends a request as it is (only the identity is not added) and hands back the answer as it streams.
    ///
    /// # Errors
    /// [`ClientError::Unreachable`].
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        self.transport.clone().oneshot(request).await.map_err(ClientError::Unreachable)
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        self.call(Method::GET, path, query, None::<&()>).await.map(|answer| answer.1)
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<Changed<T>> {
        self.change(Method::POST, path, Some(body)).await
    }

    /// A change: the answer with the operation that its header names.
    pub(crate) async fn change<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Changed<T>> {
        let (headers, value) = self.call(method, path, &[], body).await?;
        let operation = headers.get(OPERATION_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
        Ok(Changed { value, operation })
    }

    /// A call whose answer is JSON; an empty answer reads as `null`.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&impl Serialize>,
    ) -> Result<(HeaderMap, T)> {
        let body =
            body.map(serde_json::to_vec).transpose().map_err(|error| ClientError::Unreadable(error.to_string()))?;
        let request = self.request(method, &with_query(path, query), "application/json", body.map(Into::into))?;
        let (head, bytes) = self.answer(request).await?;
        let bytes: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        let value = serde_json::from_slice(bytes)
            .map_err(|error| ClientError::Unreadable(format!("{path} answered {}: {error}", head.status())))?;
        Ok((head.into_parts().0.headers, value))
    }

    /// A request on behalf of the identity. Each POST gets its own idempotency key; when the identity brought one, the keys are
    /// derived from it in order, so that the same work done again is recognised request by request.
    pub(crate) fn request(
        &self,
        method: Method,
        target: &str,
        content_type: &str,
        body: Option<bytes::Bytes>,
    ) -> Result<Request<Body>> {
        let uri: Uri = target.parse().map_err(|_| ClientError::Unreadable(format!("`{target}` is no path")))?;
        let post = method == Method::POST;
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&self.identity.headers);
            headers.insert(header::ACCEPT, header::HeaderValue::from_static("application/json"));
            if post {
                let given = headers.get(IDEMPOTENCY_KEY).and_then(|key| key.to_str().ok());
                let key = given.map_or_else(
                    || Uuid::now_v7().to_string(),
                    |given| format!("{given}-{}", self.posts.fetch_add(1, Ordering::Relaxed)),
                );
                if let Ok(key) = key.parse() {
                    headers.insert(IDEMPOTENCY_KEY, key);
                }
            }
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let mut request =
            request.body(body.map_or_else(empty, full)).map_err(|error| ClientError::Unreadable(error.to_string()))?;
        request.extensions_mut().extend(self.identity.extensions.clone());
        Ok(request)
    }

    /// Sends, and reads the whole answer; a failure status is an error.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Result<(Response<()>, Vec<u8>)> {
        let (head, body) = self.send(request).await?.into_parts();
        let head = Response::from_parts(head, ());
        let bytes = whole(body).await?;
        if head.status().is_client_error() || head.status().is_server_error() {
            return Err(ClientError::from_answer(&head, &bytes));
        }
        Ok((head, bytes))
    }
}

/// All of a body, up to [`ANSWER_MAX`].
async fn whole(mut body: Body) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(ClientError::Unreachable)?.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > ANSWER_MAX {
            return Err(ClientError::Unreadable(format!("longer than {ANSWER_MAX} bytes")));
        }
    }
    Ok(bytes)
}

/// A path with its query, escaped.
pub(crate) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query);
    format!("{path}?{}", text.finish())
}

/// One segment of a path, escaped.
pub(crate) fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
