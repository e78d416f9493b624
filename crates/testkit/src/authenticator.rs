//! An authenticator app.

use chrono::{DateTime, Utc};
use serde_json::json;
use totp_rs::{Algorithm, Secret, TOTP};

use crate::client::Client;
use crate::factory::PASSWORD;
use crate::must::Must as _;

/// An authenticator app with the secret of one account.
pub struct Authenticator(TOTP);

impl Authenticator {
    /// One that was told the secret of the user's account, whose second factor is not on yet.
    pub async fn set_up(client: &Client) -> Self {
        let setup = client.get("/api/client/account/two-factor").await.ok();
        let secret = setup["secret"].as_str().must("a secret").to_owned();
        let bytes = Secret::Encoded(secret).to_bytes().must("base 32");
        let totp = TOTP::new(Algorithm::SHA1, 6, 1, 30, bytes, None, String::new());
        Self(totp.must("a long secret"))
    }

    /// One that the second factor of the user's account was turned on with `now`, and the recovery codes.
    pub async fn enabled(client: &Client, now: DateTime<Utc>) -> (Self, Vec<String>) {
        let authenticator = Self::set_up(client).await;
        let proof = json!({ "code": authenticator.code(now), "password": PASSWORD });
        let answer = client.post("/api/client/account/two-factor", proof).await;
        let codes = answer.ok()["recovery_codes"].take();
        let codes = serde_json::from_value(codes).must("recovery codes");
        (authenticator, codes)
    }

    /// What it shows.
    #[must_use]
    pub fn code(&self, now: DateTime<Utc>) -> String {
        let seconds = u64::try_from(now.timestamp()).must("a moment after 1970");
        self.0.generate(seconds)
    }
}
