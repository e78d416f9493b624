//! Changing settings.

use panel_cache::Key as _;
use panel_domain::activity::Event;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::settings;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::cx::Cx;
use crate::error::Error;
use crate::limits::{self, Bucket, Limit, LimitsKey};

/// The longest window of a limit, in seconds: a day.
const MAX_WINDOW: u32 = 86_400;

/// What is to be set. What is not named stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateSettings {
    /// How much may be asked, by the names of the buckets.
    pub limits: Vec<(String, Limit)>,
}

/// Changes settings. Every process works by them within seconds.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`].
pub async fn update(cx: &Cx, input: UpdateSettings) -> Result<(), Error> {
    cx.require_admin(AdminPermission::SettingsUpdate)?;
    let mut invalid = Invalid::new();
    let mut wanted = Vec::new();
    for (name, limit) in &input.limits {
        match Bucket::named(name) {
            Some(Bucket::Remote) if *limit == Bucket::Remote.default_limit() => {}
            Some(Bucket::Remote) => invalid.push(
                "ratelimits.remote",
                "cannot be changed: daemons are never limited",
            ),
            Some(bucket) => {
                check(bucket, *limit, &mut invalid);
                wanted.push((bucket, *limit));
            }
            None => invalid.push(format!("ratelimits.{name}"), "is not the name of a limit"),
        }
    }
    invalid.finish()?;
    if wanted.is_empty() {
        return Ok(());
    }
    let now = cx.now();
    let values = wanted
        .iter()
        .map(|(bucket, limit)| Ok((limits::setting(*bucket), serde_json::to_value(limit)?)))
        .collect::<Result<Vec<_>, serde_json::Error>>()
        .map_err(Error::internal)?;
    let changed: Vec<&str> = wanted.iter().map(|(bucket, _)| bucket.name()).collect();
    let entry = cx.entry(Event::SettingsUpdate, json!({ "ratelimits": changed }));
    let (values, entry) = (&values, &entry);
    cx.write(|tx| {
        async move {
            for (key, value) in values {
                settings::set(tx, key, value, now).await?;
            }
            tx.invalidate(LimitsKey.name());
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    limits::learn(cx).await;
    Ok(())
}

fn check(bucket: Bucket, limit: Limit, invalid: &mut Invalid) {
    let name = bucket.name();
    if limit.hits == 0 {
        invalid.push(format!("ratelimits.{name}.hits"), "must be at least 1");
    }
    if !(1..=MAX_WINDOW).contains(&limit.window_seconds) {
        invalid.push(
            format!("ratelimits.{name}.window_seconds"),
            format!("must be between 1 and {MAX_WINDOW}"),
        );
    }
}
