//! `GET /api/client/permissions`.

use actix_web::get;
use actix_web::web::Json;
use panel_api_types::permission::{PermissionGroup, Permissions};
use panel_domain::permission::{AdminPermission, Permission, ServerPermission, UserPermission};

use crate::extract::Caller;

/// List all permissions there are
#[utoipa::path(responses((status = 200, description = "The catalogues.", body = Permissions)))]
#[get("/permissions")]
pub(crate) async fn list(_caller: Caller) -> Json<Permissions> {
    Json(Permissions {
        user_permissions: catalogue::<UserPermission>(),
        server_permissions: catalogue::<ServerPermission>(),
        admin_permissions: catalogue::<AdminPermission>(),
    })
}

fn catalogue<P: Permission>() -> indexmap::IndexMap<String, PermissionGroup> {
    let group = |group: &panel_domain::permission::Group<P>| {
        let permissions = group.permissions.iter();
        PermissionGroup {
            description: group.description.to_owned(),
            permissions: permissions
                .map(|p| (p.name().to_owned(), p.description().to_owned()))
                .collect(),
        }
    };
    P::GROUPS
        .iter()
        .map(|g| (g.key.to_owned(), group(g)))
        .collect()
}
