//! What each rule asks of a value.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use regex::Regex;

use super::formats::{self, DateFormat};
use super::number::{self, Numeric};
use super::pattern::Pattern;

pub(super) const ACCEPTED: &[&str] = &["yes", "on", "1", "true"];
pub(super) const DECLINED: &[&str] = &["no", "off", "0", "false"];

#[derive(Debug, Clone)]
pub(super) enum Check {
    Nullable,
    Bail,
    Required,
    RequiredIf {
        field: String,
        values: Vec<String>,
        unless: bool,
    },
    RequiredWith {
        fields: Vec<String>,
        all: bool,
        given: bool,
    },
    Present,
    Filled,
    Accepted {
        when: Option<(String, Vec<String>)>,
        declined: bool,
    },
    Boolean,
    Integer,
    Numeric,
    Decimal {
        least: usize,
        most: usize,
    },
    MultipleOf(Numeric),
    Size(Bound),
    Digits {
        least: usize,
        most: usize,
    },
    Compare {
        order: Order,
        with: Compared,
    },
    In(Vec<String>),
    NotIn(Vec<String>),
    Matches {
        pattern: Pattern,
        negated: bool,
    },
    Letters(Letters),
    Ascii,
    Lowercase,
    Uppercase,
    Affix {
        list: Vec<String>,
        end: bool,
        negated: bool,
    },
    Same {
        field: String,
        different: bool,
    },
    Confirmed(Option<String>),
    Url(Vec<String>),
    Ip {
        v4: bool,
        v6: bool,
    },
    MacAddress,
    Uuid,
    HexColor,
    Json,
    Email,
    TimeZone,
    Date,
    DateFormat(Vec<DateFormat>),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    Min(Numeric),
    Max(Numeric),
    Exactly(Numeric),
    Between(Numeric, Numeric),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone)]
pub(super) enum Compared {
    Number(Numeric),
    Field(String),
}

#[derive(Debug, Clone)]
pub(super) struct Letters {
    pub(super) what: &'static str,
    pub(super) regex: &'static Regex,
}

/// The value under test and what surrounds it.
pub(super) struct Subject<'a> {
    pub(super) env_variable: &'a str,
    pub(super) value: &'a str,
    pub(super) blank: bool,
    /// A rule says that the value is a number, so sizes are numbers and not lengths.
    pub(super) numeric: bool,
    pub(super) values: &'a BTreeMap<String, String>,
}

impl Subject<'_> {
    fn sibling(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    fn sibling_given(&self, name: &str) -> bool {
        self.sibling(name)
            .is_some_and(|value| !value.trim().is_empty())
    }

    fn sibling_is(&self, name: &str, values: &[String]) -> bool {
        let value = self.sibling(name).unwrap_or_default();
        values
            .iter()
            .any(|wanted| wanted == value || (wanted == "null" && value.is_empty()))
    }

    fn size_of(&self, value: &str) -> Numeric {
        match Numeric::parse(value) {
            Some(number) if self.numeric => number,
            _ => Numeric::count(value.chars().count()),
        }
    }

    /// The unit of a size in a message.
    fn unit(&self) -> &'static str {
        if self.numeric && Numeric::parse(self.value).is_some() {
            ""
        } else {
            " characters"
        }
    }
}

fn must(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}

impl Check {
    /// Whether the rule looks at values that are not set.
    pub(super) fn is_implicit(&self) -> bool {
        matches!(
            self,
            Self::Required
                | Self::RequiredIf { .. }
                | Self::RequiredWith { .. }
                | Self::Present
                | Self::Filled
                | Self::Accepted { .. }
        )
    }

    /// Whether size rules beside this one compare numbers.
    pub(super) fn makes_numeric(&self) -> bool {
        matches!(self, Self::Numeric | Self::Integer | Self::Decimal { .. })
    }

    /// Checks the value; `given` says whether there is one at all. The error goes on after the variable's
    /// name.
    pub(super) fn run(&self, subject: &Subject<'_>, given: bool) -> Result<(), String> {
        match self {
            Self::Nullable | Self::Bail => Ok(()),
            Self::Required
            | Self::RequiredIf { .. }
            | Self::RequiredWith { .. }
            | Self::Present
            | Self::Filled
            | Self::Accepted { .. } => self.presence(subject, given),
            Self::Boolean
            | Self::Integer
            | Self::Numeric
            | Self::Decimal { .. }
            | Self::MultipleOf(_)
            | Self::Size(_)
            | Self::Digits { .. }
            | Self::Compare { .. } => self.amount(subject),
            _ => self.text(subject),
        }
    }

