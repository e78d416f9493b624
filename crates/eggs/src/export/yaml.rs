//! YAML that every panel's parser reads alike.
//!
//! Parsers disagree about what a plain scalar is (`no`, `1_000`, `2024-01-01`), so every text is quoted that is
//! not a word, and nothing is ever folded: a file read again gives the same texts byte for byte.

use std::fmt::Write;

use serde_json::Value;

const INDENT: usize = 2;

/// Words that some parser takes for something else than text.
const RESERVED: [&str; 12] = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan", "nul",
];

/// A document as YAML.
pub(super) fn text(document: &Value) -> String {
    let mut output = String::new();
    match document {
        Value::Object(map) if !map.is_empty() => map_entries(&mut output, document, 0),
        Value::Array(items) if !items.is_empty() => list_items(&mut output, items, 0),
        scalar => {
            output.push_str(&inline(scalar));
            output.push('\n');
        }
    }
    output
}

fn map_entries(output: &mut String, map: &Value, depth: usize) {
    let Value::Object(map) = map else { return };
    for (index, (key, value)) in map.iter().enumerate() {
        // The first entry of a map in a list stands behind the dash.
        if index > 0 || !output.ends_with("- ") {
            indent(output, depth);
        }
        output.push_str(&scalar_text(key));
        output.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                output.push('\n');
                map_entries(output, value, depth + 1);
            }
            Value::Array(items) if !items.is_empty() => {
                output.push('\n');
                list_items(output, items, depth + 1);
            }
            Value::String(text) if can_be_block(text) => block(output, text, depth + 1),
            other => {
                output.push(' ');
                output.push_str(&inline(other));
                output.push('\n');
            }
        }
    }
}

fn list_items(output: &mut String, items: &[Value], depth: usize) {
    for item in items {
        indent(output, depth);
        output.push_str("- ");
        match item {
            Value::Object(inner) if !inner.is_empty() => map_entries(output, item, depth + 1),
            // A list in a list does not occur in eggs; the flow form says it without a special case.
            other => {
                output.push_str(&inline(other));
                output.push('\n');
            }
        }
    }
}

fn indent(output: &mut String, depth: usize) {
    output.extend(std::iter::repeat_n(' ', depth * INDENT));
}

/// Lists and maps in one line have the form of JSON, which is YAML too.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar_text(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}: {}", quoted(key), inline(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

fn scalar_text(text: &str) -> String {
    let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_word {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    let mut output = String::with_capacity(text.len() + 2);
    output.push('"');
    for character in text.chars() {
        match character {
            '"' => output.push_str("\\\""),
            '\\' => output.push_str("\\\\"),
            '\n' => output.push_str("\\n"),
            '\r' => output.push_str("\\r"),
            '\t' => output.push_str("\\t"),
            other if is_printable(other) => output.push(other),
            other => {
                let code = u32::from(other);
                let width = if code > 0xffff { 8 } else { 4 };
                let letter = if code > 0xffff { 'U' } else { 'u' };
                // Writing into a text cannot fail.
                if write!(output, "\\{letter}{code:0width$x}").is_err() {
                    output.push(other);
                }
            }
        }
    }
    output.push('"');
    output
}

/// Whether all parsers take a character as it is: no control, no line end of any kind, no byte order mark.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Whether a literal block keeps a text as it is: several lines that end in a plain line feed, and nothing
/// at their edges that a block treats as its own.
fn can_be_block(text: &str) -> bool {
    let trimmed = text.strip_suffix('\n').unwrap_or(text);
    trimmed.contains('\n')
        && !trimmed.ends_with('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && text
            .chars()
            .all(|character| matches!(character, '\n' | '\t') || is_printable(character))
        && trimmed
            .lines()
            .all(|line| !line.ends_with([' ', '\t']) && !line.starts_with('\t'))
}

fn block(output: &mut String, text: &str, depth: usize) {
    output.push_str(if text.ends_with('\n') {
        " |\n"
    } else {
        " |-\n"
    });
    for line in text.lines() {
        if !line.is_empty() {
            indent(output, depth);
            output.push_str(line);
        }
        output.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_and_blocks_are_plain_and_all_else_is_quoted() {
        let document = json!({
            "name": "Example", "a b": "no", "empty": "", "number": "1.10", "list": [], "map": {},
            "script": "#!/bin/sh\n\necho hi\n", "windows": "a\r\nb", "count": 5, "yes": null,
            "variables": [{"name": "x", "rules": ["in:a,b", "max:2"]}, "word", [1, {"a": "b"}]],
        });
        let expected = "name: Example\n\"a b\": \"no\"\nempty: \"\"\nnumber: \"1.10\"\nlist: []\nmap: {}\n\
            script: |\n  #!/bin/sh\n\n  echo hi\nwindows: \"a\\r\\nb\"\ncount: 5\n\"yes\": null\n\
            variables:\n  - name: x\n    rules:\n      - \"in:a,b\"\n      - \"max:2\"\n  - word\n  - [1, {\"a\": b}]\n";
        assert_eq!(text(&document), expected);
    }

    #[test]
    fn every_text_comes_back_from_an_independent_parser() {
        let texts = [
            "",
            " ",
            "\n",
            "a\n",
            "a\nb",
            "a\nb\n",
            "a\nb\n\n",
            "\na\nb",
            " a\nb",
            "a \nb",
            "a\n\tb",
            "\ta\nb",
            "a\n  b\nc",
            "a\r\nb\r\n",
            "-",
            "- a",
            "a: b",
            "# a",
            "a\n# b",
            "---",
            "a\n---\nb",
            "...",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "{",
            "[",
            "~",
            "null",
            "True",
            "0x1f",
            "1e3",
            "1_000",
            "2024-01-01",
            "12:30",
            ".inf",
            "=",
            "<<",
            "é",
            "\u{1f600}",
            "\u{85}",
            "\u{2028}\n",
            "\u{feff}",
            "\u{7f}",
            "\u{1}",
            "a\u{0}b",
            "\"'\\",
            "a\n\u{2029}b",
            "日本\n語",
            "a\n\nb",
            "a\n\n\nb\n",
            "{{server.build.env.X}}",
        ];
        for one in texts {
            for document in [
                json!({ "k": one }),
                json!({ one: "v" }),
                json!({ "l": [one, {"m": one, "n": {one: [one]}}] }),
            ] {
                let written = text(&document);
                let read: Value = serde_saphyr::from_str(&written)
                    .unwrap_or_else(|error| panic!("{one:?}: {error}\n{written}"));
                assert_eq!(read, document, "{written}");
            }
        }
    }
}
