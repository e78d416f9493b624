//! All routes of the API, by who they are for.

use actix_web::middleware::from_fn;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::middleware::{authenticate, idempotency};
use crate::{admin, auth, client, remote, settings, setup};

/// Adds every route of the API, with its part of the OpenAPI document. Scopes are matched in this order, and a
/// request that enters one never leaves it, so the narrower paths come first.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/api/client")
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authenticate::user))
            .configure(client::configure),
    );
    config.service(
        scope("/api/admin")
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authenticate::user))
            .configure(admin::configure),
    );
    config.service(
        scope("/api/remote")
            .wrap(from_fn(authenticate::node))
            .configure(remote::configure),
    );
    config.service(
        scope("/api/setup/finish")
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authenticate::user))
            .configure(setup::configure_finish),
    );
    config.service(
        scope("/api")
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authenticate::anybody))
            .configure(settings::configure)
            .configure(auth::configure)
            .configure(setup::configure),
    );
}
