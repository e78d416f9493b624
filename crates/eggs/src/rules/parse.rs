//! Rule elements: `name` or `name:arguments`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::check::{Bound, Check, Compared, Order};
use super::formats::DateFormat;
use super::number::Numeric;
use super::pattern::Pattern;

/// Classes of letters, by Unicode and as far as ASCII goes.
const ALPHA: (&str, &str) = (r"\pL\pM", "A-Za-z");
const ALPHA_NUM: (&str, &str) = (r"\pL\pM\pN", "A-Za-z0-9");
const ALPHA_DASH: (&str, &str) = (r"\pL\pM\pN_\-", r"A-Za-z0-9_\-");

/// The classes as patterns, compiled once: the classes of Unicode are large, and a file may ask for one a hundred thousand times.
static LETTERS: LazyLock<Result<BTreeMap<&str, Regex>, regex::Error>> = LazyLock::new(|| {
    [ALPHA, ALPHA_NUM, ALPHA_DASH]
        .into_iter()
        .flat_map(|(unicode, ascii)| [unicode, ascii])
        .map(|set| Ok((set, Regex::new(&format!(r"\A[{set}]+\z"))?)))
        .collect()
});

/// The name of an element in its one spelling. Laravel takes alpha_dash, alpha-dash and AlphaDash for the same.
pub(super) fn name(element: &str) -> String {
    let name = element.split(':').next().unwrap_or_default();
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Reads one element. An empty one means nothing; the error says why an element cannot be checked.
pub(super) fn element(element: &str) -> Result<Option<Check>, String> {
    let arguments = element.split_once(':').map(|(_, arguments)| arguments);
    let name = name(element);
    if name.is_empty() {
        return Ok(None);
    }
    let arguments = Arguments { text: arguments };
    let check = match name.as_str() {
        "nullable" => Check::Nullable,
        "bail" => Check::Bail,
        "sometimes" | "string" => return Ok(None),
        "required" => Check::Required,
        "requiredif" => {
            let (field, values) = arguments.field_and_values()?;
            Check::RequiredIf {
                field,
                values,
                unless: false,
            }
        }
        "requiredunless" => {
            let (field, values) = arguments.field_and_values()?;
            Check::RequiredIf {
                field,
                values,
                unless: true,
            }
        }
        "requiredifaccepted" => Check::RequiredIf {
            field: arguments.field()?,
            values: texts(super::check::ACCEPTED),
            unless: false,
        },
        "requiredifdeclined" => Check::RequiredIf {
            field: arguments.field()?,
            values: texts(super::check::DECLINED),
            unless: false,
        },
        "requiredwith" => Check::RequiredWith {
            fields: arguments.fields()?,
            all: false,
            given: true,
        },
        "requiredwithall" => Check::RequiredWith {
            fields: arguments.fields()?,
            all: true,
            given: true,
        },
        "requiredwithout" => Check::RequiredWith {
            fields: arguments.fields()?,
            all: false,
            given: false,
        },
        "requiredwithoutall" => Check::RequiredWith {
            fields: arguments.fields()?,
            all: true,
            given: false,
        },
        "present" => Check::Present,
        "filled" => Check::Filled,
        "accepted" => Check::Accepted {
            when: None,
            declined: false,
        },
        "declined" => Check::Accepted {
            when: None,
            declined: true,
        },
        "acceptedif" => Check::Accepted {
            when: Some(arguments.field_and_values()?),
            declined: false,
        },
        "declinedif" => Check::Accepted {
            when: Some(arguments.field_and_values()?),
            declined: true,
        },
        "boolean" | "bool" => Check::Boolean,
        "integer" | "int" => Check::Integer,
        "numeric" => Check::Numeric,
        "decimal" => {
            let list = arguments.list()?;
            let least = whole(list.first())?;
            let most = if list.len() > 1 {
                whole(list.get(1))?
            } else {
                least
            };
            Check::Decimal { least, most }
        }
        "multipleof" => Check::MultipleOf(arguments.number()?),
        "min" => Check::Size(Bound::Min(arguments.number()?)),
        "max" => Check::Size(Bound::Max(arguments.number()?)),
        "size" => Check::Size(Bound::Exactly(arguments.number()?)),
        "between" => {
            let (least, most) = arguments.two_numbers()?;
            Check::Size(Bound::Between(least, most))
        }
        "digits" => {
            let count = whole(arguments.list()?.first())?;
            Check::Digits {
                least: count,
                most: count,
            }
        }
        "digitsbetween" => {
            let list = arguments.list()?;
            Check::Digits {
                least: whole(list.first())?,
                most: whole(list.get(1))?,
            }
        }
        "mindigits" => Check::Digits {
            least: whole(arguments.list()?.first())?,
            most: usize::MAX,
        },
        "maxdigits" => Check::Digits {
            least: 0,
            most: whole(arguments.list()?.first())?,
        },
        "gt" => Check::Compare {
            order: Order::Greater,
            with: arguments.compared()?,
        },
        "gte" => Check::Compare {
            order: Order::GreaterOrEqual,
            with: arguments.compared()?,
        },
        "lt" => Check::Compare {
            order: Order::Less,
            with: arguments.compared()?,
        },
        "lte" => Check::Compare {
            order: Order::LessOrEqual,
            with: arguments.compared()?,
        },
        "in" => Check::In(arguments.list()?),
        "notin" => Check::NotIn(arguments.list()?),
        "regex" => Check::Matches {
            pattern: Pattern::parse(arguments.whole()?)?,
            negated: false,
        },
        "notregex" => Check::Matches {
            pattern: Pattern::parse(arguments.whole()?)?,
            negated: true,
        },
        "alpha" => Check::Letters(arguments.letters("letters", ALPHA)?),
        "alphanum" => Check::Letters(arguments.letters("letters and numbers", ALPHA_NUM)?),
        "alphadash" => Check::Letters(
            arguments.letters("letters, numbers, dashes and underscores", ALPHA_DASH)?,
        ),
        "ascii" => Check::Ascii,
        "lowercase" => Check::Lowercase,
        "uppercase" => Check::Uppercase,
        "startswith" => Check::Affix {
            list: arguments.list()?,
            end: false,
            negated: false,
        },
        "endswith" => Check::Affix {
            list: arguments.list()?,
            end: true,
            negated: false,
        },
        "doesntstartwith" => Check::Affix {
            list: arguments.list()?,
            end: false,
            negated: true,
        },
        "doesntendwith" => Check::Affix {
            list: arguments.list()?,
            end: true,
            negated: true,
        },
        "same" => Check::Same {
            field: arguments.field()?,
            different: false,
        },
        "different" => Check::Same {
            field: arguments.field()?,
            different: true,
        },
        "confirmed" => Check::Confirmed(arguments.text.map(sibling)),
        "url" => Check::Url(
            arguments
                .text
                .map(|_| arguments.list())
                .transpose()?
                .unwrap_or_default(),
        ),
        "ip" => Check::Ip { v4: true, v6: true },
        "ipv4" => Check::Ip {
            v4: true,
            v6: false,
        },
        "ipv6" => Check::Ip {
            v4: false,
            v6: true,
        },
        "macaddress" => Check::MacAddress,
        "uuid" => Check::Uuid,
        "hexcolor" => Check::HexColor,
        "json" => Check::Json,
        "email" => Check::Email,
        "timezone" => Check::TimeZone,
        "date" => Check::Date,
        "dateformat" => {
            let formats = arguments
                .list()?
                .iter()
                .map(|text| DateFormat::parse(text))
                .collect::<Result<_, _>>()?;
            Check::DateFormat(formats)
        }
        _ => return Err("this rule is not known here".to_owned()),
    };
    Ok(Some(check))
}

#[derive(Clone, Copy)]
struct Arguments<'a> {
    text: Option<&'a str>,
}