    fn presence(&self, subject: &Subject<'_>, given: bool) -> Result<(), String> {
        match self {
            Self::Required => must(!subject.blank, || "must be given".to_owned()),
            Self::RequiredIf {
                field,
                values,
                unless,
            } => {
                let applies = subject.sibling_is(field, values) != *unless;
                must(!applies || !subject.blank, || {
                    let word = if *unless { "unless" } else { "when" };
                    format!("must be given {word} {field} is {}", values.join(" or "))
                })
            }
            Self::RequiredWith { fields, all, given } => {
                let mut states = fields
                    .iter()
                    .map(|field| subject.sibling_given(field) == *given);
                let applies = if *all {
                    states.all(|state| state)
                } else {
                    states.any(|state| state)
                };
                must(!applies || !subject.blank, || {
                    let state = if *given { "given" } else { "missing" };
                    let word = if *all { " and " } else { " or " };
                    format!("must be given when {} is {state}", fields.join(word))
                })
            }
            Self::Present => must(given, || "must be sent, even if it is empty".to_owned()),
            Self::Filled => must(!given || !subject.blank, || "must not be empty".to_owned()),
            Self::Accepted { when, declined } => {
                let applies = when
                    .as_ref()
                    .is_none_or(|(field, values)| subject.sibling_is(field, values));
                let (words, action) = if *declined {
                    (DECLINED, "declined")
                } else {
                    (ACCEPTED, "accepted")
                };
                must(!applies || words.contains(&subject.value), || {
                    format!("must be {action} ({})", words.join(", "))
                })
            }
            _ => Ok(()),
        }
    }

    fn amount(&self, subject: &Subject<'_>) -> Result<(), String> {
        let value = subject.value;
        match self {
            Self::Boolean => must(matches!(value, "0" | "1"), || "must be 0 or 1".to_owned()),
            Self::Integer => must(number::is_integer(value), || {
                "must be a whole number".to_owned()
            }),
            Self::Numeric => must(Numeric::parse(value).is_some(), || {
                "must be a number".to_owned()
            }),
            Self::Decimal { least, most } => {
                let places = value
                    .trim()
                    .split_once('.')
                    .map_or(0, |(_, places)| places.len());
                must(
                    Numeric::parse(value).is_some() && (*least..=*most).contains(&places),
                    || {
                        if least == most {
                            format!("must be a number with {least} decimal places")
                        } else {
                            format!("must be a number with {least} to {most} decimal places")
                        }
                    },
                )
            }
            Self::MultipleOf(of) => must(
                Numeric::parse(value).is_some_and(|value| value.is_multiple_of(*of)),
                || format!("must be a multiple of {of}"),
            ),
            Self::Size(bound) => bound.check(subject),
            Self::Digits { least, most } => {
                let digits = value.bytes().all(|byte| byte.is_ascii_digit());
                must(
                    digits && (*least..=*most).contains(&value.len()),
                    || match (*least, *most) {
                        (least, usize::MAX) => {
                            format!("must have at least {least} digits and nothing else")
                        }
                        (0, most) => format!("must have at most {most} digits and nothing else"),
                        (least, most) if least == most => {
                            format!("must have {least} digits and nothing else")
                        }
                        (least, most) => {
                            format!("must have {least} to {most} digits and nothing else")
                        }
                    },
                )
            }
            Self::Compare { order, with } => compare(subject, *order, with),
            _ => Ok(()),
        }
    }

