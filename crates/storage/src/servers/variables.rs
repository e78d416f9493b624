//! The values that servers give the variables of their eggs.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{EggVariableId, ServerId};
use uuid::Uuid;

use crate::db::{LateSql, Readable, Tx};
use crate::eggs::EggVariable;
use crate::error::Error;
use crate::schema::{egg_variables, server_variables, servers};

/// The value a server gives a variable.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = server_variables, check_for_backend(Pg))]
pub struct ServerVariable {
    #[diesel(deserialize_as = Uuid)]
    pub server_id: ServerId,
    #[diesel(deserialize_as = Uuid)]
    pub variable_id: EggVariableId,
    pub value: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The value a server gives each variable of its egg that it has a value for.
pub async fn variables(
    conn: &mut impl Readable,
    id: ServerId,
) -> Result<Vec<ServerVariable>, Error> {
    conn.load(
        server_variables::table
            .filter(server_variables::server_id.eq(id.uuid()))
            .select(ServerVariable::as_select()),
    )
    .await
}

/// The variables of the server's egg in the order people see, and the values that the server gives them, in one round trip.
pub async fn variables_with_values(
    conn: &mut impl Readable,
    id: ServerId,
) -> Result<(Vec<EggVariable>, Vec<ServerVariable>), Error> {
    let egg = servers::table
        .filter(servers::id.eq(id.uuid()))
        .select(servers::egg_id);
    conn.pair(
        egg_variables::table
            .filter(egg_variables::egg_id.eq_any(egg))
            .order((egg_variables::position, egg_variables::env_variable))
            .select(EggVariable::as_select()),
        server_variables::table
            .filter(server_variables::server_id.eq(id.uuid()))
            .select(ServerVariable::as_select()),
    )
    .await
}

/// Sets values of variables with COMMIT.
pub fn set_variables(
    tx: &mut Tx,
    id: ServerId,
    values: &[(EggVariableId, String)],
    now: DateTime<Utc>,
) {
    if values.is_empty() {
        return;
    }
    let mut separator = "(";
    let mut statement = LateSql::new(
        "INSERT INTO server_variables (server_id, variable_id, value, created_at, updated_at) VALUES ",
    );
    for (variable, value) in values {
        statement = statement
            .sql(separator)
            .value(id.uuid())
            .sql(",")
            .value(variable.uuid())
            .sql(",")
            .value(value)
            .sql(",")
            .values([now, now])
            .sql(")");
        separator = ",(";
    }
    tx.at_commit(statement.sql(
        " ON CONFLICT (server_id, variable_id) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
    ));
}

/// The values these servers give variables.
pub async fn variables_of_many(
    conn: &mut impl Readable,
    ids: &[ServerId],
) -> Result<Vec<ServerVariable>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        server_variables::table
            .filter(server_variables::server_id.eq_any(ids))
            .select(ServerVariable::as_select()),
    )
    .await
}
