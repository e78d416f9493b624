//! Typed keys.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a value is cached under. One type per kind of value.
pub trait Key: Send + Sync {
    /// The cached value. Its JSON form is what Redis holds, so it has to survive a round trip through JSON.
    type Value: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;

    /// Names the kind; unique in the product. It labels the metrics, and a changed shape of the value needs a new one, as
    /// processes of two versions may share a Redis for a while.
    const KIND: &'static str;

    /// Whether the value holds something decrypted. Such values are cached only with [`Options::cache_secrets`].
    ///
    /// [`Options::cache_secrets`]: crate::Options::cache_secrets
    const SECRET: bool = false;

    /// Tells the value from the others of its kind.
    fn id(&self) -> String;

    /// `KIND:id`, the form in which the invalidation log names the key.
    fn name(&self) -> String {
        format!("{}:{}", Self::KIND, self.id())
    }
}
