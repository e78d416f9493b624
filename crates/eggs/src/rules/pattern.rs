//! PHP's delimited regular expressions on an engine that runs in linear time.
//!
//! The pattern is taken apart just far enough to keep PCRE's meaning where the two grammars read the same
//! characters differently; what only a backtracking engine can do is refused with its name.

use regex::bytes::{Regex, RegexBuilder};

/// Longest pattern, in bytes, and largest compiled one.
const SOURCE_LIMIT: usize = 4 * 1024;
const COMPILED_LIMIT: usize = 1 << 18;
const NESTING_LIMIT: u32 = 64;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    source: String,
    regex: Regex,
}

#[derive(Debug, Default)]
struct Flags {
    ignore_case: bool,
    multi_line: bool,
    dot_all: bool,
    extended: bool,
    unicode: bool,
    dollar_end_only: bool,
    anchored: bool,
}

impl Pattern {
    /// Reads a pattern with its delimiters and flags, such as `/^[a-z]+$/i`. The error says why it cannot be
    /// used.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        if source.len() > SOURCE_LIMIT {
            return Err(format!("the pattern is longer than {SOURCE_LIMIT} bytes"));
        }
        let (body, flags) = take_apart(source)?;
        let translated = Translator::new(body, &flags).run()?;
        // Without the flag `u` PCRE works on bytes and on ASCII classes. A class with a character outside
        // ASCII has no byte form here; the Unicode form says what its author meant.
        let compiled = match compile(&translated, &flags, flags.unicode) {
            Err(_) if !flags.unicode => compile(&translated, &flags, true),
            other => other,
        };
        match compiled {
            Ok(regex) => Ok(Self {
                source: source.to_owned(),
                regex,
            }),
            Err(regex::Error::CompiledTooBig(_)) => {
                Err("the pattern needs too much memory".to_owned())
            }
            Err(error) => {
                let text = error.to_string();
                let reason = text
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim()
                    .trim_start_matches("error: ");
                Err(format!("the pattern is not valid ({reason})"))
            }
        }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text.as_bytes())
    }
}

fn compile(pattern: &str, flags: &Flags, unicode: bool) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .unicode(unicode)
        .case_insensitive(flags.ignore_case)
        .multi_line(flags.multi_line)
        .dot_matches_new_line(flags.dot_all)
        .ignore_whitespace(flags.extended)
        .size_limit(COMPILED_LIMIT)
        .nest_limit(NESTING_LIMIT)
        .build()
}

/// Splits a pattern at its delimiters: any character but letters, digits, backslash and white space; brackets
/// come in pairs.
fn take_apart(source: &str) -> Result<(&str, Flags), String> {
    let source = source.trim_start();
    let open = source
        .chars()
        .next()
        .ok_or_else(|| "the pattern is empty".to_owned())?;
    if open.is_ascii_alphanumeric() || open == '\\' || !open.is_ascii() || open.is_ascii_control() {
        return Err("the pattern has no delimiters".to_owned());
    }
    let close = match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        other => other,
    };
    let rest = &source[1..];
    let end = rest
        .rfind(close)
        .ok_or_else(|| format!("the pattern does not end with `{close}`"))?;
    let mut flags = Flags::default();
    for flag in rest[end + 1..].trim_end().chars() {
        match flag {
            'i' => flags.ignore_case = true,
            'm' => flags.multi_line = true,
            's' => flags.dot_all = true,
            'x' => flags.extended = true,
            'u' => flags.unicode = true,
            'D' => flags.dollar_end_only = true,
            'A' => flags.anchored = true,
            // Study, ungreedy, extra and duplicate names do not change whether a text matches.
            'S' | 'U' | 'X' | 'J' => {}
            other => return Err(format!("the pattern's flag `{other}` is not known")),
        }
    }
    Ok((&rest[..end], flags))
}

const REPEATED_TWICE: &str = "the pattern repeats a repetition";

