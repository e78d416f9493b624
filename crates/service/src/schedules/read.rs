//! Looking at schedules.

use panel_domain::id::{ScheduleId, ServerRef};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use panel_storage::schedules as rows;

use super::{Schedule, schedule_of, zone_of_server};
use crate::cx::Cx;
use crate::error::Error;

/// One page of a server's schedules by name, those whose name contains `search`.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn list(
    cx: &Cx,
    server: ServerRef,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Schedule>, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesRead, ServerAction::View)
        .await?;
    let id = allowed.resource().id;
    let mut conn = cx.read().await?;
    let (found, total) = rows::list(&mut conn, id, search, page.offset(), page.per_page()).await?;
    let zone = zone_of_server(&mut conn, id).await?;
    let now = cx.now();
    let schedules: Vec<Schedule> = found
        .into_iter()
        .map(|row| Schedule::of(row, zone.as_deref(), now))
        .collect::<Result<_, _>>()?;
    Ok(Paged::new(page, total, schedules))
}

/// A schedule of a server.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn get(cx: &Cx, server: ServerRef, id: ScheduleId) -> Result<Schedule, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesRead, ServerAction::View)
        .await?;
    let server = allowed.resource().id;
    let mut conn = cx.read().await?;
    let row = schedule_of(&mut conn, server, id).await?;
    let zone = zone_of_server(&mut conn, server).await?;
    Schedule::of(row, zone.as_deref(), cx.now())
}
