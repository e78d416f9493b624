//! Parts that eggs take over from other eggs of their nest.
//!
//! An inherited part stands in the heir's row like one of its own, so that nobody who reads an egg has to look for its origin.
//! It follows the origin when that changes; when it is changed itself, it is the heir's own from then on.

use diesel::prelude::*;
use panel_domain::egg::EggPart;
use panel_domain::id::{EggId, NestId};
use uuid::Uuid;

use crate::db::{LateSql, Readable, Tx};
use crate::error::Error;
use crate::parts::{EGG, Part};
use crate::schema::{egg_inheritance, eggs};

/// A part of an egg and the egg it is taken over from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inherited {
    /// The part.
    pub part: EggPart,
    /// The egg that has it as its own.
    pub parent: EggId,
}

/// What an egg inherits.
pub async fn inherited(conn: &mut impl Readable, egg: EggId) -> Result<Vec<Inherited>, Error> {
    let rows: Vec<(String, Uuid)> = conn
        .load(
            egg_inheritance::table
                .filter(egg_inheritance::egg_id.eq(egg.uuid()))
                .order(egg_inheritance::part)
                .select((egg_inheritance::part, egg_inheritance::parent_id)),
        )
        .await?;
    rows.into_iter()
        .map(|(part, parent)| {
            let part = EggPart::from_name(&part)
                .ok_or_else(|| Error::internal(format!("{part:?} is no part of an egg")))?;
            Ok(Inherited {
                part,
                parent: EggId::from(parent),
            })
        })
        .collect()
}

/// The eggs that inherit something from this one.
pub async fn heirs(conn: &mut impl Readable, egg: EggId) -> Result<Vec<EggId>, Error> {
    let ids: Vec<Uuid> = conn
        .load(
            egg_inheritance::table
                .filter(egg_inheritance::parent_id.eq(egg.uuid()))
                .order(egg_inheritance::egg_id)
                .distinct()
                .select(egg_inheritance::egg_id),
        )
        .await?;
    Ok(ids.into_iter().map(EggId::from).collect())
}

/// Locks eggs of a nest until the transaction ends, so that neither what they say nor who inherits from them changes. Gives
/// those that exist.
pub async fn lock_eggs(tx: &mut Tx, nest: NestId, ids: &[EggId]) -> Result<Vec<EggId>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let found: Vec<Uuid> = tx
        .load(
            eggs::table
                .filter(eggs::nest_id.eq(nest.uuid()))
                .filter(eggs::id.eq_any(ids))
                .order(eggs::id)
                .select(eggs::id)
                .for_update(),
        )
        .await?;
    Ok(found.into_iter().map(EggId::from).collect())
}

/// Those of these eggs that inherit something themselves.
pub async fn inheriting(tx: &mut Tx, ids: &[EggId]) -> Result<Vec<EggId>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let found: Vec<Uuid> = tx
        .load(
            egg_inheritance::table
                .filter(egg_inheritance::egg_id.eq_any(ids))
                .distinct()
                .select(egg_inheritance::egg_id),
        )
        .await?;
    Ok(found.into_iter().map(EggId::from).collect())
}

/// Sets what an egg inherits, and takes it over, when the transaction commits. To be called with all of these eggs locked.
pub fn set_inherited(tx: &mut Tx, egg: EggId, nest: NestId, parts: &[Inherited]) {
    let of_egg = LateSql::new("DELETE FROM egg_inheritance WHERE egg_id = ").value(egg.uuid());
    tx.at_commit(of_egg);
    for inherited in parts {
        let row =
            LateSql::new("INSERT INTO egg_inheritance (egg_id, nest_id, part, parent_id) VALUES (")
                .value(egg.uuid())
                .sql(",")
                .value(nest.uuid())
                .sql(",")
                .value(inherited.part.as_str())
                .sql(",")
                .value(inherited.parent.uuid())
                .sql(")");
        tx.at_commit(row);
    }
    take_over(tx, "c.id = ", egg);
    tx.changed(Part::Egg(egg));
}

/// After a change of an egg, when the transaction commits: a part that differs from its origin now is the egg's own, and heirs
/// of the egg get what it says.
pub(super) fn follow(tx: &mut Tx, egg: EggId) {
    let mut own = LateSql::new(
        "DELETE FROM egg_inheritance i USING eggs c, eggs p \
         WHERE c.id = i.egg_id AND p.id = i.parent_id AND CASE i.part ",
    );
    for part in EggPart::ALL {
        own = own.sql(match part {
            EggPart::ConfigFiles => {
                "WHEN 'config_files' THEN c.config_files::jsonb <> p.config_files::jsonb "
            }
            EggPart::ConfigStartup => {
                "WHEN 'config_startup' THEN c.config_startup::jsonb <> p.config_startup::jsonb "
            }
            EggPart::ConfigStop => {
                "WHEN 'config_stop' THEN c.config_stop::jsonb <> p.config_stop::jsonb "
            }
            EggPart::ConfigScript => {
                "WHEN 'config_script' THEN c.config_script::jsonb <> p.config_script::jsonb "
            }
            EggPart::Features => "WHEN 'features' THEN c.features <> p.features ",
            EggPart::FileDenylist => {
                "WHEN 'file_denylist' THEN c.file_denylist <> p.file_denylist "
            }
        });
    }
    tx.at_commit(own.sql("END AND i.egg_id = ").value(egg.uuid()));
    take_over(
        tx,
        "c.id IN (SELECT egg_id FROM egg_inheritance WHERE parent_id = ",
        egg,
    );
    let heirs = LateSql::new("INSERT INTO cache_invalidations (key) SELECT DISTINCT ")
        .value(EGG)
        .sql(" || egg_id FROM egg_inheritance WHERE parent_id = ")
        .value(egg.uuid());
    tx.at_commit(heirs);
}

/// Writes the inherited parts of heirs as their origins have them. `which` begins the condition on the heirs, which ends with
/// an egg.
fn take_over(tx: &mut Tx, which: &'static str, egg: EggId) {
    let mut update = LateSql::new("UPDATE eggs c SET ");
    for (index, part) in EggPart::ALL.into_iter().enumerate() {
        let separator = if index == 0 { "" } else { "," };
        // A name of a part is the name of its column.
        update = update
            .sql(separator)
            .sql(part.as_str())
            .sql(" = coalesce((SELECT p.")
            .sql(part.as_str())
            .sql(" FROM egg_inheritance i JOIN eggs p ON p.id = i.parent_id WHERE i.egg_id = c.id AND i.part = '")
            .sql(part.as_str())
            .sql("'), c.")
            .sql(part.as_str())
            .sql(")");
    }
    let end = if which.contains('(') { ")" } else { "" };
    tx.at_commit(update.sql(" WHERE ").sql(which).value(egg.uuid()).sql(end));
}
