//! Making a nest.

use panel_domain::activity::Event;
use panel_domain::egg;
use panel_domain::id::NestId;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::nests::{self, Nest};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// A new nest.
#[derive(Debug, Clone)]
pub struct NewNest {
    /// Unique among nests.
    pub name: String,
    /// Who wrote it, usually an e-mail address.
    pub author: String,
    /// For administrators.
    pub description: Option<String>,
}

/// Makes a nest.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn create(cx: &Cx, input: NewNest) -> Result<Nest, Error> {
    cx.require_admin(AdminPermission::NestsCreate)?;
    let mut invalid = Invalid::new();
    egg::check_nest(
        &input.name,
        &input.author,
        input.description.as_deref(),
        &mut invalid,
    );
    invalid.finish()?;
    let row = Nest {
        id: NestId::new_v4(),
        name: input.name,
        author: input.author,
        description: input.description,
        created_at: cx.now(),
    };
    let entry = cx.entry(
        Event::NestCreate,
        json!({ "uuid": row.id, "name": row.name }),
    );
    let (row_ref, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            nests::insert(tx, row_ref)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(row)
}
