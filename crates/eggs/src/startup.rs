//! Startup commands with their placeholders filled in.

use std::collections::BTreeMap;

use crate::environment::{ServerFacts, own_variables};
use crate::model::Variable;

/// What a preview shows in place of a value its reader may not see.
const HIDDEN: &str = "[hidden]";

/// Fills the placeholders of a startup command.
///
/// `{{NAME}}` and `${NAME}` become the value of the environment variable of exactly that name. An unknown
/// `{{NAME}}` becomes `${NAME}`, an unknown `${NAME}` stays, both for the container's shell to expand; so does
/// everything else, the command being shell text. Double brackets `[[ ... ]]` are shell tests and are passed
/// over. One pass: values are not looked at again, whatever they contain.
///
/// This is how Pelican's daemon reads a command. The others give it to the container unexpanded, so the
/// result is for people to see, not for a node to run.
pub fn render_startup(command: &str, environment: &BTreeMap<String, String>) -> String {
    render(command, |name| environment.get(name).map(String::as_str))
}

/// Fills a startup command for the server's owner: values of variables that are not viewable show as
/// `[hidden]`. `values` are the [`crate::effective_values`].
pub fn preview_startup(
    command: &str,
    variables: &[Variable],
    values: &BTreeMap<String, String>,
    facts: &ServerFacts,
) -> String {
    let own = own_variables(facts);
    render(command, |name| {
        if name != "STARTUP"
            && let Some(value) = own.get(name)
        {
            return Some(value);
        }
        let variable = variables
            .iter()
            .find(|variable| variable.env_variable == name)?;
        if variable.user_viewable {
            values.get(name).map(String::as_str)
        } else {
            Some(HIDDEN)
        }
    })
}

fn render<'a>(command: &str, value_of: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut output = String::with_capacity(command.len());
    let mut rest = command;
    // Where the last shell test ends: behind it, opening brackets are not followed to the end of the command each.
    let tests_end = command.rfind("]]").unwrap_or(0);
    while !rest.is_empty() {
        if command.len() - rest.len() < tests_end
            && let Some(inner) = rest.strip_prefix("[[")
            && let Some(end) = inner.find("]]")
        {
            let (test, after) = rest.split_at(end + 4);
            output.push_str(test);
            rest = after;
        } else if let Some((name, after)) =
            placeholder(rest, "{{", "}}").or_else(|| placeholder(rest, "${", "}"))
        {
            match value_of(name) {
                Some(value) => output.push_str(value),
                None => {
                    output.push_str("${");
                    output.push_str(name);
                    output.push('}');
                }
            }
            rest = after;
        } else {
            let mut characters = rest.chars();
            output.extend(characters.next());
            rest = characters.as_str();
        }
    }
    output
}

/// The name of a placeholder at the beginning of a text, and what follows it.
fn placeholder<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    let inner = text.strip_prefix(open)?;
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, rest) = inner.split_at(end);
    let after = rest.strip_prefix(close)?;
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    begins_well.then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(command: &str, values: &[(&str, &str)]) -> String {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        render_startup(command, &values)
    }

    #[test]
    fn both_spellings_of_placeholders_are_filled() {
        let command = "java -Xmx{{SERVER_MEMORY}}M -jar ${JAR} $(cat ./args) ${JAR:-x}";
        assert_eq!(
            rendered(command, &[("SERVER_MEMORY", "512"), ("JAR", "a b.jar")]),
            "java -Xmx512M -jar a b.jar $(cat ./args) ${JAR:-x}"
        );
    }

    #[test]
    fn unknown_names_are_left_to_the_shell() {
        assert_eq!(
            rendered("{{A}} ${A} {{ A }} {{a.b}}", &[]),
            "${A} ${A} {{ A }} {{a.b}}"
        );
    }

    #[test]
    fn broken_braces_stay_as_they_are() {
        assert_eq!(
            rendered("+n \"{{NAME}]\" {{PORT}}", &[("NAME", "x"), ("PORT", "1")]),
            "+n \"{{NAME}]\" 1"
        );
        assert_eq!(rendered("{{{A}}} {{", &[("A", "1")]), "{1} {{");
    }

    /// Reading on to the end for each of them would take hours here.
    #[test]
    fn a_command_of_openings_alone_is_read_once() {
        for opening in ["{{", "${", "[[", "{{A ", "]] [["] {
            let command = opening.repeat(1 << 19);
            assert_eq!(rendered(&command, &[("A", "x")]), command, "{opening}");
        }
    }

    #[test]
    fn values_are_not_expanded_again() {
        assert_eq!(
            rendered("{{A}}", &[("A", "${B}{{B}}"), ("B", "secret")]),
            "${B}{{B}}"
        );
    }

    #[test]
    fn shell_tests_are_passed_over() {
        let command = "if [[ -f ${JAR} ]]; then {{JAR}}; fi";
        assert_eq!(
            rendered(command, &[("JAR", "a")]),
            "if [[ -f ${JAR} ]]; then a; fi"
        );
    }

    #[test]
    fn a_preview_hides_what_its_reader_may_not_see() {
        let variable = |name: &str, viewable| Variable {
            name: name.to_owned(),
            description: String::new(),
            env_variable: name.to_owned(),
            default_value: String::new(),
            user_viewable: viewable,
            user_editable: false,
            secret: false,
            rules: Vec::new(),
            order: None,
            name_translations: indexmap::IndexMap::new(),
            description_translations: indexmap::IndexMap::new(),
            extra: serde_json::Map::new(),
        };
        let variables = [variable("OPEN", true), variable("CLOSED", false)];
        let values = [("OPEN", "a"), ("CLOSED", "b")]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .into();
        let facts = ServerFacts {
            memory: 64,
            ..ServerFacts::default()
        };
        assert_eq!(
            preview_startup(
                "{{OPEN}} {{CLOSED}} {{SERVER_MEMORY}} {{STARTUP}}",
                &variables,
                &values,
                &facts
            ),
            "a [hidden] 64 ${STARTUP}"
        );
    }
}
