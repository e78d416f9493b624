//! Collecting what is wrong with an input: all of it at once, each message with its field and what to do.

use std::fmt;
use std::ops::RangeInclusive;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field as the request names it, nested ones with dots (`limits.memory`). Empty for the input as a whole.
    pub field: String,
    /// What would be right, as the rest of a sentence that begins with the field ("must be ..").
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.field, self.message)
        }
    }
}

/// What is wrong with an input. Empty while nothing is: checks push to it, [`Invalid::finish`] decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invalid {
    fields: Vec<FieldError>,
}

impl Invalid {
    /// Nothing wrong so far.
    #[must_use]
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// One thing wrong: `message` at `field`.
    #[must_use]
    pub fn of(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut invalid = Self::new();
        invalid.push(field, message);
        invalid
    }

    /// Notes that `field` is wrong; `message` says what would be right.
    pub fn push(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.fields.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    }

    /// Notes `message` at `field` unless `ok`.
    pub fn require(&mut self, ok: bool, field: &str, message: impl Into<String>) {
        if !ok {
            self.push(field, message);
        }
    }

    /// Notes the error of a check that stands for itself, at `field`, and passes its value on.
    pub fn take<T, E: fmt::Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(e) => {
                self.push(field, e.to_string());
                None
            }
        }
    }

    /// Everything noted at `other`, its fields below `prefix` (`limits` makes `memory` into `limits.memory`).
    pub fn nest(&mut self, prefix: &str, other: Self) {
        for FieldError { field, message } in other.fields {
            let field = if field.is_empty() {
                prefix.to_owned()
            } else {
                format!("{prefix}.{field}")
            };
            self.push(field, message);
        }
    }

    /// Text of so many characters (not bytes) without control characters other than tab and line breaks.
    pub fn text(&mut self, field: &str, value: &str, length: RangeInclusive<usize>) {
        self.length(field, value, length);
        let control = value
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'));
        self.require(!control, field, "must not contain control characters");
    }

    /// A name: one line of so many characters that does not begin or end with a space.
    pub fn name(&mut self, field: &str, value: &str, length: RangeInclusive<usize>) {
        self.length(field, value, length);
        self.require(
            !value.chars().any(char::is_control),
            field,
            "must be a single line without control characters",
        );
        self.require(
            value.trim() == value,
            field,
            "must not begin or end with a space",
        );
    }

    /// A number in a range.
    pub fn range<T: PartialOrd + fmt::Display>(
        &mut self,
        field: &str,
        value: &T,
        range: RangeInclusive<T>,
    ) {
        self.require(
            range.contains(value),
            field,
            format!("must be between {} and {}", range.start(), range.end()),
        );
    }

    fn length(&mut self, field: &str, value: &str, length: RangeInclusive<usize>) {
        if length.contains(&value.chars().count()) {
            return;
        }
        let message = if value.is_empty() {
            "must not be empty".to_owned()
        } else {
            format!(
                "must be {} to {} characters long",
                length.start(),
                length.end()
            )
        };
        self.push(field, message);
    }

    /// `true` while nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Everything that is wrong, in the order it was found.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }

    /// `Ok` when nothing is wrong.
    ///
    /// # Errors
    /// Everything that was noted.
    pub fn finish(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, field) in self.fields.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{field}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_told_at_once() {
        let mut limits = Invalid::new();
        limits.range("memory", &-1, 0..=10);
        let mut invalid = Invalid::new();
        invalid.name("name", "", 1..=5);
        invalid.name("title", " a\nb", 1..=5);
        invalid.text("description", "längst", 1..=5);
        invalid.nest("limits", limits);
        assert_eq!(invalid.take("port", "x".parse::<u16>()), None);
        assert_eq!(
            invalid.finish().unwrap_err().to_string(),
            "name: must not be empty; title: must be a single line without control characters; \
             title: must not begin or end with a space; description: must be 1 to 5 characters long; \
             limits.memory: must be between 0 and 10; port: invalid digit found in string"
        );
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let mut invalid = Invalid::new();
        invalid.text("name", "äöüß\n", 1..=5);
        assert_eq!(invalid.finish(), Ok(()));
    }
}
