//! Lists in pages: the cursor is the place in the list, opaque to clients.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rmcp::{ErrorData, model::PaginatedRequestParams};

/// Entries on a page.
pub const SIZE: usize = 50;

/// Where the page begins that a client asks for.
///
/// # Errors
/// Invalid params, for a cursor that no page of ours ended with.
pub fn start(request: Option<&PaginatedRequestParams>) -> Result<usize, ErrorData> {
    let Some(cursor) = request.and_then(|request| request.cursor.as_deref()) else { return Ok(0) };
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix("from ")?.parse().ok())
        .filter(|at| *at <= 1_000_000)
        .ok_or_else(|| {
            ErrorData::invalid_params("`cursor` is none of this server's; ask for the first page again", None)
        })
}

/// The cursor of a page that begins at `at`.
pub fn cursor(at: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("from {at}"))
}

/// The page of a list that is at hand as a whole, and the cursor of the next one.
///
/// # Errors
/// See [`start`].
pub fn of<T>(all: Vec<T>, request: Option<&PaginatedRequestParams>) -> Result<(Vec<T>, Option<String>), ErrorData> {
    let from = start(request)?;
    let more = all.len() > from.saturating_add(SIZE);
    let page = all.into_iter().skip(from).take(SIZE).collect();
    Ok((page, more.then(|| cursor(from + SIZE))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(cursor: &str) -> PaginatedRequestParams {
        PaginatedRequestParams::default().with_cursor(Some(cursor.to_owned()))
    }

    #[test]
    fn pages_cover_a_list_once() {
        let all: Vec<usize> = (0..120).collect();
        let mut seen = Vec::new();
        let mut next = None;
        loop {
            let request = next.as_deref().map(asking);
            let (page, more) = of(all.clone(), request.as_ref()).unwrap();
            seen.extend(page);
            match more {
                Some(cursor) => next = Some(cursor),
                None => break,
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn cursors_of_others_are_refused() {
        for cursor in
            ["", "nonsense", "-1", &URL_SAFE_NO_PAD.encode("from -1"), &URL_SAFE_NO_PAD.encode("from 9999999999")]
        {
            assert!(start(Some(&asking(cursor))).is_err(), "{cursor:?}");
        }
    }
}
