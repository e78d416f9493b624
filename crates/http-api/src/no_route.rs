//! Requests that no route takes.

use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::dev::ResourceDef;

use crate::error::{Answer, BadRequest};
use crate::openapi;

/// The paths of all operations with the methods each knows.
static KNOWN: LazyLock<Vec<(ResourceDef, String)>> = LazyLock::new(|| {
    let paths = openapi::document().paths.paths;
    paths
        .into_iter()
        .map(|(path, item)| {
            let methods = [
                ("GET", item.get.is_some()),
                ("PUT", item.put.is_some()),
                ("POST", item.post.is_some()),
                ("DELETE", item.delete.is_some()),
                ("PATCH", item.patch.is_some()),
            ];
            let methods: Vec<_> = methods
                .into_iter()
                .filter(|(_, known)| *known)
                .map(|(m, _)| m)
                .collect();
            (ResourceDef::new(path), methods.join(", "))
        })
        .collect()
});

/// Says whether there is nothing at the path or only not for the method.
pub(crate) async fn answer(request: HttpRequest) -> Answer<&'static str> {
    let path = request.path();
    let known = KNOWN
        .iter()
        .find(|(definition, _)| definition.is_match(path));
    Err(match known {
        Some((_, methods)) => BadRequest::MethodNotAllowed(methods.clone()).into(),
        None => BadRequest::NoRoute.into(),
    })
}
