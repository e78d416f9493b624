//! Files of a server.

mod archives;
mod change;
mod content;
mod copy;
mod inspect;
mod links;
mod list;
mod operations;
mod pull;

use actix_web::HttpResponse;
use panel_api_types::Empty;
use panel_api_types::file::Started;
use panel_service::files::{Move, Work};
use uuid::Uuid;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(list::list)
        .service(list::search)
        .service(content::read)
        .service(content::write)
        .service(change::rename)
        .service(change::delete)
        .service(change::modes)
        .service(change::create_directory)
        .service(change::create_symlink)
        .service(copy::copy)
        .service(copy::copy_many)
        .service(copy::copy_remote)
        .service(archives::compress)
        .service(archives::decompress)
        .service(pull::pull)
        .service(pull::preview)
        .service(links::download)
        .service(links::upload)
        .service(inspect::fingerprint)
        .service(inspect::largest_directories)
        .service(inspect::revisions)
        .service(inspect::read_revision)
        .service(inspect::query_sqlite)
        .service(operations::list)
        .service(operations::abort);
}

/// The use case's form of moves.
fn moves(moves: Vec<panel_api_types::file::Move>) -> Vec<Move> {
    let each = |each: panel_api_types::file::Move| Move {
        from: each.from,
        to: each.to,
    };
    moves.into_iter().map(each).collect()
}

/// 202 with the id of what goes on.
fn started(identifier: Uuid) -> HttpResponse {
    HttpResponse::Accepted().json(Started { identifier })
}

/// 200 for what is done, 202 for what goes on.
fn done_or_started(work: &Work) -> HttpResponse {
    match work {
        Work::Done(_) => HttpResponse::Ok().json(Empty {}),
        Work::Started(identifier) => started(*identifier),
    }
}
