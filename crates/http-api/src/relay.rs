//! `/wings-proxy/{node}/..`: what browsers ask of a node, passed on by the panel when it is to (`APP_ENABLE_WINGS_PROXY`).
//!
//! The paths behind the node are the daemon's own, so that a link differs in its beginning only. Nothing is kept: content is asked for as
//! fast as the other side takes it.

mod console;
mod downloads;
mod open_sockets;
mod uploads;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use panel_service::relay::PATH;

pub(crate) use open_sockets::OpenSockets;

use crate::middleware::authenticate;

/// Adds the routes when the panel relays.
pub(crate) fn configure(relays: bool) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        if !relays {
            return;
        }
        let upload = web::resource("/upload/file")
            .route(web::post().to(uploads::form))
            .route(web::head().to(uploads::offset))
            .route(web::patch().to(uploads::part));
        config.service(
            web::scope(&format!("{PATH}/{{node}}"))
                .wrap(from_fn(authenticate::anybody))
                .route("/download/{what}", web::get().to(downloads::download))
                .route("/api/servers/{server}/ws", web::get().to(console::open))
                .service(upload),
        );
    }
}
