//! How nests, eggs and their variables look to clients.

use panel_api_types::egg::{AdminEgg, EggNote, EggNoteKind, EggPart, EggVariable};
use panel_api_types::nest::Nest;
use panel_domain::egg::EggPart as Part;
use panel_service::{Error, eggs, nests};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A nest.
pub(crate) fn nest(row: nests::Nest) -> Nest {
    Nest {
        uuid: row.id.uuid(),
        author: row.author,
        name: row.name,
        description: row.description,
        created: row.created_at,
    }
}

/// An egg as administrators see it.
///
/// # Errors
/// A column that holds what it must not.
pub(crate) fn admin_egg(row: eggs::Egg) -> Result<AdminEgg, Error> {
    Ok(AdminEgg {
        uuid: row.id.uuid(),
        egg_repository_egg: None,
        author: row.author,
        name: row.name,
        description: row.description,
        config_files: column(&row.config_files)?,
        config_startup: column(&row.config_startup)?,
        config_stop: column(&row.config_stop)?,
        config_script: column(&row.config_script)?,
        startup_commands: column(&row.startup_commands)?,
        force_outgoing_ip: row.force_outgoing_ip,
        separate_port: row.separate_port,
        features: row.features,
        docker_images: column(&row.docker_images)?,
        file_denylist: row.file_denylist,
        created: row.created_at,
    })
}

/// What there is to say about a file.
pub(crate) fn notes(notes: Vec<eggs::Note>) -> Vec<EggNote> {
    let kind = |kind| match kind {
        eggs::NoteKind::Repaired => EggNoteKind::Repaired,
        eggs::NoteKind::Dropped => EggNoteKind::Dropped,
        eggs::NoteKind::Changed => EggNoteKind::Changed,
        eggs::NoteKind::Ignored => EggNoteKind::Ignored,
        eggs::NoteKind::Attention => EggNoteKind::Attention,
    };
    notes
        .into_iter()
        .map(|note| EggNote {
            path: note.path,
            kind: kind(note.kind),
            message: note.message,
        })
        .collect()
}

/// A part of an egg.
pub(crate) const fn part(part: Part) -> EggPart {
    match part {
        Part::ConfigFiles => EggPart::ConfigFiles,
        Part::ConfigStartup => EggPart::ConfigStartup,
        Part::ConfigStop => EggPart::ConfigStop,
        Part::ConfigScript => EggPart::ConfigScript,
        Part::Features => EggPart::Features,
        Part::FileDenylist => EggPart::FileDenylist,
    }
}

/// The part that a client names.
pub(crate) const fn domain_part(part: EggPart) -> Part {
    match part {
        EggPart::ConfigFiles => Part::ConfigFiles,
        EggPart::ConfigStartup => Part::ConfigStartup,
        EggPart::ConfigStop => Part::ConfigStop,
        EggPart::ConfigScript => Part::ConfigScript,
        EggPart::Features => Part::Features,
        EggPart::FileDenylist => Part::FileDenylist,
    }
}

/// A variable of an egg.
///
/// # Errors
/// As [`admin_egg`].
pub(crate) fn variable(row: eggs::EggVariable) -> Result<EggVariable, Error> {
    Ok(EggVariable {
        uuid: row.id.uuid(),
        name: row.name,
        name_translations: column(&row.name_translations)?,
        description: row.description,
        description_translations: column(&row.description_translations)?,
        order: i32::from(row.position),
        env_variable: row.env_variable,
        default_value: row.default_value,
        user_viewable: row.user_viewable,
        user_editable: row.user_editable,
        is_secret: row.secret,
        rules: row.rules,
        created: row.created_at,
    })
}

fn column<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    T::deserialize(value).map_err(Error::internal)
}
