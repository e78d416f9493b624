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

    /// What the value was made of besides what its own name stands for, by the names that the invalidation log uses. A
    /// value is not used any more once one of them was invalidated.
    fn made_of(_value: &Self::Value) -> &[String] {
        &[]
    }

    /// The form in which Redis holds the value.
    ///
    /// # Errors
    /// The value has no JSON form.
    fn encode(value: &Self::Value) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(value)
    }

    /// The value out of that form; `None` when another version of the program has written it.
    fn decode(bytes: Vec<u8>) -> Option<Self::Value> {
        serde_json::from_slice(&bytes).ok()
    }

    /// Tells the value from the others of its kind.
    fn id(&self) -> String;

    /// `KIND:id`, the form in which the invalidation log names the key.
    fn name(&self) -> String {
        [Self::KIND, ":", &self.id()].concat()
    }
}
