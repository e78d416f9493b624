//! Console commands that users keep under a name.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{self, Array, BigInt};
use panel_domain::id::{CommandSnippetId, EggId, UserId};
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::schema::{command_snippet_eggs, command_snippets};
use crate::types::contains;

/// A snippet with the eggs it is for.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct CommandSnippet {
    #[diesel(deserialize_as = Uuid)]
    pub id: CommandSnippetId,
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    pub name: String,
    pub command: String,
    pub all_eggs: bool,
    pub created_at: DateTime<Utc>,
    pub eggs: Vec<Uuid>,
}

/// The columns, and the eggs of each row.
macro_rules! whole {
    () => {
        (
            command_snippets::id,
            command_snippets::user_id,
            command_snippets::name,
            command_snippets::command,
            command_snippets::all_eggs,
            command_snippets::created_at,
            sql::<Array<sql_types::Uuid>>(
                "ARRAY(SELECT e.egg_id FROM command_snippet_eggs e \
                 WHERE e.command_snippet_id = command_snippets.id ORDER BY e.egg_id)",
            ),
        )
    };
}

/// One page of a user's snippets by name, those whose name contains `search`, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    user: UserId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<CommandSnippet>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        command_snippets::table
            .filter(command_snippets::user_id.eq(user.uuid()))
            .filter(command_snippets::name.ilike(pattern.clone()))
    };
    conn.page(
        found().count(),
        found()
            .order((command_snippets::name, command_snippets::id))
            .offset(offset)
            .limit(limit)
            .select(whole!()),
    )
    .await
}

/// A user's snippets that are for this egg, by name.
pub async fn for_egg(
    conn: &mut impl Readable,
    user: UserId,
    egg: EggId,
) -> Result<Vec<CommandSnippet>, Error> {
    let of_egg = command_snippet_eggs::table
        .filter(command_snippet_eggs::command_snippet_id.eq(command_snippets::id))
        .filter(command_snippet_eggs::egg_id.eq(egg.uuid()));
    conn.load(
        command_snippets::table
            .filter(command_snippets::user_id.eq(user.uuid()))
            .filter(command_snippets::all_eggs.or(exists(of_egg)))
            .order((command_snippets::name, command_snippets::id))
            .select(whole!()),
    )
    .await
}

/// The snippet of this id, if it is this user's.
pub async fn find(
    conn: &mut impl Readable,
    user: UserId,
    id: CommandSnippetId,
) -> Result<Option<CommandSnippet>, Error> {
    let row = command_snippets::table
        .find(id.uuid())
        .filter(command_snippets::user_id.eq(user.uuid()));
    conn.optional(row.select(whole!())).await
}

/// Adds a snippet of a user who is [locked](crate::users::lock), unless they have `most` already. `false`: they have.
///
/// # Errors
/// [`Error::Conflict`] on `command_snippets_name_key`, [`Error::ForeignKey`] on an egg that is not there.
pub async fn insert(tx: &mut Tx, new: &CommandSnippet, most: i64) -> Result<bool, Error> {
    let inserted = tx
        .execute(
            Sql::new("INSERT INTO command_snippets (id, user_id, name, command, all_eggs, created_at) SELECT ")
                .bind::<sql_types::Uuid, _>(new.id.uuid())
                .sql(", ")
                .bind::<sql_types::Uuid, _>(new.user_id.uuid())
                .sql(", ")
                .bind::<sql_types::Text, _>(new.name.clone())
                .sql(", ")
                .bind::<sql_types::Text, _>(new.command.clone())
                .sql(", ")
                .bind::<sql_types::Bool, _>(new.all_eggs)
                .sql(", ")
                .bind::<sql_types::Timestamptz, _>(new.created_at)
                .sql(" WHERE (SELECT count(*) FROM command_snippets WHERE user_id = ")
                .bind::<sql_types::Uuid, _>(new.user_id.uuid())
                .sql(") < ")
                .bind::<BigInt, _>(most),
        )
        .await?;
    if inserted == 0 {
        return Ok(false);
    }
    insert_eggs(tx, new.id, &new.eggs).await?;
    Ok(true)
}

/// Changes to a snippet: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = command_snippets)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct CommandSnippetChanges {
    pub name: Option<String>,
    pub command: Option<String>,
    pub all_eggs: Option<bool>,
}

/// Changes a snippet of a user, and with `eggs` which eggs it is for. `false`: the user has none of this id.
///
/// # Errors
/// As [`insert`].
pub async fn update(
    tx: &mut Tx,
    user: UserId,
    id: CommandSnippetId,
    changes: &CommandSnippetChanges,
    eggs: Option<&[Uuid]>,
) -> Result<bool, Error> {
    let row = command_snippets::table
        .find(id.uuid())
        .filter(command_snippets::user_id.eq(user.uuid()));
    if tx.execute(diesel::update(row).set(changes.clone())).await? == 0 {
        return Ok(false);
    }
    if let Some(eggs) = eggs {
        let former = command_snippet_eggs::table
            .filter(command_snippet_eggs::command_snippet_id.eq(id.uuid()));
        tx.execute(diesel::delete(former)).await?;
        insert_eggs(tx, id, eggs).await?;
    }
    Ok(true)
}

async fn insert_eggs(tx: &mut Tx, id: CommandSnippetId, eggs: &[Uuid]) -> Result<(), Error> {
    if eggs.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = eggs
        .iter()
        .map(|egg| {
            (
                command_snippet_eggs::command_snippet_id.eq(id.uuid()),
                command_snippet_eggs::egg_id.eq(*egg),
            )
        })
        .collect();
    tx.execute(diesel::insert_into(command_snippet_eggs::table).values(rows))
        .await?;
    Ok(())
}

/// Deletes a snippet of a user. `false`: the user has none of this id.
pub async fn delete(tx: &mut Tx, user: UserId, id: CommandSnippetId) -> Result<bool, Error> {
    let row = command_snippets::table
        .find(id.uuid())
        .filter(command_snippets::user_id.eq(user.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}
