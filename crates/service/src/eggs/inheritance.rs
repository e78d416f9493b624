//! What eggs take over from other eggs of their nest.

use std::collections::BTreeSet;

use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::eggs::{self as rows, Inherited};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::cx::Cx;
use crate::error::Error;

/// What an egg inherits, and which eggs inherit from it.
#[derive(Debug, Clone)]
pub struct Inheritance {
    /// The inherited parts.
    pub inherited: Vec<Inherited>,
    /// The eggs that inherit something from this one.
    pub heirs: Vec<EggId>,
}

/// Reads what an egg inherits.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn inheritance(cx: &Cx, nest: NestId, id: EggId) -> Result<Inheritance, Error> {
    cx.require_admin(AdminPermission::EggsRead)?;
    find(cx, nest, id).await?;
    let mut conn = cx.read().await?;
    Ok(Inheritance {
        inherited: rows::inherited(&mut conn, id).await?,
        heirs: rows::heirs(&mut conn, id).await?,
    })
}

/// Sets which parts of an egg are taken over from which egg of its nest, and takes them over.
///
/// A part that is inherited no more keeps what it says. An inherited part follows its origin; one that is changed in the heir is the
/// heir's own from then on. Inheritance has one step: who inherits is not inherited from.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`] for a part that is named twice or an origin that is not another egg of the
/// nest, [`Error::Conflict`] for a second step.
pub async fn set_inheritance(
    cx: &Cx,
    nest: NestId,
    id: EggId,
    parts: Vec<Inherited>,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    find(cx, nest, id).await?;
    let mut invalid = Invalid::new();
    let mut named = BTreeSet::new();
    for (index, inherited) in parts.iter().enumerate() {
        let field = |name: &str| format!("inherited.{index}.{name}");
        invalid.require(
            named.insert(inherited.part),
            &field("part"),
            "must be named once only",
        );
        invalid.require(
            inherited.parent != id,
            &field("from"),
            "must be another egg",
        );
    }
    invalid.finish()?;
    let parents: BTreeSet<EggId> = parts.iter().map(|inherited| inherited.parent).collect();
    let parents: Vec<EggId> = parents.into_iter().collect();
    let family: Vec<EggId> = parents.iter().copied().chain([id]).collect();
    let listed: Vec<_> = parts
        .iter()
        .map(|inherited| json!({ "part": inherited.part.as_str(), "from": inherited.parent }))
        .collect();
    let entry = cx.entry(
        Event::EggUpdate,
        json!({ "uuid": id, "nest_uuid": nest, "inherited": listed }),
    );
    let (parts, parents, family, entry) = (&parts, &parents, &family, &entry);
    cx.write(|tx| {
        async move {
            let there = rows::lock_eggs(tx, nest, family).await?;
            if !there.contains(&id) {
                return Err(Error::not_found("egg"));
            }
            if let Some(at) = parts.iter().position(|one| !there.contains(&one.parent)) {
                return Err(Error::invalid(
                    &format!("inherited.{at}.from"),
                    "must be an egg of the same nest",
                ));
            }
            let second_step = !parts.is_empty()
                && (!rows::inheriting(tx, parents).await?.is_empty()
                    || !rows::heirs(tx, id).await?.is_empty());
            if second_step {
                return Err(Error::conflict(
                    "egg_inherits",
                    "an egg that inherits cannot be inherited from: choose the egg that has the part as its own",
                ));
            }
            rows::set_inherited(tx, id, nest, parts);
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
