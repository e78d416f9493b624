//! Texts of a known form: addresses, colours, dates.

use std::net::Ipv6Addr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, format};

/// `scheme://host[:port][/...]`; single-label hosts and addresses count. With `schemes` only those.
pub(super) fn is_url(text: &str, schemes: &[String]) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let valid_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !valid_scheme || text.contains(char::is_whitespace) {
        return false;
    }
    if !schemes.is_empty()
        && !schemes
            .iter()
            .any(|known| known.eq_ignore_ascii_case(scheme))
    {
        return false;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, port) = match host_and_port.strip_prefix('[') {
        Some(inner) => {
            let Some((address, after)) = inner.split_once(']') else {
                return false;
            };
            if address.parse::<Ipv6Addr>().is_err() {
                return false;
            }
            match after.strip_prefix(':') {
                Some(port) => (address, Some(port)),
                None if after.is_empty() => (address, None),
                None => return false,
            }
        }
        None => match host_and_port.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (host_and_port, None),
        },
    };
    let is_name = host.contains(':')
        || (host.chars().any(char::is_alphanumeric)
            && host
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
    is_name && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Six pairs of hexadecimal digits with colons or dashes, or three groups of four with dots.
pub(super) fn is_mac_address(text: &str) -> bool {
    let groups = |separator: char, count: usize, width: usize| {
        let mut parts = text.split(separator);
        let valid = parts
            .by_ref()
            .take(count)
            .filter(|part| part.len() == width && is_hex(part))
            .count()
            == count;
        valid && parts.next().is_none()
    };
    groups(':', 6, 2) || groups('-', 6, 2) || groups('.', 3, 4)
}

pub(super) fn is_uuid(text: &str) -> bool {
    let widths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == widths.len()
        && parts
            .iter()
            .zip(widths)
            .all(|(part, width)| part.len() == width && is_hex(part))
}

pub(super) fn is_hex_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| matches!(digits.len(), 3 | 4 | 6 | 8) && is_hex(digits))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// One `@` between a mailbox and a host, neither empty, without white space.
pub(super) fn is_email(text: &str) -> bool {
    let Some((mailbox, host)) = text.rsplit_once('@') else {
        return false;
    };
    let dots = |part: &str| !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
    (1..=64).contains(&mailbox.len())
        && (1..=255).contains(&host.len())
        && !mailbox.contains(|c: char| {
            c.is_whitespace() || matches!(c, '@' | ',' | ';' | '<' | '>' | '(' | ')')
        })
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
        && dots(mailbox)
        && dots(host)
}

/// `UTC`, or an area of the time zone database and a place in it. Whether the place exists is for the daemon
/// to say, which has the database.
pub(super) fn is_time_zone(text: &str) -> bool {
    const AREAS: [&str; 10] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ];
    text == "UTC"
        || text.split_once('/').is_some_and(|(area, place)| {
            AREAS.contains(&area)
                && place.split('/').all(|part| {
                    part.starts_with(|first: char| first.is_ascii_uppercase())
                        && part
                            .chars()
                            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
                })
        })
}

/// A date, with or without a time of day, in one of the usual spellings.
pub(super) fn is_date(text: &str) -> bool {
    const DATES: [&str; 5] = ["%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y"];
    const TIMES: [&str; 4] = [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
    ];
    let text = text.trim();
    DateTime::parse_from_rfc3339(text).is_ok()
        || DateTime::parse_from_rfc2822(text).is_ok()
        || DATES
            .iter()
            .any(|form| NaiveDate::parse_from_str(text, form).is_ok())
        || TIMES
            .iter()
            .any(|form| NaiveDateTime::parse_from_str(text, form).is_ok())
}

/// A date format in PHP's letters.
#[derive(Debug, Clone)]
pub(super) struct DateFormat {
    source: String,
    translated: String,
}

impl DateFormat {
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut translated = String::new();
        let mut characters = source.chars();
        while let Some(character) = characters.next() {
            let known = match character {
                'd' => "%d",
                'j' => "%-d",
                'D' => "%a",
                'l' => "%A",
                'm' => "%m",
                'n' => "%-m",
                'M' => "%b",
                'F' => "%B",
                'Y' => "%Y",
                'y' => "%y",
                'H' => "%H",
                'G' => "%-H",
                'h' => "%I",
                'g' => "%-I",
                'i' => "%M",
                's' => "%S",
                'A' => "%p",
                'a' => "%P",
                'U' => "%s",
                '%' => "%%",
                '\\' => {
                    match characters.next() {
                        Some('%') => translated.push_str("%%"),
                        Some(literal) => translated.push(literal),
                        None => return Err("its date format ends with a backslash".to_owned()),
                    }
                    continue;
                }
                other if other.is_ascii_alphabetic() => {
                    return Err(format!(
                        "the letter `{other}` in its date format is not known here"
                    ));
                }
                other => {
                    translated.push(other);
                    continue;
                }
            };
            translated.push_str(known);
        }
        Ok(Self {
            source: source.to_owned(),
            translated,
        })
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether the text is a date of this form, written exactly as the form would write it.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut parsed = format::Parsed::new();
        if format::parse(
            &mut parsed,
            text,
            format::StrftimeItems::new(&self.translated),
        )
        .is_err()
        {
            return false;
        }
        if let Ok(moment) = parsed.to_naive_datetime_with_offset(0) {
            return moment.format(&self.translated).to_string() == text;
        }
        // A month or a year alone is a date too; the missing parts do not show in the form.
        let year = parsed.year().unwrap_or(2000);
        let month = parsed.month().unwrap_or(1);
        let day = parsed.day().unwrap_or(1);
        let date = parsed
            .to_naive_date()
            .ok()
            .or_else(|| NaiveDate::from_ymd_opt(year, month, day));
        let time = parsed.to_naive_time().unwrap_or(NaiveTime::MIN);
        date.is_some_and(|date| {
            NaiveDateTime::new(date, time)
                .format(&self.translated)
                .to_string()
                == text
        })
    }
}
