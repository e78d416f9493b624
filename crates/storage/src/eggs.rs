//! Recipes that servers are made from.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::upsert::excluded;
use panel_domain::id::{EggId, EggVariableId, NestId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::schema::{egg_variables, eggs};
use crate::types::contains;

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

/// A variable of an egg.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = egg_variables, check_for_backend(Pg))]
pub struct EggVariable {
    #[diesel(deserialize_as = Uuid)]
    pub id: EggVariableId,
    #[diesel(deserialize_as = Uuid)]
    pub egg_id: EggId,
    pub name: String,
    pub description: Option<String>,
    pub name_translations: Value,
    pub description_translations: Value,
    pub position: i16,
    pub env_variable: String,
    pub default_value: Option<String>,
    pub user_viewable: bool,
    pub user_editable: bool,
    pub secret: bool,
    pub rules: Vec<String>,
    pub created_at: DateTime<Utc>,
}

/// The egg of this id.
pub async fn find(conn: &mut impl Readable, id: EggId) -> Result<Option<Egg>, Error> {
    conn.optional(eggs::table.find(id.uuid()).select(Egg::as_select()))
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
    tx.execute(diesel::insert_into(eggs::table).values((
        eggs::id.eq(egg.id.uuid()),
        eggs::nest_id.eq(egg.nest_id.uuid()),
        eggs::starter_slug.eq(egg.starter_slug.clone()),
        eggs::created_at.eq(egg.created_at),
        EggContent::from(egg),
    )))
    .await?;
    Ok(())
}

/// Everything about an egg that an import or an edit replaces.
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
    pub force_outgoing_ip: bool,
    pub separate_port: bool,
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
            force_outgoing_ip: egg.force_outgoing_ip,
            separate_port: egg.separate_port,
            source: egg.source,
        }
    }
}

/// Replaces the content of an egg. `false`: there is none of this id.
///
/// # Errors
/// [`Error::Conflict`] on `eggs_name_key`.
pub async fn update(tx: &mut Tx, id: EggId, content: &EggContent) -> Result<bool, Error> {
    tx.changed(Part::Egg(id));
    Ok(tx
        .execute(diesel::update(eggs::table.find(id.uuid())).set(content.clone()))
        .await?
        > 0)
}

/// Deletes an egg with its variables. `false`: there was none.
///
/// # Errors
/// [`Error::ForeignKey`] while servers run it.
pub async fn delete(tx: &mut Tx, id: EggId) -> Result<bool, Error> {
    Ok(tx
        .execute(diesel::delete(eggs::table.find(id.uuid())))
        .await?
        > 0)
}

/// The variables of an egg, in the order people see.
pub async fn variables(conn: &mut impl Readable, egg: EggId) -> Result<Vec<EggVariable>, Error> {
    conn.load(
        egg_variables::table
            .filter(egg_variables::egg_id.eq(egg.uuid()))
            .order((egg_variables::position, egg_variables::env_variable))
            .select(EggVariable::as_select()),
    )
    .await
}

/// Everything about a variable that an import or an edit replaces.
#[derive(Debug, Clone, AsChangeset, Insertable)]
#[diesel(table_name = egg_variables, treat_none_as_null = true, check_for_backend(Pg))]
struct VariableContent {
    name: String,
    description: Option<String>,
    name_translations: Value,
    description_translations: Value,
    position: i16,
    env_variable: String,
    default_value: Option<String>,
    user_viewable: bool,
    user_editable: bool,
    secret: bool,
    rules: Vec<String>,
}

impl From<&EggVariable> for VariableContent {
    fn from(variable: &EggVariable) -> Self {
        let variable = variable.clone();
        Self {
            name: variable.name,
            description: variable.description,
            name_translations: variable.name_translations,
            description_translations: variable.description_translations,
            position: variable.position,
            env_variable: variable.env_variable,
            default_value: variable.default_value,
            user_viewable: variable.user_viewable,
            user_editable: variable.user_editable,
            secret: variable.secret,
            rules: variable.rules,
        }
    }
}

/// Adds a variable, or replaces the content of the one with the same id.
///
/// # Errors
/// [`Error::Conflict`] on `egg_variables_env_variable_key`.
pub async fn put_variable(tx: &mut Tx, variable: &EggVariable) -> Result<(), Error> {
    let content = VariableContent::from(variable);
    tx.execute(
        diesel::insert_into(egg_variables::table)
            .values((
                egg_variables::id.eq(variable.id.uuid()),
                egg_variables::egg_id.eq(variable.egg_id.uuid()),
                egg_variables::created_at.eq(variable.created_at),
                content.clone(),
            ))
            .on_conflict(egg_variables::id)
            .do_update()
            .set(content),
    )
    .await?;
    Ok(())
}

/// Deletes a variable of an egg with the values servers gave it. `false`: there was none.
pub async fn delete_variable(tx: &mut Tx, egg: EggId, id: EggVariableId) -> Result<bool, Error> {
    let row = egg_variables::table
        .find(id.uuid())
        .filter(egg_variables::egg_id.eq(egg.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
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

/// The variables of these eggs, those of each in the order people see.
pub async fn variables_of_many(
    conn: &mut impl Readable,
    ids: &[EggId],
) -> Result<Vec<EggVariable>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        egg_variables::table
            .filter(egg_variables::egg_id.eq_any(ids))
            .order((egg_variables::position, egg_variables::env_variable))
            .select(EggVariable::as_select()),
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
            )
        })
        .collect();
    tx.execute(diesel::insert_into(eggs::table).values(values))
        .await?;
    Ok(())
}

