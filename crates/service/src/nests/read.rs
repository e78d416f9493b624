//! Reading nests.

use std::collections::HashMap;

use panel_domain::id::NestId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::eggs::{self, Egg};
use panel_storage::nests::{self, Nest};

use crate::cx::Cx;
use crate::error::Error;

/// One page of nests by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`] without the permission to see nests.
pub async fn list(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<Nest>, Error> {
    cx.require_admin(AdminPermission::NestsRead)?;
    let mut conn = cx.read().await?;
    let (rows, total) = nests::list(&mut conn, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows))
}

/// One nest.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(cx: &Cx, id: NestId) -> Result<Nest, Error> {
    cx.require_admin(AdminPermission::NestsRead)?;
    find(cx, id).await
}

/// A nest with its eggs.
#[derive(Debug, Clone)]
pub struct NestEggs {
    /// The nest.
    pub nest: Nest,
    /// Its eggs, by name.
    pub eggs: Vec<Egg>,
}

/// All nests with all of their eggs, for forms that choose one.
///
/// # Errors
/// [`Error::Denied`] without the permission to see eggs.
pub async fn with_eggs(cx: &Cx) -> Result<Vec<NestEggs>, Error> {
    cx.require_admin(AdminPermission::EggsRead)?;
    let mut conn = cx.read().await?;
    let (nests, _) = nests::list(&mut conn, None, 0, i64::MAX).await?;
    let mut eggs: HashMap<NestId, Vec<Egg>> = HashMap::new();
    for egg in eggs::all(&mut conn).await? {
        eggs.entry(egg.nest_id).or_default().push(egg);
    }
    Ok(nests
        .into_iter()
        .map(|nest| NestEggs {
            eggs: eggs.remove(&nest.id).unwrap_or_default(),
            nest,
        })
        .collect())
}

pub(crate) async fn find(cx: &Cx, id: NestId) -> Result<Nest, Error> {
    let found = nests::find(&mut cx.read().await?, id).await?;
    found.ok_or(Error::not_found("nest"))
}
