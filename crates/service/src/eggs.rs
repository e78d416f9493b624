//! Eggs: what servers are made from.

mod check;
mod create;
mod delete;
mod duplicate;
mod export;
mod import;
mod import_url;
mod inheritance;
mod model;
mod moving;
mod read;
mod reimport;
mod starter;
mod update;
pub mod variables;

pub use create::{NewEgg, create};
pub use delete::{delete, delete_many};
pub use duplicate::duplicate;
pub use export::export;
pub use import::{Imported, import};
pub use import_url::{ImportedUrls, import_urls, reimport_url};
pub use inheritance::{Inheritance, inheritance, set_inheritance};
pub(crate) use model::{from_model, to_model, to_variable};
pub use moving::{move_many, move_one};
pub use panel_eggs::{Encoding, Export, Format, Note, NoteKind};
pub use panel_storage::eggs::{Egg, EggVariable, Inherited};
pub use read::{get, list, of_servers, servers};
pub use reimport::reimport;
pub use starter::{StarterEgg, install_starter, starter};
pub use update::{EggUpdate, update};

use panel_domain::id::{EggId, NestId};
use panel_storage::eggs as rows;

use crate::cx::Cx;
use crate::error::Error;

/// What the table's rule on names means to somebody who broke it.
const NAME_KEY: &str = "eggs_name_key";
const NAME_TAKEN: &str = "is the name of another egg of this nest";

/// The egg of this nest.
async fn find(cx: &Cx, nest: NestId, id: EggId) -> Result<Egg, Error> {
    let found = rows::find_in_nest(&mut cx.read().await?, nest, id).await?;
    found.ok_or(Error::not_found("egg"))
}

/// The answer to a nest that is not there, as the database's rule noticed it.
fn no_nest(error: Error) -> Error {
    match error {
        Error::Conflict { code: "in_use", .. } => Error::not_found("nest"),
        other => other,
    }
}
