//! Documents as trees, from JSON and from YAML.

use std::cell::{Cell, RefCell};
use std::fmt;

use indexmap::IndexMap;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use super::{ImportError, LIMITS};

pub(super) type NodeMap = IndexMap<String, Node>;

/// A value of a document. Numbers keep the text they were written with: `1.10` is a version, not 1.1.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number { text: String, number: Number },
    Text(String),
    List(Vec<Node>),
    Map(NodeMap),
}

impl Node {
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            // A number that would be written differently is kept as its text.
            Self::Number { text, number } if number.to_string() == text => Value::Number(number),
            Self::Number { text, .. } => Value::String(text),
            Self::Text(text) => Value::String(text),
            Self::List(items) => Value::Array(items.into_iter().map(Self::into_value).collect()),
            Self::Map(entries) => Value::Object(
                entries
                    .into_iter()
                    .map(|(key, node)| (key, node.into_value()))
                    .collect(),
            ),
        }
    }

    /// The text of a scalar: numbers as written, booleans as `true` and `false`, null as nothing.
    pub(super) fn scalar_text(&self) -> Option<String> {
        match self {
            Self::Null => Some(String::new()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Number { text, .. } => Some(text.clone()),
            Self::Text(text) => Some(text.clone()),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Nothing, or a list or map without entries: what panels write for each other.
    pub(super) fn is_vacant(&self) -> bool {
        match self {
            Self::Null => true,
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }
}

/// Counts what is read, so that a document which is too much ends while it is read and not after it filled the memory.
#[derive(Default)]
struct Counter {
    values: Cell<usize>,
}

impl Counter {
    /// One more value, in a list or map that has `entries` with it. `place` describes that list or map.
    fn add(&self, entries: usize, place: impl FnOnce() -> String) -> Result<(), ImportError> {
        self.values.set(self.values.get() + 1);
        let (path, count, limit, what) = if entries > LIMITS.entries {
            (place(), entries, LIMITS.entries, "entries")
        } else if self.values.get() > LIMITS.values {
            let all = "the document".to_owned();
            (all, self.values.get(), LIMITS.values, "values")
        } else {
            return Ok(());
        };
        Err(ImportError::TooMany {
            path,
            what,
            count,
            limit,
        })
    }
}

/// Reads JSON. The second part names the keys that occur twice in one object; the last occurrence counts.
pub(super) fn from_json(text: &str) -> Result<(Node, Vec<String>), ImportError> {
    let state = JsonState::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = JsonSeed {
        state: &state,
        depth: 0,
    }
    .deserialize(&mut deserializer)
    .and_then(|node| deserializer.end().map(|()| node));
    match parsed {
        Ok(node) => Ok((node, state.duplicates.into_inner())),
        Err(error) => {
            if let Some(refusal) = state.refusal.into_inner() {
                return Err(refusal);
            }
            let full = error.to_string();
            let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
            Err(ImportError::Json {
                message,
                line: error.line(),
                column: error.column(),
            })
        }
    }
}

#[derive(Default)]
struct JsonState {
    duplicates: RefCell<Vec<String>>,
    counter: Counter,
    /// Why reading was ended from here; the reader itself only knows texts.
    refusal: RefCell<Option<ImportError>>,
}

#[derive(Clone, Copy)]
struct JsonSeed<'a> {
    state: &'a JsonState,
    depth: usize,
}

impl JsonSeed<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == LIMITS.depth {
            return Err(self.refuse(ImportError::TooDeep {
                limit: LIMITS.depth,
            }));
        }
        Ok(Self {
            state: self.state,
            depth: self.depth + 1,
        })
    }

    fn refuse<E: serde::de::Error>(self, refusal: ImportError) -> E {
        let error = E::custom(&refusal);
        self.state.refusal.replace(Some(refusal));
        error
    }

    fn count<E: serde::de::Error>(self, entries: usize) -> Result<(), E> {
        self.state
            .counter
            .add(entries, || "a list or map".to_owned())
            .map_err(|refusal| self.refuse(refusal))
    }
}

impl<'de> DeserializeSeed<'de> for JsonSeed<'_> {
    type Value = Node;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

fn json_number(number: Number) -> Node {
    Node::Number {
        text: number.to_string(),
        number,
    }
}

