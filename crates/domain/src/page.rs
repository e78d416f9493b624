//! Pages of lists, as the contract has them: `page` counts from 1, `total` is the number of all matches.

use serde::{Deserialize, Serialize};

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    number: i64,
    per_page: i64,
}

impl Page {
    /// Entries on a page when the request does not say.
    pub const DEFAULT_PER_PAGE: i64 = 25;
    /// The most entries on a page.
    pub const MAX_PER_PAGE: i64 = 100;

    /// The page with this number (from 1) of this many entries. Values outside of what is served are moved
    /// to the nearest one that is, since clients made for the contract send them (`page=0`, `per_page=1000`).
    #[must_use]
    pub fn new(number: Option<i64>, per_page: Option<i64>) -> Self {
        Self {
            number: number.unwrap_or(1).max(1),
            per_page: per_page
                .unwrap_or(Self::DEFAULT_PER_PAGE)
                .clamp(1, Self::MAX_PER_PAGE),
        }
    }

    /// The page's number, from 1.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.number
    }

    /// Entries on a page.
    #[must_use]
    pub const fn per_page(self) -> i64 {
        self.per_page
    }

    /// Entries before this page.
    #[must_use]
    pub const fn offset(self) -> i64 {
        (self.number - 1).saturating_mul(self.per_page)
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::new(None, None)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paged<T> {
    /// The number of all entries, on every page.
    pub total: i64,
    /// Entries on a page.
    pub per_page: i64,
    /// This page's number, from 1.
    pub page: i64,
    /// The entries of this page.
    pub data: Vec<T>,
}

impl<T> Paged<T> {
    /// `data` as the answer to a request for `page`, out of `total` entries.
    #[must_use]
    pub const fn new(page: Page, total: i64, data: Vec<T>) -> Self {
        Self {
            total,
            per_page: page.per_page,
            page: page.number,
            data,
        }
    }

    /// The same page with each entry turned into another.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Paged<U> {
        Paged {
            total: self.total,
            per_page: self.per_page,
            page: self.page,
            data: self.data.into_iter().map(f).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stay_inside_what_is_served() {
        let page = Page::new(Some(0), Some(1_000));
        assert_eq!((page.number(), page.per_page(), page.offset()), (1, 100, 0));
        let page = Page::new(Some(3), Some(-1));
        assert_eq!((page.number(), page.per_page(), page.offset()), (3, 1, 2));
        assert_eq!(Page::default().per_page(), 25);
        assert_eq!(Page::new(Some(i64::MAX), Some(100)).offset(), i64::MAX);
    }

    #[test]
    fn map_keeps_the_numbers() {
        let paged = Paged::new(Page::new(Some(2), Some(2)), 3, vec![7]).map(|n| n.to_string());
        assert_eq!((paged.total, paged.page, paged.per_page), (3, 2, 2));
        assert_eq!(paged.data, ["7"]);
    }
}
