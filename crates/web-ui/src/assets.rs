//! The embedded files, and which form of one a client takes.

use std::borrow::Cow;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};
use rust_embed::{EmbeddedFile, RustEmbed};

/// What `npm run build` leaves behind. Absent in a checkout that has not built the web UI.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/app/dist"]
#[allow_missing = true]
struct Dist;

/// A file as it goes out.
pub(crate) struct Asset {
    /// The bytes, in the encoding below.
    pub(crate) bytes: Cow<'static, [u8]>,
    /// Value of `Content-Encoding`, or nothing for the plain file.
    pub(crate) encoding: Option<&'static str>,
    /// Value of `ETag`, different for each encoding.
    pub(crate) etag: String,
}

/// Suffix of a precompressed twin and its encoding, the best first.
const TWINS: [(&str, &str); 2] = [("br", "br"), ("gz", "gzip")];

/// Finds the file at a path without a leading slash, in the best form that `accepted` allows.
pub(crate) fn find(path: &str, accepted: &HeaderMap) -> Option<Asset> {
    if is_hidden(path) {
        return None;
    }
    for (suffix, encoding) in TWINS {
        if accepts(accepted, encoding)
            && let Some(file) = Dist::get(&format!("{path}.{suffix}"))
        {
            return Some(asset(file, Some(encoding)));
        }
    }
    Some(asset(Dist::get(path)?, None))
}

/// Whether the file has precompressed twins, so that caches must tell the forms apart.
pub(crate) fn has_twins(path: &str) -> bool {
    TWINS
        .iter()
        .any(|(suffix, _)| Dist::get(&format!("{path}.{suffix}")).is_some())
}

/// Build records such as Vite's manifest are not for the public, and twins only go out in place of their file.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
        || TWINS
            .iter()
            .any(|(suffix, _)| path.rsplit_once('.').is_some_and(|(_, end)| end == *suffix))
}

fn asset(file: EmbeddedFile, encoding: Option<&'static str>) -> Asset {
    let hash = file.metadata.sha256_hash();
    let mut etag = String::with_capacity(40);
    etag.push('"');
    for byte in &hash[..16] {
        etag.push_str(&format!("{byte:02x}"));
    }
    etag.push('"');
    Asset {
        bytes: file.data,
        encoding,
        etag,
    }
}

/// Whether the request takes an encoding (RFC 9110, 12.5.3); a weight of zero refuses it.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let refused = parameters
                .trim()
                .strip_prefix("q=")
                .and_then(|weight| weight.trim().parse::<f32>().ok())
                .is_some_and(|weight| weight <= 0.0);
            name.trim().eq_ignore_ascii_case(encoding) && !refused
        })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderValue};

    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn encodings_are_taken_by_name_and_weight() {
        assert!(accepts(&accepting("gzip, deflate, br"), "br"));
        assert!(accepts(&accepting("GZIP;q=0.5"), "gzip"));
        assert!(!accepts(&accepting("br;q=0, gzip"), "br"));
        assert!(!accepts(&accepting("deflate"), "gzip"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    #[test]
    fn records_of_the_build_and_twins_are_hidden() {
        assert!(is_hidden(".vite/manifest.json"));
        assert!(is_hidden("assets/index-abc.js.br"));
        assert!(!is_hidden("assets/index-abc.js"));
        assert!(!is_hidden("index.html"));
    }
}
