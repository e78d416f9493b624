//! Variables of eggs: what the owner of a server fills in.

use indexmap::IndexMap;
use panel_domain::activity::Event;
use panel_domain::egg::MAX_VARIABLES;
use panel_domain::id::{EggId, EggVariableId, NestId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::eggs::{self as rows, EggVariable};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::check::check_variable;
use super::find;
use crate::cx::Cx;
use crate::error::{Error, Taken};

const ENV_KEY: &str = "egg_variables_env_variable_key";
const ENV_TAKEN: &str = "is the name of another variable of this egg";

/// A new variable.
#[derive(Debug, Clone)]
pub struct NewVariable {
    /// What people call it.
    pub name: String,
    /// The name by language code.
    pub name_translations: IndexMap<String, String>,
    /// Free text.
    pub description: Option<String>,
    /// The description by language code.
    pub description_translations: IndexMap<String, String>,
    /// Place in the list, lowest first.
    pub order: i32,
    /// Name in the container's environment, unique in the egg.
    pub env_variable: String,
    /// Value of servers that set none.
    pub default_value: Option<String>,
    /// Whether the owner sees it.
    pub user_viewable: bool,
    /// Whether the owner may change it.
    pub user_editable: bool,
    /// Whether its value is hidden.
    pub secret: bool,
    /// What a value must satisfy.
    pub rules: Vec<String>,
}

/// Changes of a variable: `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of a new variable")]
pub struct VariableUpdate {
    pub name: Option<String>,
    pub name_translations: Option<IndexMap<String, String>>,
    pub description: Option<Option<String>>,
    pub description_translations: Option<IndexMap<String, String>>,
    pub order: Option<i32>,
    pub env_variable: Option<String>,
    pub default_value: Option<Option<String>>,
    pub user_viewable: Option<bool>,
    pub user_editable: Option<bool>,
    pub secret: Option<bool>,
    pub rules: Option<Vec<String>>,
}

/// The variables of an egg, in the order people see.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn list(cx: &Cx, nest: NestId, egg: EggId) -> Result<Vec<EggVariable>, Error> {
    cx.require_admin(AdminPermission::EggsRead)?;
    find(cx, nest, egg).await?;
    Ok(rows::variables(&mut cx.read().await?, egg).await?)
}

/// Adds a variable to an egg. Servers have its default until they are given a value.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name in the environment that another one has.
pub async fn create(
    cx: &Cx,
    nest: NestId,
    egg: EggId,
    input: NewVariable,
) -> Result<EggVariable, Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    find(cx, nest, egg).await?;
    let mut invalid = Invalid::new();
    let row = EggVariable {
        id: EggVariableId::new_v4(),
        egg_id: egg,
        name: input.name,
        description: input.description,
        name_translations: json!(input.name_translations),
        description_translations: json!(input.description_translations),
        position: position(input.order, &mut invalid),
        env_variable: input.env_variable,
        default_value: input.default_value,
        user_viewable: input.user_viewable,
        user_editable: input.user_editable,
        secret: input.secret,
        rules: input.rules,
        created_at: cx.now(),
    };
    check_variable(&row, &mut invalid);
    invalid.finish()?;
    insert(cx, row).await
}

/// Adds a variable like another one of the egg, under other names.
///
/// # Errors
/// As [`create`].
pub async fn duplicate(
    cx: &Cx,
    nest: NestId,
    egg: EggId,
    id: EggVariableId,
    name: String,
    env_variable: String,
) -> Result<EggVariable, Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    find(cx, nest, egg).await?;
    let row = EggVariable {
        id: EggVariableId::new_v4(),
        name,
        env_variable,
        created_at: cx.now(),
        ..on_primary(cx, egg, id).await?
    };
    let mut invalid = Invalid::new();
    check_variable(&row, &mut invalid);
    invalid.finish()?;
    insert(cx, row).await
}

