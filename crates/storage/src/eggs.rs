//! Recipes that servers are made from.

mod inheritance;
mod variables;

pub use inheritance::{Inherited, heirs, inherited, inheriting, lock_eggs, set_inherited};
pub use variables::{
    EggVariable, delete_unused_variables, delete_variable, find_variable, insert_variables,
    lock_variable, lock_variables, order_variables, put_variables, update_variable, variables,
    variables_of_many,
};

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use panel_domain::id::{EggId, NestId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::schema::{eggs, servers as server_rows};
use crate::servers;
use crate::types::contains;

/// The foreign key that keeps an egg another one inherits from.
pub const INHERITANCE_KEY: &str = "egg_inheritance_parent_fkey";

/// An egg.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = eggs, check_for_backend(Pg))]
pub struct Egg {
    #[diesel(deserialize_as = Uuid)]
    pub id: EggId,
    #[diesel(deserialize_as = Uuid)]
    pub nest_id: NestId,
    pub name: String,
    pub author: String,
    pub description: Option<String>,
    pub starter_slug: Option<String>,
    pub config_files: Value,
    pub config_startup: Value,
    pub config_stop: Value,
    pub config_script: Value,
    pub startup_commands: Value,
    pub docker_images: Value,
    pub features: Vec<String>,
    pub file_denylist: Vec<String>,
    pub force_outgoing_ip: bool,
    pub separate_port: bool,
    pub source: Option<Value>,
    pub created_at: DateTime<Utc>,
}

/// The egg of this id.
pub async fn find(conn: &mut impl Readable, id: EggId) -> Result<Option<Egg>, Error> {
    conn.optional(eggs::table.find(id.uuid()).select(Egg::as_select()))
        .await
}

/// An egg of a nest.
pub async fn find_in_nest(
    conn: &mut impl Readable,
    nest: NestId,
    id: EggId,
) -> Result<Option<Egg>, Error> {
    conn.optional(
        eggs::table
            .find(id.uuid())
            .filter(eggs::nest_id.eq(nest.uuid()))
            .select(Egg::as_select()),
    )
    .await
}

/// The egg of this id and nest, locked until the transaction ends: whoever changes it meanwhile waits.
pub async fn lock(tx: &mut Tx, nest: NestId, id: EggId) -> Result<Option<Egg>, Error> {
    tx.optional(
        eggs::table
            .find(id.uuid())
            .filter(eggs::nest_id.eq(nest.uuid()))
            .select(Egg::as_select())
            .for_update(),
    )
    .await
}

/// Which eggs a list shows.
#[derive(Debug, Clone, Default)]
pub struct EggFilter {
    /// Part of the name.
    pub search: Option<String>,
    /// Only of this nest.
    pub nest_id: Option<NestId>,
}

fn filtered(filter: &EggFilter) -> eggs::BoxedQuery<'static, Pg> {
    let mut query = eggs::table.into_boxed();
    if let Some(search) = &filter.search {
        query = query.filter(eggs::name.ilike(contains(search)));
    }
    if let Some(nest) = filter.nest_id {
        query = query.filter(eggs::nest_id.eq(nest.uuid()));
    }
    query
}

/// One page of eggs by name, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    filter: &EggFilter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Egg>, i64), Error> {
    conn.page(
        filtered(filter).count(),
        filtered(filter)
            .order((eggs::name, eggs::id))
            .offset(offset)
            .limit(limit)
            .select(Egg::as_select()),
    )
    .await
}

/// One page of the eggs that servers of a user run, which they own or were given a share of, by name: those whose name contains `search`; and
/// how many there are.
pub async fn of_user(
    conn: &mut impl Readable,
    user: UserId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Egg>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        let run = servers::of_user(user)
            .filter(server_rows::deleting_at.is_null())
            .select(server_rows::egg_id);
        eggs::table
            .filter(eggs::id.eq_any(run))
            .filter(eggs::name.ilike(pattern.clone()))
    };
    conn.page(
        found().count(),
        found()
            .order((eggs::name, eggs::id))
            .offset(offset)
            .limit(limit)
            .select(Egg::as_select()),
    )
    .await
}

