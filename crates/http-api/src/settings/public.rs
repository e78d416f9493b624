//! `GET /api/settings`.

use actix_web::get;
use actix_web::web::Json;
use panel_api_types::settings::{
    AppInfo, PublicCaptcha, ServerLimits, Settings, UserLimits, WebauthnInfo,
};
use panel_service::auth::setup::{self, Step};

use crate::error::Answer;
use crate::extract::Caller;

/// Read what everybody may know about this panel
#[utoipa::path(responses((status = 200, description = "The settings.", body = Settings)))]
#[get("/settings")]
pub(crate) async fn get(caller: Caller) -> Answer<Json<Settings>> {
    let step = setup::step(&caller).await?;
    let options = caller.app().options();
    Ok(Json(Settings {
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
        time: caller.now(),
    }))
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
    ServerLimits {
        max_file_manager_view_size: 10 * 1024 * 1024,
        max_file_manager_content_search_size: 5 * 1024 * 1024,
        max_file_manager_search_results: 100,
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
