//! `GET /api/admin/settings`.

use actix_web::{get, web};
use indexmap::IndexMap;
use panel_api_types::settings::{
    ActivitySettings, AdminAppSettings, AdminServerSettings, AdminSettings, AdminSettingsBody,
    AdminWebauthnSettings, RateLimit, TwoFactorRequirement,
};
use panel_service::auth::setup::Step;
use panel_service::settings;
use serde_json::json;

use crate::error::Answer;
use crate::extract::Caller;
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
            ratelimits: rate_limits(),
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

/// The kinds the contract names. What this panel does not have yet is told with the limit it will have.
fn rate_limits() -> IndexMap<String, RateLimit> {
    const KINDS: [(&str, u32, u32); 12] = [
        ("auth_register", 10, 3600),
        ("auth_login", 20, 300),
        ("auth_login_checkpoint", 10, 300),
        ("auth_login_security_key", 20, 300),
        ("auth_password_forgot", 10, 3600),
        ("auth_password_reset", 10, 3600),
        ("client", 720, 60),
        ("client_servers_backups_create", 10, 600),
        ("client_servers_files_pull", 10, 60),
        ("client_servers_files_pull_query", 30, 60),
        ("remote", 0, 60),
        ("remote_sftp_auth", 60, 60),
    ];
    KINDS
        .into_iter()
        .map(|(kind, hits, window_seconds)| {
            let limit = RateLimit {
                hits,
                window_seconds,
            };
            (kind.to_owned(), limit)
        })
        .collect()
}
