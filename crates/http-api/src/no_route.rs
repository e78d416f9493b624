//! Requests that no route takes.

use actix_web::HttpRequest;

use crate::error::{Answer, BadRequest};
use crate::openapi::embedded::PATHS;

/// Says whether there is nothing at the path or only not for the method.
pub(crate) async fn answer(request: HttpRequest) -> Answer<&'static str> {
    Err(match methods_at(request.path()) {
        Some(methods) => BadRequest::MethodNotAllowed(methods.to_owned()).into(),
        None => BadRequest::NoRoute.into(),
    })
}

/// The methods of the operations at a path.
fn methods_at(path: &str) -> Option<&'static str> {
    let known = PATHS.iter().find(|(pattern, _)| matches(pattern, path));
    known.map(|(_, methods)| *methods)
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut words = path.split('/');
    let same = pattern.split('/').all(|wanted| {
        words
            .next()
            .is_some_and(|word| word == wanted || (wanted.starts_with('{') && !word.is_empty()))
    });
    same && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_matched_word_by_word() {
        let pattern = "/api/client/servers/{server}/power";
        assert!(matches(pattern, "/api/client/servers/1a2b/power"));
        assert!(matches(pattern, "/api/client/servers/{server}/power"));
        for other in [
            "/api/client/servers//power",
            "/api/client/servers/1a2b",
            "/api/client/servers/1a2b/power/",
            "/api/client/servers/1a2b/power/off",
            "/api/client/servers/1a/2b/power",
            "/api/admin/servers/1a2b/power",
        ] {
            assert!(!matches(pattern, other), "{other}");
        }
        assert_eq!(methods_at("/api/auth/login"), Some("POST"));
        assert_eq!(methods_at("/api/auth"), None);
    }
}
