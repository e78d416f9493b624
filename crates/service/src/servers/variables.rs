//! What a server's egg wants to know of its owner.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::egg::check_value;
use panel_domain::id::{EggVariableId, ServerId, ServerRef};
use panel_domain::permission::{AdminPermission, ServerPermission};
use panel_domain::server::ServerAction;
use panel_domain::validate::Invalid;
use panel_eggs::Variable as Model;
use panel_storage::eggs::EggVariable;
use panel_storage::{Readable, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{change, lookup};
use crate::cx::Cx;
use crate::eggs::to_variable;
use crate::error::Error;

/// A variable of a server.
#[derive(Debug, Clone)]
pub struct Variable {
    /// What the egg says about it.
    pub model: Model,
    /// The value in force.
    pub value: String,
    /// Whether the caller may change it.
    pub editable: bool,
    /// When the egg got it.
    pub created_at: DateTime<Utc>,
}

/// A value for the variable with this name in the environment.
#[derive(Debug, Clone)]
pub struct VariableValue {
    /// Name of the variable.
    pub env_variable: String,
    /// The value.
    pub value: String,
}

/// Who asks: users see and change what the egg lets them, administrators everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    User,
    Admin,
}

/// The variables of a server that its users see.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn variables(cx: &Cx, server: ServerRef) -> Result<Vec<Variable>, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::StartupRead, ServerAction::View)
        .await?;
    let id = allowed.resource().id;
    let row = lookup::shown(cx, id).await?;
    shown(&mut cx.read().await?, &row, Side::User).await
}

/// All variables of a server, for administrators.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn variables_for_admin(cx: &Cx, server: ServerRef) -> Result<Vec<Variable>, Error> {
    cx.require_admin(AdminPermission::ServersVariables)?;
    let details = lookup::details(cx, server).await?;
    shown(&mut cx.read().await?, &details.server, Side::Admin).await
}

/// Changes values; variables that are not named keep theirs.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`], [`Error::Invalid`] with a message for each value that its
/// egg does not accept.
pub async fn set_variables(
    cx: &Cx,
    server: ServerRef,
    values: Vec<VariableValue>,
) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::StartupUpdate, ServerAction::Use)
        .await?;
    set(cx, allowed.resource().id, values, Side::User).await
}

/// As [`set_variables`] with one value, for somebody who was asked already whether they may.
pub(crate) async fn choose_value(
    cx: &Cx,
    server: ServerId,
    value: VariableValue,
) -> Result<(), Error> {
    set(cx, server, vec![value], Side::User).await
}

/// Changes values of any variables, for administrators.
///
/// # Errors
/// As [`set_variables`].
pub async fn set_variables_for_admin(
    cx: &Cx,
    server: ServerRef,
    values: Vec<VariableValue>,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersVariables)?;
    let row = lookup::current(&mut cx.read_primary().await?, server).await?;
    crate::authorize::state_of(&row, false).allows(ServerAction::Edit, true)?;
    set(cx, row.id, values, Side::Admin).await
}

async fn shown(
    conn: &mut impl Readable,
    server: &servers::Server,
    side: Side,
) -> Result<Vec<Variable>, Error> {
    let (rows, values) = servers::variables_with_values(conn, server.id).await?;
    let own = by_variable(values);
    rows.into_iter()
        .filter(|row| side == Side::Admin || row.user_viewable)
        .map(|row| {
            let model = to_variable(&row)?;
            let value = own.get(&row.id).unwrap_or(&model.default_value).clone();
            Ok(Variable {
                value,
                editable: side == Side::Admin || row.user_editable,
                created_at: row.created_at,
                model,
            })
        })
        .collect()
}

fn by_variable(values: Vec<servers::ServerVariable>) -> HashMap<EggVariableId, String> {
    values
        .into_iter()
        .map(|row| (row.variable_id, row.value))
        .collect()
}

async fn set(cx: &Cx, id: ServerId, values: Vec<VariableValue>, side: Side) -> Result<(), Error> {
    let (rows, values_now) =
        servers::variables_with_values(&mut cx.read_primary().await?, id).await?;
    let own = by_variable(values_now);
    let own = rows
        .iter()
        .filter_map(|row| Some((row.env_variable.clone(), own.get(&row.id)?.clone())))
        .collect();
    let changeable =
        |row: &EggVariable| side == Side::Admin || (row.user_viewable && row.user_editable);
    let mut invalid = Invalid::new();
    let chosen = choose(&rows, Some(own), &values, changeable, &mut invalid)?;
    invalid.finish()?;
    if chosen.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = values.iter().map(|v| v.env_variable.as_str()).collect();
    let entry = cx
        .entry(Event::StartupEdit, json!({ "variables": names }))
        .on(id);
    let now = cx.now();
    let (chosen, entry) = (&chosen, &entry);
    cx.write(|tx| {
        async move {
            servers::set_variables(tx, id, chosen, now);
            entry.record(tx);
            change::sync(tx, id, now)
        }
        .scope_boxed()
    })
    .await
}

