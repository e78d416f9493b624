//! Making and replacing eggs from files at addresses that people give.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use panel_domain::activity::Event;
use panel_domain::egg::MAX_FILE_BYTES;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_eggs::Note;
use panel_fetch::{Fetcher, Limits};
use panel_storage::eggs::{self as rows, EggVariable};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use url::Url;

use super::import::{Imported, read};
use super::reimport::replace;
use super::{Egg, NAME_TAKEN, find, from_model, no_nest};
use crate::cx::Cx;
use crate::error::Error;

/// The most addresses one request may give.
const MOST_URLS: usize = 25;
/// How many are fetched at the same time.
const AT_ONCE: usize = 5;

const LIMITS: Limits = Limits {
    bytes: MAX_FILE_BYTES,
    time: Duration::from_secs(15),
};

/// What became of the files at several addresses.
#[derive(Debug, Clone, Default)]
pub struct ImportedUrls {
    /// The eggs that were made.
    pub imported: Vec<(String, Imported)>,
    /// Addresses that no egg was made from, each with the reason.
    pub failures: Vec<(String, String)>,
}

/// Makes an egg from the file at each address. One that does not work does not keep the others from it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`] for the nest, [`Error::Invalid`] for the number of addresses.
pub async fn import_urls(cx: &Cx, nest: NestId, urls: Vec<String>) -> Result<ImportedUrls, Error> {
    cx.require_admin(AdminPermission::EggsCreate)?;
    if !(1..=MOST_URLS).contains(&urls.len()) {
        return Err(Error::invalid(
            "urls",
            format!("must be 1 to {MOST_URLS} addresses"),
        ));
    }
    let mut invalid = Invalid::new();
    let urls: Vec<(String, Option<Url>)> = urls
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let url = invalid.take(&format!("urls.{index}"), Url::parse(&text));
            (text, url)
        })
        .collect();
    invalid.finish()?;
    crate::nests::find(cx, nest).await?;
    let fetcher = fetcher(cx)?;
    let urls = urls
        .into_iter()
        .filter_map(|(text, url)| Some((text, url?)));
    let files: Vec<_> = stream::iter(urls)
        .map(async |(text, url)| (text, fetcher.get(&url, LIMITS).await))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut outcome = ImportedUrls::default();
    let mut eggs: Vec<(String, Egg, Vec<EggVariable>, Vec<Note>)> = Vec::new();
    for (url, file) in files {
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                outcome.failures.push((url, error.to_string()));
                continue;
            }
        };
        match read(&file) {
            Ok((model, notes)) => {
                let (egg, variables) = from_model(&model, EggId::new_v4(), nest, None, cx.now())?;
                eggs.push((url, egg, variables, notes));
            }
            Err(Error::Invalid(invalid)) => outcome.failures.push((url, invalid.to_string())),
            Err(other) => return Err(other),
        }
    }
    let made = insert_free(cx, &eggs).await?;
    for (url, egg, _, notes) in eggs {
        if made.contains(&egg.id) {
            outcome.imported.push((url, Imported { egg, notes }));
        } else {
            outcome
                .failures
                .push((url, format!("the name {:?} {NAME_TAKEN}", egg.name)));
        }
    }
    Ok(outcome)
}

/// Writes the eggs whose names are free, and says which those were.
async fn insert_free(
    cx: &Cx,
    eggs: &[(String, Egg, Vec<EggVariable>, Vec<Note>)],
) -> Result<Vec<EggId>, Error> {
    if eggs.is_empty() {
        return Ok(Vec::new());
    }
    let entries: Vec<_> = eggs
        .iter()
        .map(|(url, egg, _, _)| {
            // What follows the path may be a key to a private file.
            let from = url.split(['?', '#']).next();
            let data =
                json!({ "uuid": egg.id, "name": egg.name, "nest_uuid": egg.nest_id, "url": from });
            cx.entry(Event::EggImport, data)
        })
        .collect();
    let entries = &entries;
    cx.write(|tx| {
        async move {
            let made = rows::insert_free(tx, eggs.iter().map(|(_, egg, _, _)| egg))
                .await
                .map_err(|error| no_nest(error.into()))?;
            let mut variables = Vec::new();
            for ((_, egg, of_egg, _), entry) in eggs.iter().zip(entries) {
                if made.contains(&egg.id) {
                    variables.extend_from_slice(of_egg);
                    entry.record(tx);
                }
            }
            rows::insert_variables(tx, &variables).await?;
            Ok(made)
        }
        .scope_boxed()
    })
    .await
}

/// Replaces what an egg says by what the file at an address says; see [`reimport`](super::reimport).
///
/// # Errors
/// As with a file that is sent, and [`Error::Invalid`] when nothing can be fetched from the address.
pub async fn reimport_url(cx: &Cx, nest: NestId, id: EggId, url: &str) -> Result<Vec<Note>, Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    let url = Url::parse(url).map_err(|error| Error::invalid("url", error.to_string()))?;
    find(cx, nest, id).await?;
    let file = fetcher(cx)?
        .get(&url, LIMITS)
        .await
        .map_err(|error| Error::invalid("url", error.to_string()))?;
    replace(cx, nest, id, &file).await
}

fn fetcher(cx: &Cx) -> Result<Fetcher, Error> {
    Fetcher::new(&cx.app.options().blocked_networks).map_err(Error::internal)
}