async fn insert(cx: &Cx, row: EggVariable) -> Result<EggVariable, Error> {
    let entry = cx.entry(Event::EggVariableCreate, described(&row));
    let (row_ref, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            let there = rows::variables(tx, row_ref.egg_id).await?.len();
            if there >= MAX_VARIABLES {
                return Err(Error::conflict(
                    "too_many_variables",
                    format!("an egg has at most {MAX_VARIABLES} variables"),
                ));
            }
            rows::insert_variables(tx, std::slice::from_ref(row_ref))
                .await
                .taken(ENV_KEY, "env_variable", ENV_TAKEN)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(row)
}

/// Changes a variable. Values that servers have stay, also those that break a new rule: they are told at the next change.
///
/// # Errors
/// As [`create`].
pub async fn update(
    cx: &Cx,
    nest: NestId,
    egg: EggId,
    id: EggVariableId,
    input: VariableUpdate,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    find(cx, nest, egg).await?;
    let entry = cx.entry(Event::EggVariableUpdate, json!({}));
    let (input, entry) = (&input, &entry);
    cx.write(|tx| {
        async move {
            let before = rows::lock_variable(tx, egg, id)
                .await?
                .ok_or(Error::not_found("egg variable"))?;
            let row = changed(before, input.clone())?;
            rows::update_variable(tx, &row)
                .await
                .taken(ENV_KEY, "env_variable", ENV_TAKEN)?;
            entry.clone().with(described(&row)).record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// A variable as it is after a change.
fn changed(before: EggVariable, input: VariableUpdate) -> Result<EggVariable, Error> {
    let mut invalid = Invalid::new();
    let row = EggVariable {
        id: before.id,
        egg_id: before.egg_id,
        name: input.name.unwrap_or(before.name),
        description: input.description.unwrap_or(before.description),
        name_translations: input
            .name_translations
            .map_or(before.name_translations, |texts| json!(texts)),
        description_translations: input
            .description_translations
            .map_or(before.description_translations, |texts| json!(texts)),
        position: input
            .order
            .map_or(before.position, |order| position(order, &mut invalid)),
        env_variable: input.env_variable.unwrap_or(before.env_variable),
        default_value: input.default_value.unwrap_or(before.default_value),
        user_viewable: input.user_viewable.unwrap_or(before.user_viewable),
        user_editable: input.user_editable.unwrap_or(before.user_editable),
        secret: input.secret.unwrap_or(before.secret),
        rules: input.rules.unwrap_or(before.rules),
        created_at: before.created_at,
    };
    check_variable(&row, &mut invalid);
    invalid.finish()?;
    Ok(row)
}

/// Deletes a variable with the values that servers gave it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn delete(cx: &Cx, nest: NestId, egg: EggId, id: EggVariableId) -> Result<(), Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    find(cx, nest, egg).await?;
    let row = on_primary(cx, egg, id).await?;
    let entry = cx.entry(Event::EggVariableDelete, described(&row));
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if !rows::delete_variable(tx, egg, id).await? {
                return Err(Error::not_found("egg variable"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Puts the variables of an egg into this order. Ids that are not the egg's are passed over.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`] for more ids than an egg has variables.
pub async fn order(
    cx: &Cx,
    nest: NestId,
    egg: EggId,
    order: Vec<EggVariableId>,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    find(cx, nest, egg).await?;
    let mut invalid = Invalid::new();
    invalid.require(
        order.len() <= MAX_VARIABLES,
        "variable_order",
        format!("must be at most {MAX_VARIABLES} variables"),
    );
    invalid.finish()?;
    let entry = cx.entry(
        Event::EggVariableUpdate,
        json!({ "egg_uuid": egg, "order": order }),
    );
    let (order, entry) = (&order, &entry);
    cx.write(|tx| {
        async move {
            rows::order_variables(tx, egg, order).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

async fn on_primary(cx: &Cx, egg: EggId, id: EggVariableId) -> Result<EggVariable, Error> {
    rows::find_variable(&mut cx.read_primary().await?, egg, id)
        .await?
        .ok_or(Error::not_found("egg variable"))
}

fn position(order: i32, invalid: &mut Invalid) -> i16 {
    let position = i16::try_from(order);
    invalid.require(
        position.is_ok(),
        "order",
        format!("must be between {} and {}", i16::MIN, i16::MAX),
    );
    position.unwrap_or_default()
}

fn described(row: &EggVariable) -> serde_json::Value {
    json!({ "uuid": row.id, "egg_uuid": row.egg_id, "env_variable": row.env_variable })
}
