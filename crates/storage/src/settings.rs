//! Values that operators change at run time.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use serde_json::Value;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::schema::settings;

/// A setting.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = settings, check_for_backend(Pg))]
pub struct Setting {
    pub key: String,
    pub value: Value,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
}

/// Every setting that differs from its default.
pub async fn all(conn: &mut impl Readable) -> Result<Vec<Setting>, Error> {
    conn.load(
        settings::table
            .order(settings::key)
            .select(Setting::as_select()),
    )
    .await
}

/// Sets one value. Other settings stay as they are, whoever changes them meanwhile.
pub async fn set(tx: &mut Tx, key: &str, value: &Value, now: DateTime<Utc>) -> Result<(), Error> {
    tx.changed(Part::Settings);
    tx.execute(
        diesel::insert_into(settings::table)
            .values((
                settings::key.eq(key.to_owned()),
                settings::value.eq(value.clone()),
                settings::updated_at.eq(now),
            ))
            .on_conflict(settings::key)
            .do_update()
            .set((
                settings::value.eq(value.clone()),
                settings::version.eq(settings::version + 1),
                settings::updated_at.eq(now),
            )),
    )
    .await?;
    Ok(())
}
