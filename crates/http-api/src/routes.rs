//! All routes of the API, by who they are for.

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, Scope};
use utoipa::openapi::path::Paths;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_actix_web::OpenApiFactory;

use crate::middleware::{authenticate, idempotency};
use crate::{admin, auth, client, remote, settings, setup};

/// Where operations are added.
///
/// Their descriptions are asked for only where a document is wanted: together they take megabytes, and workers have no use for them.
pub(crate) struct Routes<'a> {
    services: &'a mut ServiceConfig,
    described: Option<&'a mut Described>,
}

/// The part of the OpenAPI document that operations bring along.
#[derive(Default)]
struct Described {
    paths: Paths,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Routes<'_> {
    /// Adds an operation.
    pub(crate) fn service<F>(&mut self, operation: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        if let Some(described) = &mut self.described {
            described.paths.merge(operation.paths());
            operation.schemas(&mut described.schemas);
        }
        self.services.service(operation);
        self
    }

    /// Adds operations below `prefix`, with what `wrap` puts around them.
    fn scope<S>(
        &mut self,
        prefix: &str,
        operations: impl FnOnce(&mut Routes<'_>),
        wrap: impl FnOnce(Scope) -> S,
    ) where
        S: HttpServiceFactory + 'static,
    {
        let mut below = self.described.is_some().then(Described::default);
        let scope = web::scope(prefix).configure(|services| {
            operations(&mut Routes {
                services,
                described: below.as_mut(),
            });
        });
        self.services.service(wrap(scope));
        if let (Some(described), Some(below)) = (&mut self.described, below) {
            described.add_below(prefix, below);
        }
    }
}

impl Described {
    fn add_below(&mut self, prefix: &str, part: Self) {
        let mut paths = part.paths;
        let prefixed = std::mem::take(&mut paths.paths)
            .into_iter()
            .map(|(path, item)| (format!("{prefix}{path}"), item));
        paths.paths = prefixed.collect();
        self.paths.merge(paths);
        self.schemas.extend(part.schemas);
    }
}

/// Adds every route of the API.
pub(crate) fn serve(services: &mut ServiceConfig) {
    configure(&mut Routes {
        services,
        described: None,
    });
}

/// Adds every operation of the API to the document.
pub(crate) fn describe(document: &mut OpenApi) {
    let mut described = Described::default();
    // The application itself is not wanted; routes cannot be made without one.
    drop(App::new().configure(|services| {
        configure(&mut Routes {
            services,
            described: Some(&mut described),
        });
    }));
    document.paths.merge(described.paths);
    let components = document.components.get_or_insert_default();
    components.schemas.extend(described.schemas);
}

/// Scopes are matched in this order, and a request that enters one never leaves it, so the narrower paths come first.
fn configure(routes: &mut Routes<'_>) {
    routes.scope("/api/client", client::configure, |scope| {
        scope
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authenticate::user))
    });
    routes.scope("/api/admin", admin::configure, |scope| {
        scope
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authenticate::user))
    });
    routes.scope("/api/remote", remote::configure, |scope| {
        scope.wrap(from_fn(authenticate::node))
    });
    routes.scope("/api/setup/finish", setup::configure_finish, |scope| {
        scope
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authenticate::user))
    });
    let for_anybody = |routes: &mut Routes<'_>| {
        settings::configure(routes);
        auth::configure(routes);
        setup::configure(routes);
    };
    routes.scope("/api", for_anybody, |scope| {
        scope
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authenticate::anybody))
    });
}
