//! What the owner of a server fills in.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::upsert::excluded;
use panel_domain::id::{EggId, EggVariableId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::schema::{egg_variables, server_variables};

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

/// The variable of this id and egg, locked until the transaction ends: whoever changes or deletes it meanwhile waits.
pub async fn lock_variable(
    tx: &mut Tx,
    egg: EggId,
    id: EggVariableId,
) -> Result<Option<EggVariable>, Error> {
    tx.optional(
        egg_variables::table
            .find(id.uuid())
            .filter(egg_variables::egg_id.eq(egg.uuid()))
            .select(EggVariable::as_select())
            .for_update(),
    )
    .await
}

/// Replaces the content of a variable. `false`: there is none of its id and egg.
///
/// # Errors
/// [`Error::Conflict`] on `egg_variables_env_variable_key`.
pub async fn update_variable(tx: &mut Tx, variable: &EggVariable) -> Result<bool, Error> {
    let row = egg_variables::table
        .find(variable.id.uuid())
        .filter(egg_variables::egg_id.eq(variable.egg_id.uuid()));
    Ok(tx
        .execute(diesel::update(row).set(VariableContent::from(variable)))
        .await?
        > 0)
}

/// Deletes a variable of an egg with the values servers gave it. `false`: there was none.
pub async fn delete_variable(tx: &mut Tx, egg: EggId, id: EggVariableId) -> Result<bool, Error> {
    let row = egg_variables::table
        .find(id.uuid())
        .filter(egg_variables::egg_id.eq(egg.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
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

/// The variables of an egg, locked until the transaction ends: no server is given its first value of one meanwhile.
pub async fn lock_variables(tx: &mut Tx, egg: EggId) -> Result<Vec<EggVariable>, Error> {
    tx.load(
        egg_variables::table
            .filter(egg_variables::egg_id.eq(egg.uuid()))
            .order(egg_variables::id)
            .select(EggVariable::as_select())
            .for_update(),
    )
    .await
}

/// Deletes the variables of an egg that are not among these names and that no server has a value of; gives the names of the
/// deleted ones. To be called with the variables locked, in a statement of its own: only then it sees the values that were
/// given while it waited for the lock.
pub async fn delete_unused_variables(
    tx: &mut Tx,
    egg: EggId,
    names: Vec<String>,
) -> Result<Vec<String>, Error> {
    let values =
        server_variables::table.filter(server_variables::variable_id.eq(egg_variables::id));
    tx.load(
        diesel::delete(
            egg_variables::table
                .filter(egg_variables::egg_id.eq(egg.uuid()))
                .filter(egg_variables::env_variable.ne_all(names))
                .filter(diesel::dsl::not(diesel::dsl::exists(values))),
        )
        .returning(egg_variables::env_variable),
    )
    .await
}

/// Adds variables to an egg. One whose environment name is there already gets the new content and keeps its id, and with it
/// the values that servers gave it.
pub async fn put_variables(tx: &mut Tx, egg: EggId, rows: &[EggVariable]) -> Result<(), Error> {
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
