//! Texts and variables of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The name of a variable of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleVariable))]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    pub variable: String,
}

/// A text that is known when the step is written, or the value that a variable has when the step is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleDynamicParameter))]
#[serde(untagged)]
pub enum Dynamic {
    /// This text.
    Text(String),
    /// What the variable holds.
    Variable(Variable),
}

impl Dynamic {
    /// The text, or what the variable holds: nothing when it was never set.
    #[must_use]
    pub fn resolve<'a>(&'a self, variables: &'a Variables) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable(name) => variables.get(&name.variable),
        }
    }
}

impl From<&str> for Dynamic {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// What the steps of a run have put into variables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Variables(BTreeMap<String, String>);

/// The variables of a run hold more than they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the variables of a run hold at most {} KiB", Variables::MAX_BYTES / 1024)]
pub struct TooLarge;

impl Variables {
    /// Bytes that the names and values of a run's variables may have together.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// What a variable holds.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Puts `value` into a variable.
    ///
    /// # Errors
    /// [`TooLarge`]; nothing is changed then.
    pub fn set(&mut self, name: &str, value: String) -> Result<(), TooLarge> {
        let others: usize = self
            .0
            .iter()
            .filter(|(key, _)| key.as_str() != name)
            .map(|(key, value)| key.len() + value.len())
            .sum();
        if others + name.len() + value.len() > Self::MAX_BYTES {
            return Err(TooLarge);
        }
        self.0.insert(name.to_owned(), value);
        Ok(())
    }

    /// `text` with the values of variables for `{{name}}`; names that are not set stay as they are.
    ///
    /// # Errors
    /// [`TooLarge`] as soon as more comes of it than a variable can hold: a short text may name a long variable thousands of times.
    pub fn fill(&self, text: &str) -> Result<String, TooLarge> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let known = after
                .split_once("}}")
                .and_then(|(name, after)| Some((self.get(name.trim())?, after)));
            if let Some((value, after)) = known {
                filled.push_str(value);
                rest = after;
                if filled.len() > Self::MAX_BYTES {
                    return Err(TooLarge);
                }
            } else {
                filled.push_str("{{");
                rest = after;
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_with_what_is_set() {
        let mut variables = Variables::default();
        variables.set("world", "nether".to_owned()).unwrap();
        variables.set("n", "{{world}}".to_owned()).unwrap();
        assert_eq!(
            variables.fill("save {{ world }} {{n}} {{other}} {{ {{world}} }}"),
            // Values are not filled in turn.
            Ok("save nether {{world}} {{other}} {{ nether }}".to_owned())
        );
        assert_eq!(variables.fill("{{"), Ok("{{".to_owned()));
        let text = Dynamic::Variable(Variable {
            variable: "world".to_owned(),
        });
        assert_eq!(text.resolve(&variables), Some("nether"));
        assert_eq!(text.resolve(&Variables::default()), None);
    }

    #[test]
    fn variables_are_bounded() {
        let mut variables = Variables::default();
        let half = "x".repeat(Variables::MAX_BYTES / 2);
        variables.set("a", half.clone()).unwrap();
        assert_eq!(variables.set("b", half.clone()), Err(TooLarge));
        assert_eq!(variables.get("b"), None);
        variables.set("a", half).unwrap();
        assert_eq!(variables.fill(&"{{a}}".repeat(1_000_000)), Err(TooLarge));
    }
}
