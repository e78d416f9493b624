//! Validation rules of variables: the grammar and meaning of Laravel's validator, as far as eggs use it, on
//! regular expressions that run in linear time.
//!
//! An empty value counts as "not set": only the rules about presence (`required` and its kin, `accepted`,
//! `declined`, `present`, `filled`) look at it. All other rules see text.

mod check;
mod formats;
mod number;
mod parse;
mod pattern;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Variable;
use check::{Check, Subject};

/// The rules of one variable.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    unsupported: Vec<UnsupportedRule>,
    nullable: bool,
    numeric: bool,
    bail: bool,
}

#[derive(Debug, Clone)]
struct Rule {
    element: String,
    check: Check,
}

/// A rule that cannot be checked. No value but the empty one satisfies it: nothing is accepted unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnsupportedRule {
    /// The element as written.
    pub rule: String,
    /// Why, as a part of a sentence.
    pub reason: String,
}

/// A value that does not satisfy a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The variable.
    pub env_variable: String,
    /// The rule as the egg writes it.
    pub rule: String,
    /// What is wrong, as a sentence for the person who typed the value.
    pub message: String,
    /// The rule could not be checked at all: the egg is at fault, not the value.
    pub unsupported: bool,
}

/// Splits the text form of rules, where a pipe always ends an element: a regular expression with a pipe needs
/// the list form. A blank text has no elements; empty elements are kept (they mean nothing, but an export to
/// the text form repeats them).
pub(crate) fn split(text: &str) -> Vec<String> {
    if text.is_empty() {
        Vec::new()
    } else {
        text.split('|').map(str::to_owned).collect()
    }
}

/// Whether an element asks for a regular expression to be compiled.
pub(crate) fn is_pattern(element: &str) -> bool {
    let name = parse::name(element);
    name == "regex" || name == "notregex"
}

impl RuleSet {
    /// Reads rule elements such as `required` or `between:1,10`. Elements are used whole: a pipe in one is
    /// part of it. Empty elements mean nothing; what cannot be checked is listed by
    /// [`RuleSet::unsupported`].
    pub fn parse<S: AsRef<str>>(elements: &[S]) -> Self {
        let mut set = Self::default();
        for element in elements.iter().map(AsRef::as_ref) {
            match parse::element(element) {
                Ok(None) => {}
                Ok(Some(Check::Nullable)) => set.nullable = true,
                Ok(Some(Check::Bail)) => set.bail = true,
                Ok(Some(check)) => {
                    set.numeric |= check.makes_numeric();
                    set.rules.push(Rule {
                        element: element.to_owned(),
                        check,
                    });
                }
                Err(reason) => set.unsupported.push(UnsupportedRule {
                    rule: element.to_owned(),
                    reason,
                }),
            }
        }
        set
    }

    /// The elements that cannot be checked.
    pub fn unsupported(&self) -> &[UnsupportedRule] {
        &self.unsupported
    }

    /// Whether the value must be given.
    pub fn is_required(&self) -> bool {
        self.rules
            .iter()
            .any(|rule| matches!(rule.check, Check::Required))
    }

    /// Whether the rules say that the value may be left out.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// The values of the first `in:` rule: what a form offers to choose from.
    pub fn options(&self) -> Option<&[String]> {
        self.rules.iter().find_map(|rule| match &rule.check {
            Check::In(options) => Some(options.as_slice()),
            _ => None,
        })
    }

    /// Checks one value. `label` names the variable in messages, `values` holds the values of all variables
    /// by their environment names, for rules that look at another one.
    pub fn check(
        &self,
        env_variable: &str,
        label: &str,
        values: &BTreeMap<String, String>,
    ) -> Vec<Violation> {
        let value = values.get(env_variable).map(String::as_str);
        let blank = value.is_none_or(|value| value.trim().is_empty());
        let subject = Subject {
            env_variable,
            value: value.unwrap_or_default(),
            blank,
            numeric: self.numeric,
            values,
        };
        let violation = |rule: &str, message: String, unsupported| Violation {
            env_variable: env_variable.to_owned(),
            rule: rule.to_owned(),
            message,
            unsupported,
        };
        let mut violations = Vec::new();
        for rule in &self.rules {
            if blank && !rule.check.is_implicit() {
                continue;
            }
            if let Err(problem) = rule.check.run(&subject, value.is_some()) {
                violations.push(violation(
                    &rule.element,
                    format!("{label} {problem}."),
                    false,
                ));
                if self.bail {
                    return violations;
                }
            }
        }
        if !blank {
            violations.extend(self.unsupported.iter().map(|unsupported| {
                let message = format!(
                    "The rule `{}` cannot be checked: {}.",
                    unsupported.rule, unsupported.reason
                );
                violation(&unsupported.rule, message, true)
            }));
        }
        violations
    }
}

/// Checks the values of variables against their rules.
///
/// `values` holds the values of all of a server's variables by environment name, also of those that are not
/// to be checked now, because rules may look at other variables; see [`crate::effective_values`]. Defaults of
/// real eggs often break their own rules, so check when a value is chosen, not when an egg is imported.
pub fn validate<'a>(
    variables: impl IntoIterator<Item = &'a Variable>,
    values: &BTreeMap<String, String>,
) -> Vec<Violation> {
    variables
        .into_iter()
        .flat_map(|variable| {
            RuleSet::parse(&variable.rules).check(&variable.env_variable, &variable.name, values)
        })
        .collect()
}

#[cfg(test)]
mod tests;
