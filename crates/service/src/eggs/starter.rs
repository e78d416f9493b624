//! The eggs that come with the panel.

use std::collections::{BTreeMap, BTreeSet};

use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::eggs as rows;
use panel_storage::nests::{self, Nest};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, from_model};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// An egg that comes with the panel.
#[derive(Debug, Clone)]
pub struct StarterEgg {
    /// Its name in requests.
    pub slug: &'static str,
    /// Name of the nest it is installed in.
    pub nest: &'static str,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it was installed from here.
    pub installed: bool,
}

/// The eggs that come with the panel, and which of them are installed.
///
/// # Errors
/// [`Error::Denied`] without the permission to see eggs.
pub async fn starter(cx: &Cx) -> Result<Vec<StarterEgg>, Error> {
    cx.require_admin(AdminPermission::EggsRead)?;
    let installed = rows::starter_slugs(&mut cx.read().await?).await?;
    let eggs = panel_eggs::starter().map_err(Error::internal)?;
    Ok(eggs
        .into_iter()
        .map(|starter| StarterEgg {
            slug: starter.slug,
            nest: starter.nest,
            installed: installed.iter().any(|slug| slug == starter.slug),
            description: starter.egg.description.unwrap_or_default(),
            name: starter.egg.name,
        })
        .collect())
}

/// Installs some of the eggs that come with the panel, in nests that are made as needed. Gives those that were not there yet.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] for a name that none of them has, [`Error::Taken`] when a nest has another egg of one's name.
pub async fn install_starter(cx: &Cx, slugs: Vec<String>) -> Result<Vec<String>, Error> {
    cx.require_admin(AdminPermission::NestsCreate)?;
    cx.require_admin(AdminPermission::EggsCreate)?;
    let offered = panel_eggs::starter().map_err(Error::internal)?;
    let mut invalid = Invalid::new();
    for slug in &slugs {
        let known = offered.iter().any(|starter| starter.slug == slug);
        invalid.require(known, "slugs", format!("there is no starter egg {slug:?}"));
    }
    invalid.finish()?;
    let now = cx.now();
    let mut conn = cx.read_primary().await?;
    let installed: BTreeSet<String> = rows::starter_slugs(&mut conn).await?.into_iter().collect();
    let wanted: Vec<_> = offered
        .into_iter()
        .filter(|starter| slugs.iter().any(|slug| slug == starter.slug))
        .filter(|starter| !installed.contains(starter.slug))
        .collect();
    let mut nest_ids: BTreeMap<&str, NestId> = BTreeMap::new();
    let mut new_nests = Vec::new();
    let (mut eggs, mut variables) = (Vec::new(), Vec::new());
    for starter in &wanted {
        let nest = match nest_ids.get(starter.nest) {
            Some(id) => *id,
            None => match nests::find_by_name(&mut conn, starter.nest).await? {
                Some(nest) => nest.id,
                None => {
                    let id = NestId::new_v4();
                    new_nests.push(Nest {
                        id,
                        name: starter.nest.to_owned(),
                        author: starter.egg.author.clone(),
                        description: None,
                        created_at: now,
                    });
                    id
                }
            },
        };
        nest_ids.insert(starter.nest, nest);
        let slug = Some(starter.slug.to_owned());
        let (egg, of_egg) = from_model(&starter.egg, EggId::new_v4(), nest, slug, now)?;
        eggs.push(egg);
        variables.extend(of_egg);
    }
    drop(conn);
    let installed: Vec<String> = wanted.iter().map(|s| s.slug.to_owned()).collect();
    if installed.is_empty() {
        return Ok(installed);
    }
    let entry = cx.entry(Event::EggImport, json!({ "starter": installed }));
    let (new_nests, eggs, variables, entry) = (&new_nests, &eggs, &variables, &entry);
    cx.write(|tx| {
        async move {
            for nest in new_nests {
                nests::insert(tx, nest).await.taken(
                    crate::nests::NAME_KEY,
                    "slugs",
                    "are being installed by somebody else at this moment: try again",
                )?;
            }
            rows::insert_many(tx, eggs)
                .await
                .map_err(|error| match error.is_conflict_on(NAME_KEY) {
                    true => Error::Taken(Invalid::of(
                        "slugs",
                        "one of them has the name of another egg in its nest: rename that one first",
                    )),
                    false => error.into(),
                })?;
            rows::insert_variables(tx, variables).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(installed)
}