impl Arguments<'_> {
    fn whole(&self) -> Result<&str, String> {
        self.text
            .filter(|text| !text.is_empty())
            .ok_or_else(|| "it needs an argument".to_owned())
    }

    fn list(&self) -> Result<Vec<String>, String> {
        self.text
            .map(comma_separated)
            .ok_or_else(|| "it needs an argument".to_owned())
    }

    fn number(&self) -> Result<Numeric, String> {
        number(self.list()?.first())
    }

    fn two_numbers(&self) -> Result<(Numeric, Numeric), String> {
        let list = self.list()?;
        Ok((number(list.first())?, number(list.get(1))?))
    }

    fn field(&self) -> Result<String, String> {
        let list = self.list()?;
        list.first()
            .filter(|name| !name.is_empty())
            .map(|name| sibling(name))
            .ok_or_else(no_field)
    }

    fn fields(&self) -> Result<Vec<String>, String> {
        Ok(self.list()?.iter().map(|name| sibling(name)).collect())
    }

    fn field_and_values(&self) -> Result<(String, Vec<String>), String> {
        let mut list = self.list()?;
        if list.len() < 2 {
            return Err("it needs another variable and a value".to_owned());
        }
        let values = list.split_off(1);
        Ok((self.field()?, values))
    }

    fn compared(&self) -> Result<Compared, String> {
        let list = self.list()?;
        let first = list
            .first()
            .filter(|first| !first.is_empty())
            .ok_or_else(no_field)?;
        Ok(match Numeric::parse(first) {
            Some(number) => Compared::Number(number),
            None => Compared::Field(sibling(first)),
        })
    }

    fn letters(
        &self,
        what: &'static str,
        (unicode, ascii): (&'static str, &'static str),
    ) -> Result<super::check::Letters, String> {
        let set = if self.text.is_some_and(|text| text.trim() == "ascii") {
            ascii
        } else {
            unicode
        };
        let regexes = LETTERS.as_ref().map_err(ToString::to_string)?;
        let regex = regexes
            .get(set)
            .ok_or_else(|| "these letters are not known here".to_owned())?;
        Ok(super::check::Letters { what, regex })
    }
}

fn no_field() -> String {
    "it needs the name of another variable or a number".to_owned()
}

fn number(text: Option<&String>) -> Result<Numeric, String> {
    text.and_then(|text| Numeric::parse(text))
        .ok_or_else(|| "its argument is not a number".to_owned())
}

fn whole(text: Option<&String>) -> Result<usize, String> {
    text.and_then(|text| text.trim().parse().ok())
        .ok_or_else(|| "its argument is not a whole number".to_owned())
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

/// The name of another variable. The panels this grammar comes from keep variables below `environment`.
fn sibling(name: &str) -> String {
    name.trim()
        .strip_prefix("environment.")
        .unwrap_or(name.trim())
        .to_owned()
}

/// Values between commas; a value in double quotes may contain commas, and a doubled quote is one quote.
/// White space belongs to the values.
fn comma_separated(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut value = String::new();
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                value.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if value.is_empty() => quoted = true,
            ',' if !quoted => values.push(std::mem::take(&mut value)),
            other => value.push(other),
        }
    }
    values.push(value);
    values
}
