//! Making an egg from a file of this or another panel.

use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_eggs::{Egg as Model, Note, NoteKind};

use super::check::{check_egg, check_imported};
use super::create::insert;
use super::{Egg, from_model};
use crate::cx::Cx;
use crate::error::Error;

/// Who an egg is by when its file does not say.
const NOBODY: &str = "unknown";

/// An egg that was imported.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The egg.
    pub egg: Egg,
    /// What was repaired, left out or deserves a look.
    pub notes: Vec<Note>,
}

/// Makes an egg from a file: JSON or YAML, of Pterodactyl, Pelican, Calagopus or this panel.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`] for the nest, [`Error::Invalid`] when it is no egg, [`Error::Taken`] for a name that another egg
/// of the nest has.
pub async fn import(cx: &Cx, nest: NestId, file: &[u8]) -> Result<Imported, Error> {
    cx.require_admin(AdminPermission::EggsCreate)?;
    crate::nests::find(cx, nest).await?;
    let (model, notes) = read(file)?;
    let (egg, variables) = from_model(&model, EggId::new_v4(), nest, None, cx.now())?;
    let egg = insert(cx, egg, variables, Event::EggImport).await?;
    Ok(Imported { egg, notes })
}

/// The egg of a file, fit to be kept, and what there is to say about it.
pub(super) fn read(file: &[u8]) -> Result<(Model, Vec<Note>), Error> {
    let imported =
        panel_eggs::import(file).map_err(|error| Error::invalid("", error.to_string()))?;
    let panel_eggs::Import {
        egg: mut model,
        mut notes,
    } = imported;
    if model.author.trim().chars().count() < 2 {
        notes.push(Note {
            path: "/author".to_owned(),
            kind: NoteKind::Repaired,
            message: format!("The file does not say who wrote the egg; {NOBODY:?} is kept."),
        });
        NOBODY.clone_into(&mut model.author);
    }
    // A file may bring spaces around these; people would not see them.
    model.name = model.name.trim().to_owned();
    model.author = model.author.trim().to_owned();
    model.description = model.description.filter(|text| !text.is_empty());
    let mut invalid = Invalid::new();
    check_egg(&model, &mut invalid);
    for variable in &model.variables {
        check_imported(variable, &mut invalid);
    }
    invalid.finish()?;
    Ok((model, notes))
}
