//! Public keys for SFTP.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use panel_domain::id::{SshKeyId, UserId};
use panel_domain::ssh_key::SshPublicKey;
use panel_storage::ssh_keys::{self, SshKey};
use scoped_futures::ScopedFutureExt;

use super::{number, write};
use crate::app::TestApp;
use crate::must::Must as _;

/// A public key of Ed25519 as in a `.pub` file, another one for each number. Nobody has the private half.
#[must_use]
pub fn public_key(number: u32) -> String {
    const ALGORITHM: &str = "ssh-ed25519";
    let mut blob = vec![0, 0, 0, 11];
    blob.extend_from_slice(ALGORITHM.as_bytes());
    blob.extend_from_slice(&[0, 0, 0, 32]);
    blob.extend_from_slice(&[7; 28]);
    blob.extend_from_slice(&number.to_be_bytes());
    format!("{ALGORITHM} {}", BASE64_STANDARD.encode(blob))
}

/// A public key of a user, unlike those of other users.
pub async fn ssh_key(app: &TestApp, user: UserId) -> SshKeyId {
    let number = number();
    let key = SshPublicKey::parse(&public_key(number)).must("a public key");
    let row = SshKey {
        id: SshKeyId::new_v4(),
        user_id: user,
        name: format!("Key {number}"),
        fingerprint: key.fingerprint().to_owned(),
        public_key: key.as_bytes().to_vec(),
        created_at: app.now(),
    };
    let rows = std::slice::from_ref(&row);
    write(app, "an SSH key", |tx| {
        async move {
            ssh_keys::insert(tx, user, rows, i64::MAX).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await;
    row.id
}
