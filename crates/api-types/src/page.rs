//! Pages of lists.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The number of all entries, on every page.
    pub total: i64,
    /// Entries on a page.
    pub per_page: i64,
    /// This page's number, from 1.
    pub page: i64,
    /// The entries of this page.
    pub data: Vec<T>,
}

impl<T> Page<T> {
    /// A page of the domain's, each entry as `convert` shows it to clients.
    #[must_use]
    pub fn of<U>(paged: panel_domain::page::Paged<U>, convert: impl FnMut(U) -> T) -> Self {
        let paged = paged.map(convert);
        Self {
            total: paged.total,
            per_page: paged.per_page,
            page: paged.page,
            data: paged.data,
        }
    }
}

impl<T> Page<T> {
    /// As [`of`](Self::of), where an entry may fail to be shown.
    ///
    /// # Errors
    /// The first one of `convert`.
    pub fn try_of<U, E>(
        paged: panel_domain::page::Paged<U>,
        convert: impl FnMut(U) -> Result<T, E>,
    ) -> Result<Self, E> {
        Ok(Self {
            total: paged.total,
            per_page: paged.per_page,
            page: paged.page,
            data: paged
                .data
                .into_iter()
                .map(convert)
                .collect::<Result<_, E>>()?,
        })
    }
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
}

/// Which page of a list is asked for, and of which of its entries.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 100, 25 without it.
    pub per_page: Option<i64>,
    /// Part of a name or another text to look for.
    pub search: Option<String>,
}

impl PageQuery {
    /// The page to load.
    #[must_use]
    pub fn page(self) -> panel_domain::page::Page {
        panel_domain::page::Page::new(self.page, self.per_page)
    }
}

impl SearchQuery {
    /// The page to load.
    #[must_use]
    pub fn page(&self) -> panel_domain::page::Page {
        panel_domain::page::Page::new(self.page, self.per_page)
    }

    /// The text to look for; none when it is blank.
    #[must_use]
    pub fn search(&self) -> Option<&str> {
        self.search
            .as_deref()
            .map(str::trim)
            .filter(|s| !s.is_empty())
    }
}