/// Adds variables.
///
/// # Errors
/// [`Error::Conflict`] on `egg_variables_env_variable_key`.
pub async fn insert_variables(tx: &mut Tx, rows: &[EggVariable]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let values: Vec<_> = rows
        .iter()
        .map(|variable| {
            (
                egg_variables::id.eq(variable.id.uuid()),
                egg_variables::egg_id.eq(variable.egg_id.uuid()),
                egg_variables::created_at.eq(variable.created_at),
                VariableContent::from(variable),
            )
        })
        .collect();
    tx.execute(diesel::insert_into(egg_variables::table).values(values))
        .await?;
    Ok(())
}

/// Replaces the variables of an egg by these. A variable whose environment name stays keeps its id and with it the values that
/// servers gave it; the values of those that go are lost.
pub async fn replace_variables(tx: &mut Tx, egg: EggId, rows: &[EggVariable]) -> Result<(), Error> {
    let names: Vec<String> = rows.iter().map(|row| row.env_variable.clone()).collect();
    tx.execute(diesel::delete(
        egg_variables::table
            .filter(egg_variables::egg_id.eq(egg.uuid()))
            .filter(egg_variables::env_variable.ne_all(names)),
    ))
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let values: Vec<_> = rows
        .iter()
        .map(|variable| {
            (
                egg_variables::id.eq(variable.id.uuid()),
                egg_variables::egg_id.eq(egg.uuid()),
                egg_variables::created_at.eq(variable.created_at),
                VariableContent::from(variable),
            )
        })
        .collect();
    tx.execute(
        diesel::insert_into(egg_variables::table)
            .values(values)
            .on_conflict((egg_variables::egg_id, egg_variables::env_variable))
            .do_update()
            .set((
                egg_variables::name.eq(excluded(egg_variables::name)),
                egg_variables::description.eq(excluded(egg_variables::description)),
                egg_variables::name_translations.eq(excluded(egg_variables::name_translations)),
                egg_variables::description_translations
                    .eq(excluded(egg_variables::description_translations)),
                egg_variables::position.eq(excluded(egg_variables::position)),
                egg_variables::default_value.eq(excluded(egg_variables::default_value)),
                egg_variables::user_viewable.eq(excluded(egg_variables::user_viewable)),
                egg_variables::user_editable.eq(excluded(egg_variables::user_editable)),
                egg_variables::secret.eq(excluded(egg_variables::secret)),
                egg_variables::rules.eq(excluded(egg_variables::rules)),
            )),
    )
    .await?;
    Ok(())
}

/// The variable of this id and egg.
pub async fn find_variable(
    conn: &mut impl Readable,
    egg: EggId,
    id: EggVariableId,
) -> Result<Option<EggVariable>, Error> {
    conn.optional(
        egg_variables::table
            .find(id.uuid())
            .filter(egg_variables::egg_id.eq(egg.uuid()))
            .select(EggVariable::as_select()),
    )
    .await
}

/// Puts the variables of an egg into this order; those that are not named keep their positions.
pub async fn order_variables(
    tx: &mut Tx,
    egg: EggId,
    order: &[EggVariableId],
) -> Result<usize, Error> {
    use diesel::sql_types::{Array, Uuid as SqlUuid};
    let ids: Vec<Uuid> = order.iter().map(|id| id.uuid()).collect();
    tx.execute(
        Sql::new("UPDATE egg_variables SET position = wanted.place - 1 FROM unnest(")
            .bind::<Array<SqlUuid>, _>(ids)
            .sql(
                ") WITH ORDINALITY AS wanted (id, place) \
                 WHERE egg_variables.id = wanted.id AND egg_variables.egg_id = ",
            )
            .bind::<SqlUuid, _>(egg.uuid()),
    )
    .await
}

/// Moves eggs from one nest to another, and gives how many there were.
///
/// # Errors
/// [`Error::Conflict`] on `eggs_name_key`, [`Error::ForeignKey`] on a nest that is not there.
pub async fn move_many(
    tx: &mut Tx,
    from: NestId,
    ids: &[EggId],
    to: NestId,
) -> Result<usize, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    tx.execute(
        diesel::update(
            eggs::table
                .filter(eggs::nest_id.eq(from.uuid()))
                .filter(eggs::id.eq_any(ids)),
        )
        .set(eggs::nest_id.eq(to.uuid())),
    )
    .await
}

/// Deletes eggs of a nest with their variables, and gives how many there were.
///
/// # Errors
/// [`Error::ForeignKey`] while servers run one.
pub async fn delete_many(tx: &mut Tx, nest: NestId, ids: &[EggId]) -> Result<usize, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    tx.execute(diesel::delete(
        eggs::table
            .filter(eggs::nest_id.eq(nest.uuid()))
            .filter(eggs::id.eq_any(ids)),
    ))
    .await
}

/// Deletes all eggs of a nest with their variables.
///
/// # Errors
/// [`Error::ForeignKey`] while servers run one.
pub async fn delete_of_nest(tx: &mut Tx, nest: NestId) -> Result<usize, Error> {
    tx.execute(diesel::delete(
        eggs::table.filter(eggs::nest_id.eq(nest.uuid())),
    ))
    .await
}
