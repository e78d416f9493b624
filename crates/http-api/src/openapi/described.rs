//! The part of the document that the operations bring along.

use actix_web::Scope;
use actix_web::dev::HttpServiceFactory;
use utoipa::openapi::path::Paths;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_actix_web::OpenApiFactory;

use crate::routes::{self, Routes};

/// Adds every operation of the API to the document.
pub(super) fn add_to(document: &mut OpenApi) {
    let mut described = Described::default();
    routes::configure(&mut described);
    document.paths.merge(described.paths);
    let components = document.components.get_or_insert_default();
    components.schemas.extend(described.schemas);
}

/// Collects the descriptions of operations, which nobody can call here.
#[derive(Default)]
struct Described {
    paths: Paths,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Routes for Described {
    fn service<F>(&mut self, operation: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        self.paths.merge(operation.paths());
        operation.schemas(&mut self.schemas);
        self
    }

    fn scope<S>(
        &mut self,
        prefix: &str,
        operations: impl FnOnce(&mut Self),
        _wrap: impl FnOnce(Scope) -> S,
    ) where
        S: HttpServiceFactory + 'static,
    {
        let mut below = Self::default();
        operations(&mut below);
        let prefixed = std::mem::take(&mut below.paths.paths)
            .into_iter()
            .map(|(path, item)| (format!("{prefix}{path}"), item));
        below.paths.paths = prefixed.collect();
        self.paths.merge(below.paths);
        self.schemas.extend(below.schemas);
    }
}
