//! Replacing an egg by a newer file of it.

use std::collections::BTreeMap;

use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_eggs::{Family, Note, NoteKind};
use panel_storage::eggs::{self as rows, EggVariable};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::import::read;
use super::{NAME_KEY, NAME_TAKEN, find, from_model};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Replaces what an egg says by what a file says, and gives what there is to say about the file.
///
/// Variables are matched by their environment names, so that servers keep the values they have. A variable that
/// the file lacks is deleted, unless a server has a value of it: then it stays, after the others. What the file's
/// format cannot say stays as it was: the secrecy and the translations of variables, the outgoing address, the
/// port's presentation.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`] when it is no egg, [`Error::Taken`] for a name that another egg of the nest has.
pub async fn reimport(cx: &Cx, nest: NestId, id: EggId, file: &[u8]) -> Result<Vec<Note>, Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    find(cx, nest, id).await?;
    replace(cx, nest, id, file).await
}

/// As [`reimport`], for somebody who may.
pub(super) async fn replace(
    cx: &Cx,
    nest: NestId,
    id: EggId,
    file: &[u8],
) -> Result<Vec<Note>, Error> {
    let (model, mut notes) = read(file)?;
    let says_all = model
        .source
        .format
        .is_none_or(|format| format.family() == Family::Native);
    let (egg, variables) = from_model(&model, id, nest, None, cx.now())?;
    let entry = cx.entry(
        Event::EggUpdate,
        json!({ "uuid": id, "name": egg.name, "nest_uuid": nest, "imported": true }),
    );
    let addressing = says_all.then(|| rows::EggAddressing::from(&egg));
    let (content, variables, entry) = (&rows::EggContent::from(&egg), &variables, &entry);
    let inherited = rows::inherited(&mut cx.read_primary().await?, id).await?;
    let (deleted, kept) = cx
        .write(|tx| {
            async move {
                let found = rows::update(tx, id, content, addressing)
                    .await
                    .taken(NAME_KEY, "name", NAME_TAKEN)?;
                if !found {
                    return Err(Error::not_found("egg"));
                }
                let held = rows::lock_variables(tx, id).await?;
                let names = variables.iter().map(|row| row.env_variable.clone());
                let deleted = rows::delete_unused_variables(tx, id, names.collect()).await?;
                let (rows, kept) = merged(variables, held, &deleted, says_all);
                rows::put_variables(tx, id, &rows).await?;
                entry.record(tx);
                Ok((deleted, kept))
            }
            .scope_boxed()
        })
        .await?;
    let note = |env: &String, kind, message| Note {
        path: format!("/variables/{env}"),
        kind,
        message,
    };
    notes.extend(deleted.iter().map(|env| {
        let message = format!(
            "The file has no variable `{env}` any more. It is deleted; no server had a value of it."
        );
        note(env, NoteKind::Dropped, message)
    }));
    notes.extend(kept.iter().map(|env| {
        let message = format!(
            "The file has no variable `{env}` any more. It stays, since servers have values of it."
        );
        note(env, NoteKind::Attention, message)
    }));
    notes.extend(inherited.iter().map(|inherited| Note {
        path: format!("/{}", inherited.part.as_str()),
        kind: NoteKind::Attention,
        message: "The egg inherited this part. It still does where the file says the same; otherwise the part is its own now."
            .to_owned(),
    }));
    Ok(notes)
}

/// The variables an egg has after an update, and the names of those that only servers' values keep.
fn merged(
    file: &[EggVariable],
    held: Vec<EggVariable>,
    deleted: &[String],
    says_all: bool,
) -> (Vec<EggVariable>, Vec<String>) {
    let mut held: BTreeMap<String, EggVariable> = held
        .into_iter()
        .filter(|row| !deleted.contains(&row.env_variable))
        .map(|row| (row.env_variable.clone(), row))
        .collect();
    let mut rows: Vec<EggVariable> = file
        .iter()
        .map(|row| {
            let mut row = row.clone();
            if let Some(before) = held.remove(&row.env_variable)
                && !says_all
            {
                row.secret = before.secret;
                row.name_translations = before.name_translations;
                row.description_translations = before.description_translations;
            }
            row
        })
        .collect();
    let mut others: Vec<EggVariable> = held.into_values().collect();
    others.sort_by_key(|row| row.position);
    let kept = others.iter().map(|row| row.env_variable.clone()).collect();
    for mut row in others {
        row.position = i16::try_from(rows.len()).unwrap_or(i16::MAX);
        rows.push(row);
    }
    (rows, kept)
}
