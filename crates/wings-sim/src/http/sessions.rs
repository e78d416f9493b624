//! Who is let in, and who no longer.

use actix_web::{HttpRequest, web};
use uuid::Uuid;
use wings_client::wire::server::{Broadcast, DeauthorizeUser, DenyTokens, SetPermissions};

use super::Shared;
use super::answers::{Answer, done, json, known_server};
use crate::core::{Core, Event};
use crate::dialect::Dialect;
use crate::ledger::Effect;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/deauthorize-user", web::post().to(deauthorize))
        .route("/api/servers/{server}/ws/deny", web::post().to(deny))
        .route(
            "/api/servers/{server}/ws/permissions",
            web::post().to(permissions),
        )
        .route(
            "/api/servers/{server}/ws/broadcast",
            web::post().to(broadcast),
        );
}

/// The user on these servers; Pelican closes the sockets of everybody there, and with an empty list denies nobody.
async fn deauthorize(core: Shared, request: HttpRequest, body: web::Bytes) -> Answer {
    let order: DeauthorizeUser = json(&core, &request, &body)?;
    let all = order.servers.is_empty();
    let known: Vec<Uuid> = core.read(|world| world.servers.keys().copied().collect());
    let meant = known
        .into_iter()
        .filter(|server| all || order.servers.contains(server));
    let pelican = core.dialect() == Dialect::Pelican;
    let now = core.now();
    for server in meant {
        if pelican && !all {
            core.memory(|memory| memory.shut_out.insert((order.user, server), now));
        }
        shut_out(&core, server, order.user);
        if pelican {
            core.announce(Event::Closed { server });
        }
    }
    Ok(done(&core))
}

fn shut_out(core: &Core, server: Uuid, user: Uuid) {
    core.record(server, Effect::UserDeauthorized, Some(user.to_string()));
    core.announce(Event::Revoked { server, user });
}

async fn broadcast(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: Broadcast = json(&core, &request, &body)?;
    core.announce(Event::Broadcast { server, order });
    Ok(done(&core))
}

async fn deny(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: DenyTokens = json(&core, &request, &body)?;
    let now = core.now();
    for id in order.jtis {
        core.memory(|memory| memory.denied.insert(id.clone(), now));
        core.record(server, Effect::TokensDenied, Some(id));
    }
    Ok(done(&core))
}

async fn permissions(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let server = known_server(&core, &path)?;
    let order: SetPermissions = json(&core, &request, &body)?;
    for user in order.user_permissions {
        if user.permissions.is_empty() {
            shut_out(&core, server, user.user);
        }
    }
    Ok(done(&core))
}