impl<'de> Visitor<'de> for JsonSeed<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(json_number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(json_number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        Number::from_f64(value)
            .map(json_number)
            .ok_or_else(|| E::custom("a number without a value"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
            self.count(items.len())?;
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let inner = self.deeper()?;
        let mut entries = NodeMap::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value_seed(inner)?;
            if entries.insert(key.clone(), value).is_some() {
                self.state.duplicates.borrow_mut().push(key);
            }
            self.count(entries.len())?;
        }
        Ok(Node::Map(entries))
    }
}

/// Reads YAML 1.2 with the core schema's scalars. The second part names the keys that occur twice in one map.
pub(super) fn from_yaml(text: &str) -> Result<(Node, Vec<String>), ImportError> {
    let mut builder = YamlBuilder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| ImportError::Yaml {
            message: error.info().to_owned(),
            line: error.marker().line(),
            column: error.marker().col() + 1,
        })?;
        builder.take(event, span)?;
    }
    builder
        .root
        .map(|root| (root, builder.duplicates))
        .ok_or(ImportError::Empty)
}

enum Open {
    List(Vec<Node>),
    Map {
        entries: NodeMap,
        key: Option<String>,
    },
}

#[derive(Default)]
struct YamlBuilder {
    stack: Vec<Open>,
    root: Option<Node>,
    duplicates: Vec<String>,
    counter: Counter,
}

impl YamlBuilder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), ImportError> {
        match event {
            Event::Alias(_) => Err(ImportError::Alias {
                line: span.start.line(),
            }),
            Event::Scalar(text, style, _, tag) => {
                let node = if style == ScalarStyle::Plain && !is_text_tag(tag.as_deref()) {
                    plain_scalar(&text)
                } else {
                    Node::Text(text.into_owned())
                };
                self.add(node, span)
            }
            Event::SequenceStart(..) => self.open(Open::List(Vec::new())),
            Event::MappingStart(..) => self.open(Open::Map {
                entries: NodeMap::new(),
                key: None,
            }),
            Event::SequenceEnd | Event::MappingEnd => {
                let node = match self.stack.pop() {
                    Some(Open::List(items)) => Node::List(items),
                    Some(Open::Map { entries, .. }) => Node::Map(entries),
                    None => return Err(unexpected(span, "an end without a beginning")),
                };
                self.add(node, span)
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(unexpected(span, "there is a second document"))
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(&mut self, open: Open) -> Result<(), ImportError> {
        if self.stack.len() == LIMITS.depth {
            return Err(ImportError::TooDeep {
                limit: LIMITS.depth,
            });
        }
        self.stack.push(open);
        Ok(())
    }

    fn add(&mut self, node: Node, span: Span) -> Result<(), ImportError> {
        let count = match self.stack.last_mut() {
            None => {
                self.root = Some(node);
                0
            }
            Some(Open::List(items)) => {
                items.push(node);
                items.len()
            }
            Some(Open::Map { entries, key }) => {
                match key.take() {
                    Some(key) => {
                        if entries.insert(key.clone(), node).is_some() {
                            self.duplicates.push(key);
                        }
                    }
                    None => {
                        let text = node.scalar_text();
                        *key =
                            Some(text.ok_or_else(|| unexpected(span, "a key is a list or a map"))?);
                    }
                }
                entries.len()
            }
        };
        self.counter.add(count, || {
            format!("the list or map in line {}", span.start.line())
        })
    }
}

fn unexpected(span: Span, message: &str) -> ImportError {
    ImportError::Yaml {
        message: message.to_owned(),
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}

fn is_text_tag(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str")
}

fn plain_scalar(text: &str) -> Node {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Node::Null,
        "true" | "True" | "TRUE" => return Node::Bool(true),
        "false" | "False" | "FALSE" => return Node::Bool(false),
        _ => {}
    }
    let radix = |prefix: &str, radix: u32| {
        text.strip_prefix(prefix)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .and_then(|digits| u64::from_str_radix(digits, radix).ok())
    };
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Node::Number {
            text: text.to_owned(),
            number: number.into(),
        };
    }
    let looks_numeric = {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
            && unsigned.bytes().any(|byte| byte.is_ascii_digit())
            && unsigned.bytes().all(|byte| {
                byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')
            })
    };
    if !looks_numeric {
        return Node::Text(text.to_owned());
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    let number = if let Ok(number) = digits.parse::<i64>() {
        Some(Number::from(number))
    } else if let Ok(number) = digits.parse::<u64>() {
        Some(Number::from(number))
    } else {
        digits.parse::<f64>().ok().and_then(Number::from_f64)
    };
    match number {
        Some(number) => Node::Number {
            text: text.to_owned(),
            number,
        },
        None => Node::Text(text.to_owned()),
    }
}
