//! Second factors: a code of an authenticator, or one of the recovery codes that were given out with it.

mod disable;
mod enable;

pub use disable::{DisableTwoFactor, disable, disable_for};
pub use enable::{EnableTwoFactor, Setup, enable, set_up};

use chrono::{DateTime, Utc};
use panel_domain::id::UserId;
use panel_secrets::{Purpose, RecoveryCode, RowBinding, Sealed, TotpSecret};
use panel_storage::users::User;
use panel_storage::{Tx, two_factor};

use crate::cx::Cx;
use crate::error::Error;

/// How many recovery codes are given out.
pub(crate) const RECOVERY_CODES: usize = 10;

/// What somebody showed, good for one use.
#[derive(Debug)]
pub(crate) enum Factor {
    /// A code of the authenticator, of this step.
    Totp(i64),
    /// A recovery code, as it is kept.
    Recovery(Vec<u8>),
}

impl Factor {
    /// What the code proves of the user, if anything. It is not used up by that.
    pub(crate) async fn recognise(cx: &Cx, user: &User, code: &str) -> Result<Option<Self>, Error> {
        if !user.totp_enabled {
            return Ok(None);
        }
        if let Some(code) = RecoveryCode::parse(code) {
            let kept = two_factor::recovery_codes(&mut cx.read_primary().await?, user.id).await?;
            let message = recovery_message(user.id, &code);
            let keys = &cx.parts().keys;
            let found = kept
                .into_iter()
                .find(|mac| keys.verify(Purpose::RECOVERY_CODE, &message, mac));
            return Ok(found.map(Self::Recovery));
        }
        let Some(secret) = secret_of(cx, user)? else {
            return Ok(None);
        };
        let step = secret
            .step_of(code.trim(), cx.now().timestamp(), user.totp_last_step)
            .map_err(Error::internal)?;
        Ok(step.map(Self::Totp))
    }

    /// Uses it up. `false`: somebody else was quicker.
    pub(crate) async fn spend(
        &self,
        tx: &mut Tx,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        Ok(match self {
            Self::Totp(step) => two_factor::use_step(tx, user, *step, now).await?,
            Self::Recovery(mac) => two_factor::use_recovery_code(tx, user, mac).await?,
        })
    }

    /// What it is, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Totp(_) => "two-factor",
            Self::Recovery(_) => "recovery-code",
        }
    }
}

/// What anybody hears whose code proves nothing, for whatever reason.
pub(crate) fn wrong_code() -> Error {
    Error::invalid("code", "is wrong, or was used already")
}

fn recovery_message(user: UserId, code: &RecoveryCode) -> Vec<u8> {
    [user.uuid().as_bytes(), code.expose().as_bytes()].concat()
}

/// The secret that the account's authenticator has, or is to get.
fn secret_of(cx: &Cx, user: &User) -> Result<Option<TotpSecret>, Error> {
    let Some(sealed) = &user.totp_secret else {
        return Ok(None);
    };
    let opened = cx
        .parts()
        .keys
        .open(
            &Sealed::from_bytes(sealed.clone()),
            binding(user.id.uuid().as_bytes()),
        )
        .map_err(Error::internal)?;
    Ok(Some(TotpSecret::from_bytes(opened)))
}

fn binding(user: &[u8; 16]) -> RowBinding<'_> {
    RowBinding::new("users", "totp_secret", user)
}