/// The slugs of the starter eggs that are installed.
pub async fn starter_slugs(conn: &mut impl Readable) -> Result<Vec<String>, Error> {
    let slugs: Vec<Option<String>> = conn
        .load(
            eggs::table
                .filter(eggs::starter_slug.is_not_null())
                .select(eggs::starter_slug),
        )
        .await?;
    Ok(slugs.into_iter().flatten().collect())
}

/// Adds an egg.
///
/// # Errors
/// [`Error::Conflict`] on `eggs_name_key` or `eggs_starter_slug_key`.
pub async fn insert(tx: &mut Tx, egg: &Egg) -> Result<(), Error> {
    insert_many(tx, std::slice::from_ref(egg)).await
}

/// How an egg's servers use their addresses, which most formats of files cannot say.
#[derive(Debug, Clone, Copy, AsChangeset, Insertable)]
#[diesel(table_name = eggs, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct EggAddressing {
    pub force_outgoing_ip: bool,
    pub separate_port: bool,
}

impl From<&Egg> for EggAddressing {
    fn from(egg: &Egg) -> Self {
        Self {
            force_outgoing_ip: egg.force_outgoing_ip,
            separate_port: egg.separate_port,
        }
    }
}

/// Everything else about an egg that an import or an edit replaces.
#[derive(Debug, Clone, AsChangeset, Insertable)]
#[diesel(table_name = eggs, treat_none_as_null = true, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct EggContent {
    pub name: String,
    pub author: String,
    pub description: Option<String>,
    pub config_files: Value,
    pub config_startup: Value,
    pub config_stop: Value,
    pub config_script: Value,
    pub startup_commands: Value,
    pub docker_images: Value,
    pub features: Vec<String>,
    pub file_denylist: Vec<String>,
    pub source: Option<Value>,
}

impl From<&Egg> for EggContent {
    fn from(egg: &Egg) -> Self {
        let egg = egg.clone();
        Self {
            name: egg.name,
            author: egg.author,
            description: egg.description,
            config_files: egg.config_files,
            config_startup: egg.config_startup,
            config_stop: egg.config_stop,
            config_script: egg.config_script,
            startup_commands: egg.startup_commands,
            docker_images: egg.docker_images,
            features: egg.features,
            file_denylist: egg.file_denylist,
            source: egg.source,
        }
    }
}

/// Replaces the content of an egg; eggs that inherit from it follow. Without `addressing`, that stays as it is. `false`: there is none
/// of this id.
///
/// # Errors
/// [`Error::Conflict`] on `eggs_name_key`.
pub async fn update(
    tx: &mut Tx,
    id: EggId,
    content: &EggContent,
    addressing: Option<EggAddressing>,
) -> Result<bool, Error> {
    tx.changed(Part::Egg(id));
    let found = tx
        .execute(diesel::update(eggs::table.find(id.uuid())).set((content.clone(), addressing)))
        .await?
        > 0;
    inheritance::follow(tx, id);
    Ok(found)
}

/// The eggs of these ids, in no particular order.
pub async fn load_many(conn: &mut impl Readable, ids: &[EggId]) -> Result<Vec<Egg>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        eggs::table
            .filter(eggs::id.eq_any(ids))
            .select(Egg::as_select()),
    )
    .await
}

/// All eggs, by name.
pub async fn all(conn: &mut impl Readable) -> Result<Vec<Egg>, Error> {
    conn.load(
        eggs::table
            .order((eggs::name, eggs::id))
            .select(Egg::as_select()),
    )
    .await
}