/// Checks chosen values and gives them with the ids of their variables. `own` are the values that the server has already;
/// `None` for a new one.
///
/// Only what is chosen has to satisfy the egg's rules: defaults of real eggs often do not. A variable that must have a value
/// and has none is wrong all the same when a server is made.
pub(crate) fn choose(
    rows: &[EggVariable],
    own: Option<BTreeMap<String, String>>,
    chosen: &[VariableValue],
    changeable: impl Fn(&EggVariable) -> bool,
    invalid: &mut Invalid,
) -> Result<Vec<(EggVariableId, String)>, Error> {
    let is_new = own.is_none();
    let mut own = own.unwrap_or_default();
    let mut ids: BTreeMap<EggVariableId, String> = BTreeMap::new();
    for VariableValue {
        env_variable,
        value,
    } in chosen
    {
        let field = field_of(env_variable);
        match rows.iter().find(|row| row.env_variable == *env_variable) {
            Some(row) if changeable(row) => {
                check_value(&field, value, invalid);
                own.insert(env_variable.clone(), value.clone());
                ids.insert(row.id, value.clone());
            }
            Some(row) if row.user_viewable => invalid.push(field, "must not be changed"),
            _ => invalid.push(field, "is not a variable of the server's egg"),
        }
    }
    let models: Vec<Model> = rows.iter().map(to_variable).collect::<Result<_, _>>()?;
    let values = panel_eggs::effective_values(&models, &own);
    for violation in panel_eggs::validate(&models, &values) {
        let value = values
            .get(&violation.env_variable)
            .map_or("", String::as_str);
        let model = models
            .iter()
            .find(|model| model.env_variable == violation.env_variable);
        let is_default = model.is_some_and(|model| model.default_value == value);
        let was_chosen = chosen
            .iter()
            .any(|value| value.env_variable == violation.env_variable);
        let counts = if value.is_empty() {
            was_chosen || is_new
        } else {
            was_chosen && !is_default
        };
        if counts {
            invalid.push(field_of(&violation.env_variable), violation.message);
        }
    }
    Ok(ids.into_iter().collect())
}

fn field_of(env_variable: &str) -> String {
    format!("variables.{env_variable}")
}

#[cfg(test)]
mod tests {
    use panel_domain::id::EggId;
    use serde_json::json;

    use super::*;

    fn row(name: &str, default: &str, editable: bool, rules: &[&str]) -> EggVariable {
        EggVariable {
            id: EggVariableId::new_v4(),
            egg_id: EggId::new_v4(),
            name: name.to_owned(),
            description: None,
            name_translations: json!({}),
            description_translations: json!({}),
            position: 0,
            env_variable: name.to_owned(),
            default_value: Some(default.to_owned()),
            user_viewable: name != "HIDDEN",
            user_editable: editable,
            secret: false,
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn values(of: &[(&str, &str)]) -> Vec<VariableValue> {
        of.iter()
            .map(|(name, value)| VariableValue {
                env_variable: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect()
    }

    fn wrong(
        rows: &[EggVariable],
        own: Option<&[(&str, &str)]>,
        chosen: &[(&str, &str)],
    ) -> Vec<String> {
        let own = own.map(|own| {
            own.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        });
        let mut invalid = Invalid::new();
        choose(
            rows,
            own,
            &values(chosen),
            |row| row.user_editable,
            &mut invalid,
        )
        .unwrap();
        invalid
            .fields()
            .iter()
            .map(|error| error.field.clone())
            .collect()
    }

    #[test]
    fn what_is_chosen_satisfies_the_rules_and_defaults_need_not() {
        let rows = [
            row("PORT", "no number", true, &["required", "integer"]),
            row("NAME", "", true, &["required", "string"]),
            row("FIXED", "1", false, &[]),
            row("HIDDEN", "1", false, &[]),
        ];
        let none: Vec<String> = Vec::new();
        assert_eq!(wrong(&rows, None, &[("NAME", "x")]), none);
        assert_eq!(
            wrong(&rows, None, &[("NAME", "x"), ("PORT", "no number")]),
            none,
            "what the form showed comes back as it was"
        );
        assert_eq!(wrong(&rows, None, &[]), ["variables.NAME"]);
        assert_eq!(
            wrong(&rows, Some(&[("NAME", "x")]), &[("PORT", "x")]),
            ["variables.PORT"]
        );
        assert_eq!(
            wrong(
                &rows,
                Some(&[("NAME", "x")]),
                &[("FIXED", "2"), ("HIDDEN", "2"), ("NEW", "")]
            ),
            ["variables.FIXED", "variables.HIDDEN", "variables.NEW"]
        );
    }
}
