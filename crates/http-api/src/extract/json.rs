//! Bodies in JSON.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt as _;
use panel_domain::validate::Invalid;
use serde::de::DeserializeOwned;

use crate::error::{BadRequest, Failure};

/// The most bytes of a body where a route does not say otherwise.
pub(crate) const DEFAULT_LIMIT: usize = 256 * 1024;

/// The most bytes of a body of any route for users.
pub(crate) const LARGEST_LIMIT: usize = 4 * 1024 * 1024;

/// The body of a request, read as JSON. No body counts as `{}`, which is what clients mean who leave an optional one out.
#[derive(Debug)]
pub(crate) struct Json<T, const LIMIT: usize = DEFAULT_LIMIT>(pub(crate) T);

impl<T, const LIMIT: usize> Json<T, LIMIT> {
    /// The value.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for Json<T, LIMIT> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = request.headers().get(CONTENT_LENGTH);
        let declared = declared.and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        let is_json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(is_json);
        let payload = payload.take();
        Box::pin(async move {
            if declared.is_some_and(|bytes| bytes > LIMIT) {
                return Err(BadRequest::TooLarge(LIMIT).into());
            }
            let body = read(payload, LIMIT).await?;
            if body.is_empty() {
                return parse(b"{}").map(Self);
            }
            if !is_json {
                return Err(BadRequest::NotJson.into());
            }
            parse(&body).map(Self)
        })
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || essence.starts_with("application/") && essence.ends_with("+json")
}

/// The whole body, up to a limit.
///
/// # Errors
///
/// It is larger, or the connection broke.
pub(crate) async fn read(mut payload: Payload, limit: usize) -> Result<web::BytesMut, Failure> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| BadRequest::Interrupted)?;
        if body.len() + chunk.len() > limit {
            return Err(BadRequest::TooLarge(limit).into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = match error.path().to_string() {
            root if root == "." => String::new(),
            field => field,
        };
        BadRequest::Malformed(Invalid::of(field, error.inner().to_string()))
    })?;
    json.end()
        .map_err(|error| BadRequest::Malformed(Invalid::of("", error.to_string())))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use panel_api_types::server::CreateServer;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        name: Option<String>,
    }

    async fn extract<T: DeserializeOwned + 'static>(
        content_type: &str,
        body: &'static str,
    ) -> Result<T, Failure> {
        let (request, mut payload) = TestRequest::post()
            .insert_header((CONTENT_TYPE, content_type))
            .set_payload(body)
            .to_http_parts();
        Json::<T, 64>::from_request(&request, &mut payload)
            .await
            .map(|json| json.0)
    }

    fn bad(failure: &Failure) -> &BadRequest {
        match failure {
            Failure::Request(bad) => bad,
            Failure::Service(_) => panic!("not a bad request"),
        }
    }

    #[actix_web::test]
    async fn the_content_type_is_json_or_there_is_no_body() {
        let body = extract::<Body>("application/json; charset=utf-8", r#"{"name":"x"}"#).await;
        assert_eq!(body.unwrap().name.as_deref(), Some("x"));
        let failure = extract::<Body>("text/plain", r#"{"name":"x"}"#)
            .await
            .unwrap_err();
        assert_eq!(bad(&failure), &BadRequest::NotJson);
        assert!(
            extract::<Body>("text/plain", "")
                .await
                .unwrap()
                .name
                .is_none()
        );
    }

    #[actix_web::test]
    async fn the_wrong_field_is_named() {
        let failure = extract::<Body>("application/json", r#"{"nmae":"x"}"#)
            .await
            .unwrap_err();
        assert!(failure.to_string().contains("nmae"), "{failure}");
        let failure = extract::<Body>("application/json", r#"{"name":7}"#)
            .await
            .unwrap_err();
        assert!(failure.to_string().starts_with("name: "), "{failure}");
        let failure = extract::<CreateServer>("application/json", "{}")
            .await
            .unwrap_err();
        assert!(failure.to_string().contains("node_uuid"), "{failure}");
        let failure = extract::<Body>("application/json", "{} {}")
            .await
            .unwrap_err();
        assert_eq!(failure.status(), 400);
    }

    #[actix_web::test]
    async fn a_large_body_is_refused() {
        let body = "                                                                   {}";
        let failure = extract::<Body>("application/json", body).await.unwrap_err();
        assert_eq!(bad(&failure), &BadRequest::TooLarge(64));
    }
}
