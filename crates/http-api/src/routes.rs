//! All routes of the API, by who they are for.

use actix_web::Scope;
use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use utoipa_actix_web::OpenApiFactory;

use crate::middleware::{authenticate, idempotency};
use crate::{admin, auth, client, remote, settings, setup};

/// Where operations are added: to the server, which answers them, or to the document, which describes them
/// ([`crate::openapi`]).
///
/// Two types instead of one that does both: what describes operations is megabytes of code that the server's program would
/// have in it for nothing.
pub(crate) trait Routes {
    /// Adds an operation.
    fn service<F>(&mut self, operation: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static;

    /// Adds operations below `prefix`, with what `wrap` puts around them.
    fn scope<S>(
        &mut self,
        prefix: &str,
        operations: impl FnOnce(&mut Self),
        wrap: impl FnOnce(Scope) -> S,
    ) where
        S: HttpServiceFactory + 'static;
}

/// Answers the operations, and does not look at their descriptions.
impl Routes for ServiceConfig {
    fn service<F>(&mut self, operation: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        // The type's own function of this name, not this one.
        ServiceConfig::service(self, operation)
    }

    fn scope<S>(
        &mut self,
        prefix: &str,
        operations: impl FnOnce(&mut Self),
        wrap: impl FnOnce(Scope) -> S,
    ) where
        S: HttpServiceFactory + 'static,
    {
        let scope = web::scope(prefix).configure(operations);
        ServiceConfig::service(self, wrap(scope));
    }
}

/// Adds every operation of the API.
///
/// Scopes are matched in this order, and a request that enters one never leaves it, so the narrower paths come first.
pub(crate) fn configure(routes: &mut impl Routes) {
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
    routes.scope("/api", configure_for_anybody, |scope| {
        scope
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authenticate::anybody))
    });
}

fn configure_for_anybody(routes: &mut impl Routes) {
    settings::configure(routes);
    auth::configure(routes);
    setup::configure(routes);
}