/// Adds eggs.
///
/// # Errors
/// As with [`insert`].
pub async fn insert_many(tx: &mut Tx, rows: &[Egg]) -> Result<(), Error> {
    let values: Vec<_> = rows
        .iter()
        .map(|egg| {
            (
                eggs::id.eq(egg.id.uuid()),
                eggs::nest_id.eq(egg.nest_id.uuid()),
                eggs::starter_slug.eq(egg.starter_slug.clone()),
                eggs::created_at.eq(egg.created_at),
                EggContent::from(egg),
                EggAddressing::from(egg),
            )
        })
        .collect();
    tx.execute(diesel::insert_into(eggs::table).values(values))
        .await?;
    Ok(())
}

/// Adds eggs, but for those whose name another egg of their nest has. Gives the ids of those that were added.
///
/// # Errors
/// [`Error::ForeignKey`] on a nest that is not there.
pub async fn insert_free(
    tx: &mut Tx,
    rows: impl Iterator<Item = &Egg> + Send,
) -> Result<Vec<EggId>, Error> {
    let values: Vec<_> = rows
        .map(|egg| {
            (
                eggs::id.eq(egg.id.uuid()),
                eggs::nest_id.eq(egg.nest_id.uuid()),
                eggs::starter_slug.eq(egg.starter_slug.clone()),
                eggs::created_at.eq(egg.created_at),
                EggContent::from(egg),
                EggAddressing::from(egg),
            )
        })
        .collect();
    let ids: Vec<Uuid> = tx
        .load(
            diesel::insert_into(eggs::table)
                .values(values)
                .on_conflict((eggs::nest_id, eggs::name))
                .do_nothing()
                .returning(eggs::id),
        )
        .await?;
    Ok(ids.into_iter().map(EggId::from).collect())
}

/// Moves eggs from one nest to another, and gives the ids of those that were there.
///
/// # Errors
/// [`Error::Conflict`] on `eggs_name_key`, [`Error::ForeignKey`] on a nest that is not there.
pub async fn move_many(
    tx: &mut Tx,
    from: NestId,
    ids: &[EggId],
    to: NestId,
) -> Result<Vec<EggId>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let moved: Vec<Uuid> = tx
        .load(
            diesel::update(
                eggs::table
                    .filter(eggs::nest_id.eq(from.uuid()))
                    .filter(eggs::id.eq_any(ids)),
            )
            .set(eggs::nest_id.eq(to.uuid()))
            .returning(eggs::id),
        )
        .await?;
    Ok(moved.into_iter().map(EggId::from).collect())
}

#[derive(QueryableByName)]
struct Gone {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Deletes eggs of a nest with their variables, and gives the ids of those that were there.
///
/// # Errors
/// [`Error::ForeignKey`] while servers run one, or on [`INHERITANCE_KEY`] while another egg inherits from one.
pub async fn delete_many(tx: &mut Tx, nest: NestId, ids: &[EggId]) -> Result<Vec<EggId>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    // In one statement: what these eggs inherit from each other must not keep them.
    let gone: Vec<Gone> = tx
        .load(
            Sql::new("WITH own AS (DELETE FROM egg_inheritance WHERE nest_id = ")
                .bind::<SqlUuid, _>(nest.uuid())
                .sql(" AND egg_id = ANY (")
                .bind::<Array<SqlUuid>, _>(ids.clone())
                .sql(")) DELETE FROM eggs WHERE nest_id = ")
                .bind::<SqlUuid, _>(nest.uuid())
                .sql(" AND id = ANY (")
                .bind::<Array<SqlUuid>, _>(ids)
                .sql(") RETURNING id"),
        )
        .await?;
    Ok(gone.into_iter().map(|egg| EggId::from(egg.id)).collect())
}

/// Deletes all eggs of a nest with their variables.
///
/// # Errors
/// [`Error::ForeignKey`] while servers run one.
pub async fn delete_of_nest(tx: &mut Tx, nest: NestId) -> Result<usize, Error> {
    tx.execute(
        Sql::new("WITH gone AS (DELETE FROM egg_inheritance WHERE nest_id = ")
            .bind::<SqlUuid, _>(nest.uuid())
            .sql(") DELETE FROM eggs WHERE nest_id = ")
            .bind::<SqlUuid, _>(nest.uuid()),
    )
    .await
}
