//! Telling `null` from absent.

use serde::{Deserialize, Deserializer};

/// `Some(None)` for `null` and `Some(Some(..))` for a value; an absent field stays `None` by `#[serde(default)]`.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use crate::location::UpdateLocation;

    #[test]
    fn absent_null_and_a_value_differ() {
        let change: UpdateLocation =
            serde_json::from_str(r#"{"flag": null, "name": "x"}"#).unwrap();
        assert_eq!(change.description, None);
        assert_eq!(change.flag, Some(None));
        assert_eq!(change.name.as_deref(), Some("x"));
        assert!(serde_json::from_str::<UpdateLocation>(r#"{"nmae": "x"}"#).is_err());
    }
}
