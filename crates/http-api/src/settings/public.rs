//! `GET /api/settings`.

use std::cell::RefCell;

use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, SecondsFormat, Utc};
use panel_api_types::settings::{
    AppInfo, PublicCaptcha, ServerLimits, Settings, UserLimits, WebauthnInfo,
};
use panel_domain::files;
use panel_service::auth::setup::{self, Step};
use panel_service::{Cx, Error};

use crate::error::Answer;
use crate::extract::Caller;
use crate::kept;

/// Read what everybody may know about this panel
#[utoipa::path(responses((status = 200, description = "The settings.", body = Settings)))]
#[get("/settings")]
pub(crate) async fn get(caller: Caller) -> Answer<HttpResponse> {
    let head = caller.kept(kept::SETTINGS, || head(&caller)).await?;
    Ok(kept::json(with_time(&head, caller.now())))
}

/// What the last field begins with, which is different each time.
const TIME: &[u8] = b"\"time\":\"";

/// The answer up to its time.
async fn head(cx: &Cx) -> Result<Vec<u8>, Error> {
    let mut body = kept::serialized(&settings(cx).await?)?;
    let at = body.windows(TIME.len()).rposition(|part| part == TIME);
    let at = at.ok_or_else(|| Error::internal("the settings do not end with the time"))?;
    body.truncate(at + TIME.len());
    Ok(body)
}

/// An answer that is complete for a millisecond.
#[derive(Default)]
struct Complete {
    head: Bytes,
    at: i64,
    body: Bytes,
}

thread_local! {
    static COMPLETE: RefCell<Complete> = RefCell::default();
}

/// The answer that begins with `head`, at this time to the millisecond; all who ask a worker within one share it.
pub(crate) fn with_time(head: &Bytes, now: DateTime<Utc>) -> Bytes {
    let at = now.timestamp_millis();
    COMPLETE.with_borrow_mut(|complete| {
        // The head is held, so no other one can be in its place.
        let same = complete.head.as_ptr() == head.as_ptr() && complete.head.len() == head.len();
        if !same || complete.at != at {
            let now = now.to_rfc3339_opts(SecondsFormat::Millis, true);
            *complete = Complete {
                head: head.clone(),
                at,
                body: Bytes::from([head, now.as_bytes(), b"\"}"].concat()),
            };
        }
        complete.body.clone()
    })
}

async fn settings(cx: &Cx) -> Result<Settings, Error> {
    let step = setup::step(cx).await?;
    let options = cx.app().options();
    Ok(Settings {
        app: AppInfo {
            name: options.name.clone(),
            url: options.url.as_str().trim_end_matches('/').to_owned(),
            icon: "/icon.svg".to_owned(),
            icon_light: None,
            banner: None,
            banner_light: None,
            language: "en".to_owned(),
            registration_enabled: false,
            debug: options.debug,
        },
        captcha_provider: PublicCaptcha::None,
        webauthn: WebauthnInfo {
            enabled: false,
            allow_discoverable: false,
        },
        user: USER_LIMITS,
        server: server_limits(),
        oobe_step: (step != Step::Finished).then(|| step.as_str().to_owned()),
        disabled_extensions: Vec::new(),
        time: cx.now(),
    })
}

/// What the contract's clients find in a panel that nobody has configured. Limits of what this panel does not have yet
/// are told as well: clients read them without asking whether there is anything to limit.
pub(crate) const USER_LIMITS: UserLimits = UserLimits {
    max_server_group_count: 25,
    max_api_key_count: 50,
    max_command_snippet_count: 100,
    max_security_key_count: 50,
    max_ssh_key_count: 50,
    allow_changing_language: true,
    route_order: None,
};

/// As [`USER_LIMITS`].
pub(crate) fn server_limits() -> ServerLimits {
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    ServerLimits {
        max_file_manager_view_size: bytes(files::MAX_VIEW_BYTES),
        max_file_manager_content_search_size: bytes(files::MAX_CONTENT_SEARCH_BYTES),
        max_file_manager_search_results: files::MAX_SEARCH_RESULTS.into(),
        max_subuser_count: 25,
        max_schedule_step_count: 50,
        max_backup_group_count: 10,
        max_database_instance_database_count: 10,
        max_database_instance_user_count: 10,
        allow_overwriting_custom_docker_image: true,
        allow_acknowledging_installation_failure: true,
        container_prelude: "container@roost~".to_owned(),
    }
}
