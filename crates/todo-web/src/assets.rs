//! Style, scripts and icons, embedded and compressed when the program was built.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// A file that the page loads.
struct Asset {
    name: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Cached for ever: another content has another address.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Asked for again each time; unchanged is answered by 304.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The address of an asset.
#[must_use]
pub fn url(name: &str) -> String {
    format!("/assets/{HASH}/{name}")
}

/// The names of all assets that pages load.
pub fn names() -> impl Iterator<Item = &'static str> {
    ASSETS.iter().map(|asset| asset.name).filter(|name| *name != "sw.js")
}

/// `GET /assets/{hash}/{name}`. An old hash is answered with the present file, uncached, so that a page that was open during an
/// upgrade goes on working.
pub async fn serve(Path((hash, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let cache = if hash == HASH { IMMUTABLE } else { REVALIDATE };
    answer(&name, &headers, cache)
}

/// An asset that must keep one address for ever, such as the service worker.
pub fn serve_fixed(name: &'static str, headers: &HeaderMap) -> Response {
    answer(name, headers, REVALIDATE)
}

fn answer(name: &str, headers: &HeaderMap, cache: HeaderValue) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (encoding, bytes) = match accepted(headers) {
        Some("br") => (Some("br"), asset.brotli),
        Some("gzip") => (Some("gzip"), asset.gzip),
        _ => (None, asset.plain),
    };
    let tag = format!("\"{HASH}-{}\"", encoding.unwrap_or("plain"));
    let unchanged = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { bytes.into_response() };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    out.insert(header::CACHE_CONTROL, cache);
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = tag.parse() {
        out.insert(header::ETAG, tag);
    }
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The best encoding that the browser takes (RFC 9110 §12.5.3).
fn accepted(headers: &HeaderMap) -> Option<&'static str> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |coding: &str| {
        accepted.split(',').any(|part| {
            let (name, quality) = part.split_once(';').unwrap_or((part, ""));
            let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0));
            name.trim().eq_ignore_ascii_case(coding) && !refused
        })
    };
    ["br", "gzip"].into_iter().find(|coding| takes(coding))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taking(encodings: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(encodings))])
    }

    #[test]
    fn the_smallest_accepted_encoding_is_served() {
        assert_eq!(accepted(&taking("gzip, deflate, br, zstd")), Some("br"));
        assert_eq!(accepted(&taking("gzip;q=0.5, br;q=0")), Some("gzip"));
        assert_eq!(accepted(&taking("identity")), None);
        assert_eq!(accepted(&HeaderMap::new()), None);
    }

    #[test]
    fn compressed_forms_hold_the_same_bytes() {
        use std::io::Read as _;
        for asset in ASSETS {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(asset.gzip).read_to_end(&mut plain).unwrap();
            assert_eq!(plain, asset.plain, "{}", asset.name);
            plain.clear();
            brotli::Decompressor::new(asset.brotli, 4096).read_to_end(&mut plain).unwrap();
            assert_eq!(plain, asset.plain, "{}", asset.name);
        }
    }

    #[tokio::test]
    async fn an_outdated_address_is_answered_but_not_kept() {
        let name = || "app.css".to_owned();
        let fresh = serve(Path((HASH.to_owned(), name())), HeaderMap::new()).await;
        assert_eq!(fresh.headers()[header::CACHE_CONTROL], IMMUTABLE);
        let old = serve(Path(("0123".to_owned(), name())), HeaderMap::new()).await;
        assert_eq!((old.status(), &old.headers()[header::CACHE_CONTROL]), (StatusCode::OK, &REVALIDATE));
        let missing = serve(Path((HASH.to_owned(), "../main.rs".to_owned())), HeaderMap::new()).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    }
}
