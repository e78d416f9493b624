//! `/api/admin/settings`.

use actix_web::{get, put, web};
use panel_api_types::Empty;
use panel_api_types::settings::{
    ActivitySettings, AdminAppSettings, AdminServerSettings, AdminSettings, AdminSettingsBody,
    AdminWebauthnSettings, RateLimit, TwoFactorRequirement, UpdateSettings,
};
use panel_service::auth::setup::Step;
use panel_service::limits::Limit;
use panel_service::settings;
use serde_json::json;

use crate::error::Answer;
use crate::extract::{Caller, Json};
use crate::settings::public::{USER_LIMITS, server_limits};
use crate::state::SESSION_COOKIE;

/// Read all settings
#[utoipa::path(responses((status = 200, description = "The settings.", body = AdminSettingsBody)))]
#[get("/settings")]
pub(crate) async fn get(caller: Caller) -> Answer<web::Json<AdminSettingsBody>> {
    let found = settings::get(&caller).await?;
    let url = &found.options.url;
    Ok(web::Json(AdminSettingsBody {
        settings: AdminSettings {
            telemetry_uuid: None,
            telemetry_cron_schedule: None,
            oobe_step: (found.step != Step::Finished).then(|| found.step.as_str().to_owned()),
            storage_driver: json!({ "type": "filesystem", "path": "" }),
            mail_mode: json!({ "type": "none" }),
            captcha_provider: json!({ "type": "none" }),
            app: AdminAppSettings {
                name: found.options.name.clone(),
                icon: "/icon.svg".to_owned(),
                icon_light: None,
                banner: None,
                banner_light: None,
                url: url.as_str().trim_end_matches('/').to_owned(),
                language: "en".to_owned(),
                two_factor_requirement: TwoFactorRequirement::None,
                session_cookie: SESSION_COOKIE.to_owned(),
                session_duration_seconds: found.options.session_lifetime.num_seconds(),
                telemetry_enabled: false,
                registration_enabled: false,
            },
            webauthn: AdminWebauthnSettings {
                enabled: false,
                allow_discoverable: false,
                rp_id: url.host_str().unwrap_or_default().to_owned(),
                rp_origin: url.origin().ascii_serialization(),
                authentication_timeout_seconds: 300,
                registration_timeout_seconds: 300,
            },
            server: server_settings(),
            user: USER_LIMITS,
            activity: ActivitySettings {
                admin_log_retention_days: 180,
                admin_log_retention_count: None,
                user_log_retention_days: 180,
                user_log_retention_count: None,
                server_log_retention_days: 180,
                server_log_retention_count: None,
                server_log_admin_activity: true,
                server_log_schedule_activity: true,
            },
            ratelimits: found
                .limits
                .iter()
                .map(|(bucket, limit)| {
                    let limit = RateLimit {
                        hits: limit.hits,
                        window_seconds: limit.window_seconds,
                    };
                    (bucket.name().to_owned(), limit)
                })
                .collect(),
        },
    }))
}

fn server_settings() -> AdminServerSettings {
    let limits = server_limits();
    AdminServerSettings {
        max_file_manager_view_size: limits.max_file_manager_view_size,
        max_file_manager_content_search_size: limits.max_file_manager_content_search_size,
        max_file_manager_search_results: limits.max_file_manager_search_results,
        max_subuser_count: limits.max_subuser_count,
        max_schedule_step_count: limits.max_schedule_step_count,
        max_backup_group_count: limits.max_backup_group_count,
        max_database_instance_database_count: limits.max_database_instance_database_count,
        max_database_instance_user_count: limits.max_database_instance_user_count,
        allow_overwriting_custom_docker_image: limits.allow_overwriting_custom_docker_image,
        allow_viewing_installation_logs: true,
        allow_acknowledging_installation_failure: limits.allow_acknowledging_installation_failure,
        allow_viewing_transfer_progress: true,
        container_prelude: limits.container_prelude,
    }
}

/// Change settings
///
/// The limits of requests can be changed so far. What is absent or null stays.
#[utoipa::path(
    request_body = UpdateSettings,
    responses((status = 200, description = "The settings are changed.", body = Empty))
)]
#[put("/settings")]
pub(crate) async fn update(
    caller: Caller,
    Json(body): Json<UpdateSettings>,
) -> Answer<web::Json<Empty>> {
    let limits = body.ratelimits.unwrap_or_default().into_iter();
    let input = settings::UpdateSettings {
        limits: limits
            .filter_map(|(bucket, limit)| Some((bucket, limit?)))
            .map(|(bucket, limit)| {
                let limit = Limit {
                    hits: limit.hits,
                    window_seconds: limit.window_seconds,
                };
                (bucket, limit)
            })
            .collect(),
    };
    caller
        .change(async move |cx| settings::update(&cx, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}
