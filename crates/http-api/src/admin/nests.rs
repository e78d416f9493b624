//! `/api/admin/nests`: eggs and the groups they are in.

mod change;
mod egg_changes;
mod egg_files;
mod eggs;
mod inheritance;
mod mounts;
mod read;
mod variables;

use panel_domain::id::{EggId, EggVariableId, NestId};

use crate::extract::Path;
use crate::routes::Routes;

/// The path of an egg. Its own name keeps the document's macro from asking for schemas of what `openapi.rs` describes for
/// all operations.
type OfEgg = Path<(NestId, EggId)>;
/// As [`OfEgg`], of a variable.
type OfVariable = Path<(NestId, EggId, EggVariableId)>;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(read::list)
        // Before what takes `eggs` for a nest.
        .service(read::with_eggs)
        .service(read::get)
        .service(change::create)
        .service(change::update)
        .service(change::delete)
        .service(egg_files::import)
        .service(egg_files::import_urls)
        .service(egg_changes::delete_many)
        .service(egg_changes::move_many)
        .service(eggs::list)
        .service(egg_changes::create)
        .service(eggs::get)
        .service(egg_changes::update)
        .service(egg_changes::delete)
        .service(egg_changes::duplicate)
        .service(egg_changes::move_one)
        .service(egg_files::export)
        .service(egg_files::export_report)
        .service(egg_files::reimport)
        .service(egg_files::reimport_url)
        .service(eggs::servers)
        .service(inheritance::get)
        .service(inheritance::set)
        .service(mounts::list)
        .service(mounts::attach)
        .service(mounts::detach)
        .service(variables::list)
        .service(variables::create)
        .service(variables::order)
        .service(variables::update)
        .service(variables::delete)
        .service(variables::duplicate);
}