    fn text(&self, subject: &Subject<'_>) -> Result<(), String> {
        let value = subject.value;
        match self {
            Self::In(options) => must(options.iter().any(|option| option == value), || {
                format!("must be one of: {}", options.join(", "))
            }),
            Self::NotIn(options) => must(!options.iter().any(|option| option == value), || {
                format!("must not be one of: {}", options.join(", "))
            }),
            Self::Matches { pattern, negated } => must(pattern.is_match(value) != *negated, || {
                let word = if *negated {
                    "must not match"
                } else {
                    "must match"
                };
                format!("{word} the pattern {}", pattern.source())
            }),
            Self::Letters(letters) => must(letters.regex.is_match(value), || {
                format!("may only contain {}", letters.what)
            }),
            Self::Ascii => must(value.is_ascii(), || {
                "may only contain ASCII characters".to_owned()
            }),
            Self::Lowercase => must(value == value.to_lowercase(), || {
                "must be in lower case".to_owned()
            }),
            Self::Uppercase => must(value == value.to_uppercase(), || {
                "must be in upper case".to_owned()
            }),
            Self::Affix { list, end, negated } => {
                let found = list.iter().filter(|affix| !affix.is_empty()).any(|affix| {
                    if *end {
                        value.ends_with(affix.as_str())
                    } else {
                        value.starts_with(affix.as_str())
                    }
                });
                must(found != *negated, || {
                    let not = if *negated { "must not" } else { "must" };
                    let place = if *end { "end" } else { "start" };
                    format!("{not} {place} with one of: {}", list.join(", "))
                })
            }
            Self::Same { field, different } => {
                let equal = subject.sibling(field) == Some(value);
                must(equal != *different, || {
                    if *different {
                        format!("must differ from {field}")
                    } else {
                        format!("must be the same as {field}")
                    }
                })
            }
            Self::Confirmed(field) => {
                let own = format!("{}_confirmation", subject.env_variable);
                let field = field.as_ref().unwrap_or(&own);
                must(subject.sibling(field) == Some(value), || {
                    format!("must be repeated in {field}")
                })
            }
            Self::Url(schemes) => must(formats::is_url(value, schemes), || {
                if schemes.is_empty() {
                    "must be a URL such as https://example.com".to_owned()
                } else {
                    format!(
                        "must be a URL that begins with {}://",
                        schemes.join(":// or ")
                    )
                }
            }),
            Self::Ip {
                v4: true,
                v6: false,
            } => must(value.parse::<Ipv4Addr>().is_ok(), || {
                "must be an IPv4 address".to_owned()
            }),
            Self::Ip {
                v4: false,
                v6: true,
            } => must(value.parse::<Ipv6Addr>().is_ok(), || {
                "must be an IPv6 address".to_owned()
            }),
            Self::Ip { .. } => must(value.parse::<IpAddr>().is_ok(), || {
                "must be an IP address".to_owned()
            }),
            Self::MacAddress => must(formats::is_mac_address(value), || {
                "must be a MAC address".to_owned()
            }),
            Self::Uuid => must(formats::is_uuid(value), || "must be a UUID".to_owned()),
            Self::HexColor => must(formats::is_hex_color(value), || {
                "must be a colour such as #1e90ff".to_owned()
            }),
            Self::Json => must(
                serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok(),
                || "must be a JSON text".to_owned(),
            ),
            Self::Email => must(formats::is_email(value), || {
                "must be an e-mail address".to_owned()
            }),
            Self::TimeZone => must(formats::is_time_zone(value), || {
                "must be a time zone such as Europe/Paris".to_owned()
            }),
            Self::Date => must(formats::is_date(value), || {
                "must be a date such as 2030-12-31".to_owned()
            }),
            Self::DateFormat(list) => must(list.iter().any(|format| format.matches(value)), || {
                let forms: Vec<&str> = list.iter().map(DateFormat::source).collect();
                format!("must be a date in the form {}", forms.join(" or "))
            }),
            _ => Ok(()),
        }
    }
}

impl Bound {
    fn check(self, subject: &Subject<'_>) -> Result<(), String> {
        let size = subject.size_of(subject.value);
        let unit = subject.unit();
        match self {
            Self::Min(least) => must(size >= least, || format!("must be at least {least}{unit}")),
            Self::Max(most) => must(size <= most, || format!("must be at most {most}{unit}")),
            Self::Exactly(exact) => {
                must(size == exact, || format!("must be exactly {exact}{unit}"))
            }
            Self::Between(least, most) => must(least <= size && size <= most, || {
                format!("must be between {least} and {most}{unit}")
            }),
        }
    }
}

fn compare(subject: &Subject<'_>, order: Order, with: &Compared) -> Result<(), String> {
    let value = Numeric::parse(subject.value);
    let (left, right, other) = match with {
        Compared::Number(number) => (value, Some(*number), number.to_string()),
        Compared::Field(field) => {
            let sibling = subject.sibling(field);
            match (value, sibling.and_then(Numeric::parse)) {
                (Some(left), Some(right)) if subject.numeric => {
                    (Some(left), Some(right), field.clone())
                }
                _ => {
                    let left = subject.size_of(subject.value);
                    (
                        Some(left),
                        sibling.map(|sibling| subject.size_of(sibling)),
                        field.clone(),
                    )
                }
            }
        }
    };
    let holds = match (left, right) {
        (Some(left), Some(right)) => match order {
            Order::Greater => left > right,
            Order::GreaterOrEqual => left >= right,
            Order::Less => left < right,
            Order::LessOrEqual => left <= right,
        },
        _ => false,
    };
    must(holds, || {
        let words = match order {
            Order::Greater => "greater than",
            Order::GreaterOrEqual => "at least",
            Order::Less => "less than",
            Order::LessOrEqual => "at most",
        };
        format!("must be {words} {other}")
    })
}
