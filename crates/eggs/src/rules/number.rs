//! Numbers as PHP reads them from text.

use std::cmp::Ordering;

/// A number from text: exact where it is whole and of ordinary size.
#[derive(Debug, Clone, Copy)]
pub(super) enum Numeric {
    Whole(i128),
    Fraction(f64),
}

impl Numeric {
    /// Reads a numeric text: sign, digits, fraction, exponent, outer white space; no hexadecimal.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
            None => (unsigned, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
            return None;
        }
        if let Some(exponent) = exponent {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if exponent.is_empty() || !digits(exponent) {
                return None;
            }
        } else if !mantissa.contains('.')
            && let Ok(whole) = text.strip_prefix('+').unwrap_or(text).parse()
        {
            return Some(Self::Whole(whole));
        }
        text.parse().ok().map(Self::Fraction)
    }

    pub(super) fn count(count: usize) -> Self {
        Self::Whole(i128::try_from(count).unwrap_or(i128::MAX))
    }

    fn as_f64(self) -> f64 {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "numbers beyond 2^53 compare roughly with fractions"
            )]
            Self::Whole(whole) => whole as f64,
            Self::Fraction(fraction) => fraction,
        }
    }

    /// Whether this is a multiple of another number, as far as decimal fractions can tell.
    pub(super) fn is_multiple_of(self, of: Self) -> bool {
        match (self, of) {
            (Self::Whole(value), Self::Whole(of)) => value == 0 || (of != 0 && value % of == 0),
            (value, of) => {
                let (value, of) = (value.as_f64(), of.as_f64());
                if of == 0.0 {
                    return value == 0.0;
                }
                let quotient = value / of;
                (quotient - quotient.round()).abs() < 1e-9
            }
        }
    }
}

impl PartialEq for Numeric {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one.partial_cmp(other),
            (one, other) => one.as_f64().partial_cmp(&other.as_f64()),
        }
    }
}

impl std::fmt::Display for Numeric {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Whole(whole) => whole.fmt(formatter),
            Self::Fraction(fraction) => fraction.fmt(formatter),
        }
    }
}

/// Whether a text is a whole number of 64 bits: optional sign, no leading zeros, outer white space.
pub(super) fn is_integer(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{0}']);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain && (digits == "0" || !digits.starts_with('0')) && text.parse::<i64>().is_ok()
}
