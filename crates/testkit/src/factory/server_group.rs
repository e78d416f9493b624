//! Groups that users arrange their servers in.

use panel_domain::id::{ServerGroupId, UserId};
use panel_storage::server_groups::{self, ServerGroup};
use scoped_futures::ScopedFutureExt;

use super::{number, write};
use crate::app::TestApp;

/// A group of a user without servers.
pub async fn server_group(app: &TestApp, user: UserId) -> ServerGroupId {
    let row = ServerGroup {
        id: ServerGroupId::new_v4(),
        user_id: user,
        name: format!("Group {}", number()),
        position: 0,
        created_at: app.now(),
        servers: Vec::new(),
    };
    let new = &row;
    write(app, "a group of servers", |tx| {
        async move {
            server_groups::insert(tx, new, i64::MAX).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await;
    row.id
}
