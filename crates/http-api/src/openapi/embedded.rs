//! `docs/openapi.json` as it lies in the program: compressed, since hardly anybody asks for it (`build.rs`).

use std::io::{self, Read as _};
use std::iter;

use actix_web::http::header::{CONTENT_ENCODING, ContentType, VARY};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get};
use flate2::read::GzDecoder;
use futures_util::stream;

use crate::kept;

static GZIPPED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

/// The paths of all operations, in the document's order, with the methods that each knows.
pub(crate) static PATHS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/paths.rs"));

/// How much is unpacked at a time.
const PART: usize = 16 * 1024;

/// The document that this server publishes.
///
/// # Errors
///
/// The program's file is damaged.
pub fn text() -> io::Result<String> {
    let mut text = String::new();
    GzDecoder::new(GZIPPED).read_to_string(&mut text)?;
    Ok(text)
}

/// The document itself. Unpacked, if it must be, while it goes out: it is many times as long.
#[get("/openapi.json")]
pub(crate) async fn json(request: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json());
    response.insert_header((VARY, "accept-encoding"));
    if kept::takes_gzip(request.headers()) {
        response.insert_header((CONTENT_ENCODING, "gzip"));
        response.body(Bytes::from_static(GZIPPED))
    } else {
        response.streaming(stream::iter(parts()))
    }
}

fn parts() -> impl Iterator<Item = io::Result<Bytes>> {
    let mut document = GzDecoder::new(GZIPPED);
    iter::from_fn(move || {
        let mut part = vec![0; PART];
        match document.read(&mut part) {
            Ok(0) => None,
            Ok(length) => {
                part.truncate(length);
                Some(Ok(part.into()))
            }
            Err(error) => Some(Err(error)),
        }
    })
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::http::header::ACCEPT_ENCODING;
    use actix_web::middleware::Compress;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};

    use super::*;

    #[test]
    fn it_describes_what_the_code_does() {
        let described = serde_json::to_string(&crate::openapi::document()).unwrap();
        // Not `assert_eq`: nobody wants to see both.
        assert!(
            text().unwrap() == described,
            "docs/openapi.json is not that of the code: run `cargo xtask generate`"
        );
    }

    #[actix_web::test]
    async fn it_is_unpacked_for_who_does_not_take_gzip() {
        let app = init_service(App::new().service(json).wrap(Compress::default())).await;
        let text = text().unwrap();
        for (accepted, packed) in [("gzip, br", true), ("identity", false)] {
            let request = TestRequest::get()
                .uri("/openapi.json")
                .insert_header((ACCEPT_ENCODING, accepted));
            let response = call_service(&app, request.to_request()).await;
            let encoding = response.headers().get(CONTENT_ENCODING).cloned();
            let body = read_body(response).await;
            if packed {
                assert_eq!(encoding.unwrap(), "gzip");
                assert!(body == GZIPPED);
            } else {
                assert_eq!(encoding, None);
                assert!(body == text.as_bytes());
            }
        }
    }

    #[test]
    fn every_path_has_its_methods() {
        assert!(PATHS.contains(&("/api/auth/login", "POST")));
        assert!(PATHS.contains(&("/api/client/account/api-keys", "GET, POST")));
        assert!(PATHS.iter().all(|(_, methods)| !methods.is_empty()));
    }
}