/// What can follow depends on what was written last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    /// Anything that can be repeated, or nothing yet.
    #[default]
    Item,
    /// `*`, `+`, `?` or a counted repetition.
    Repetition,
    /// The `?` that makes a repetition lazy.
    LazyMark,
}

struct Translator<'a> {
    input: Vec<char>,
    at: usize,
    output: String,
    flags: &'a Flags,
    /// What the last sign written was.
    last: Last,
}

impl<'a> Translator<'a> {
    fn new(body: &str, flags: &'a Flags) -> Self {
        Self {
            input: body.chars().collect(),
            at: 0,
            output: String::new(),
            flags,
            last: Last::Item,
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.input.get(self.at + ahead).copied()
    }

    fn rest_starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(index, wanted)| self.peek(index) == Some(wanted))
    }

    fn run(mut self) -> Result<String, String> {
        if self.flags.anchored {
            self.output.push_str(r"\A(?:");
        }
        while let Some(character) = self.peek(0) {
            let last = std::mem::take(&mut self.last);
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '$' => {
                    self.at += 1;
                    self.output.push_str(self.end_of_text());
                }
                '*' | '+' | '?' => self.repetition(character, last)?,
                '{' if self.counted().is_some() => self.counted_repetition(last)?,
                '{' | '}' => self.literal(character),
                '#' if self.flags.extended => self.comment(),
                other => {
                    self.at += 1;
                    self.output.push(other);
                }
            }
        }
        if self.flags.anchored {
            self.output.push(')');
        }
        Ok(self.output)
    }

    fn literal(&mut self, character: char) {
        self.at += 1;
        self.output.push('\\');
        self.output.push(character);
    }

    /// PCRE's `$` also matches before a final line end.
    fn end_of_text(&self) -> &'static str {
        if self.flags.multi_line {
            "$"
        } else if self.flags.dollar_end_only {
            r"\z"
        } else {
            r"(?:\n?\z)"
        }
    }

    fn comment(&mut self) {
        while let Some(character) = self.peek(0) {
            if character == '\n' {
                break;
            }
            self.at += 1;
        }
    }

    fn repetition(&mut self, character: char, last: Last) -> Result<(), String> {
        self.last = match (last, character) {
            (Last::Item, _) => Last::Repetition,
            (Last::Repetition, '?') => Last::LazyMark,
            (Last::Repetition, '+') => {
                return Err("possessive repetitions need a backtracking engine".to_owned());
            }
            _ => return Err(REPEATED_TWICE.to_owned()),
        };
        self.at += 1;
        self.output.push(character);
        Ok(())
    }

    /// The length of a counted repetition at this place: `{2}`, `{2,}`, `{2,5}`. Anything else is literal.
    fn counted(&self) -> Option<usize> {
        let close = self.input[self.at..]
            .iter()
            .position(|&character| character == '}')?;
        let inner: String = self.input[self.at + 1..self.at + close].iter().collect();
        let (least, most) = inner.split_once(',').unwrap_or((inner.as_str(), ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (!least.is_empty() && digits(least) && digits(most)).then_some(close + 1)
    }

    fn counted_repetition(&mut self, last: Last) -> Result<(), String> {
        if last != Last::Item {
            return Err(REPEATED_TWICE.to_owned());
        }
        let length = self.counted().unwrap_or(1);
        self.output.extend(&self.input[self.at..self.at + length]);
        self.at += length;
        self.last = Last::Repetition;
        Ok(())
    }

    fn group(&mut self) -> Result<(), String> {
        for (start, name) in [
            ("(?=", "lookaheads"),
            ("(?!", "lookaheads"),
            ("(?<=", "lookbehinds"),
            ("(?<!", "lookbehinds"),
            ("(?>", "atomic groups"),
            ("(?|", "branch resets"),
            ("(?(", "conditions"),
            ("(?R", "recursions"),
            ("(?&", "recursions"),
            ("(?P>", "recursions"),
            ("(?P=", "back-references"),
            ("(?C", "callouts"),
            ("(*", "control verbs"),
        ] {
            if self.rest_starts_with(start) {
                return Err(format!("{name} need a backtracking engine"));
            }
        }
        if self.rest_starts_with("(?#") {
            while self.peek(0).is_some_and(|character| character != ')') {
                self.at += 1;
            }
            self.at += 1;
            return Ok(());
        }
        if self.rest_starts_with("(?")
            && !self.rest_starts_with("(?<")
            && !self.rest_starts_with("(?P<")
        {
            let flags: String = self.input[self.at + 2..]
                .iter()
                .take_while(|c| c.is_ascii_alphabetic() || **c == '-')
                .collect();
            if flags
                .chars()
                .any(|flag| !matches!(flag, 'i' | 's' | 'U' | '-'))
            {
                return Err(format!(
                    "the flags `{flags}` inside the pattern are not supported"
                ));
            }
        }
        self.at += 1;
        self.output.push('(');
        if self.peek(0) == Some('?') {
            self.at += 1;
            self.output.push('?');
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let Some(escaped) = self.peek(1) else {
            return Err("the pattern ends with a backslash".to_owned());
        };
        self.at += 2;
        match escaped {
            'Q' => {
                while self.at < self.input.len() && !self.rest_starts_with(r"\E") {
                    let literal: String = self.input[self.at..=self.at].iter().collect();
                    self.output.push_str(&regex::escape(&literal));
                    self.at += 1;
                }
                self.at = (self.at + 2).min(self.input.len());
            }
            'E' => {}
            'Z' => self.output.push_str(r"(?:\n?\z)"),
            'h' => self.output.push_str(r"[\t\x20]"),
            'H' => self.output.push_str(r"[^\t\x20]"),
            'R' => self.output.push_str(r"(?:\r\n|[\n\x0B\x0C\r])"),
            'N' => self.output.push_str(r"[^\n]"),
            '1'..='9' | 'g' | 'k' => {
                return Err("back-references need a backtracking engine".to_owned());
            }
            'K' | 'G' | 'X' | 'C' => {
                return Err(format!("`\\{escaped}` needs a backtracking engine"));
            }
            'e' => self.output.push_str(r"\x1B"),
            '0' => {
                let code = self.octal(2);
                self.output.push_str(&code);
            }
            'b' | 'B' | 'A' | 'z' | 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'v' | 'n' | 'r' | 't'
            | 'f' | 'a' | 'x' | 'p' | 'P' => {
                self.output.push('\\');
                self.output.push(escaped);
                self.rest_of_code(escaped);
            }
            other if other.is_ascii_alphanumeric() => {
                return Err(format!("`\\{other}` is not known in patterns"));
            }
            other => self.output.push_str(&escape_literal(other)),
        }
        Ok(())
    }

    /// The braces of `\x{41}` and `\p{L}` belong to the escape and are no repetition.
    fn rest_of_code(&mut self, escaped: char) {
        if matches!(escaped, 'x' | 'p' | 'P') && self.peek(0) == Some('{') {
            while let Some(character) = self.peek(0) {
                self.at += 1;
                self.output.push(character);
                if character == '}' {
                    break;
                }
            }
        }
    }

    /// A character by its octal code, of at most so many digits.
    fn octal(&mut self, digits: usize) -> String {
        let mut value = 0;
        for _ in 0..digits {
            let Some(digit) = self.peek(0).and_then(|character| character.to_digit(8)) else {
                break;
            };
            value = value * 8 + digit;
            self.at += 1;
        }
        format!(r"\x{{{value:x}}}")
    }

    /// A bracketed class. Inside it this engine knows nested classes and set operations that PCRE does not,
    /// and is stricter about dashes.
    fn class(&mut self) -> Result<(), String> {
        self.at += 1;
        self.output.push('[');
        if self.peek(0) == Some('^') {
            self.at += 1;
            self.output.push('^');
        }
        let mut first = true;
        // Whether the last item is a single character that can begin a range.
        let mut can_begin_range = false;
        loop {
            let Some(character) = self.peek(0) else {
                return Err("a class in the pattern is not closed".to_owned());
            };
            match character {
                ']' if !first => {
                    self.at += 1;
                    self.output.push(']');
                    return Ok(());
                }
                '[' if self.peek(1) == Some(':')
                    && let Some(length) = self.posix_class() =>
                {
                    self.output.extend(&self.input[self.at..self.at + length]);
                    self.at += length;
                    can_begin_range = false;
                }
                '-' if can_begin_range && self.range_follows() => {
                    self.at += 1;
                    self.output.push('-');
                    self.class_character()?;
                    can_begin_range = false;
                }
                _ => can_begin_range = self.class_character()?,
            }
            first = false;
        }
    }

    /// Whether after the dash at this place stands a single character.
    fn range_follows(&self) -> bool {
        match self.peek(1) {
            None | Some(']') => false,
            Some('\\') => !matches!(
                self.peek(2),
                None | Some(
                    'd' | 'D'
                        | 'w'
                        | 'W'
                        | 's'
                        | 'S'
                        | 'h'
                        | 'H'
                        | 'v'
                        | 'V'
                        | 'p'
                        | 'P'
                        | 'N'
                        | 'R'
                )
            ),
            Some('[') => self.peek(2) != Some(':'),
            Some(_) => true,
        }
    }

    /// The length of a named class such as `[:alpha:]` at this place.
    fn posix_class(&self) -> Option<usize> {
        let close = self.input[self.at..]
            .windows(2)
            .position(|pair| pair == [':', ']'])?;
        let name = self
            .input
            .get(self.at + 2..self.at + close)
            .filter(|name| !name.is_empty())?;
        name.iter()
            .all(|character| character.is_ascii_lowercase() || *character == '^')
            .then_some(close + 2)
    }

    /// Writes one item of a class; says whether it is a single character.
    fn class_character(&mut self) -> Result<bool, String> {
        let Some(character) = self.peek(0) else {
            return Err("a class in the pattern is not closed".to_owned());
        };
        if character != '\\' {
            self.at += 1;
            self.output.push_str(&escape_literal(character));
            return Ok(true);
        }
        let Some(escaped) = self.peek(1) else {
            return Err("the pattern ends with a backslash".to_owned());
        };
        self.at += 2;
        match escaped {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'v' | 'p' | 'P' => {
                self.output.push('\\');
                self.output.push(escaped);
                self.rest_of_code(escaped);
                return Ok(false);
            }
            'h' => {
                self.output.push_str(r"\t\x20");
                return Ok(false);
            }
            'n' | 'r' | 't' | 'f' | 'a' | 'x' => {
                self.output.push('\\');
                self.output.push(escaped);
                self.rest_of_code(escaped);
            }
            'e' => self.output.push_str(r"\x1B"),
            'b' => self.output.push_str(r"\x08"),
            '0'..='7' => {
                self.at -= 1;
                let code = self.octal(3);
                self.output.push_str(&code);
            }
            other if other.is_ascii_alphanumeric() => {
                return Err(format!("`\\{other}` is not known in a class"));
            }
            other => self.output.push_str(&escape_literal(other)),
        }
        Ok(true)
    }
}

/// A character that stands for itself inside and outside of classes, also where white space is skipped.
fn escape_literal(character: char) -> String {
    match character {
        ' ' => r"\x20".to_owned(),
        '#' => r"\x23".to_owned(),
        '\t' => r"\t".to_owned(),
        '\n' => r"\n".to_owned(),
        '\r' => r"\r".to_owned(),
        '<' | '>' => character.to_string(),
        other if other.is_ascii_punctuation() => format!("\\{other}"),
        other => other.to_string(),
    }
}
