//! Finding files.

use panel_domain::files::{MAX_CONTENT_SEARCH_BYTES, MAX_SEARCH_RESULTS};
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use panel_domain::validate::Invalid;
use wings_client::Capability;
use wings_client::wire::files::{Entry, PathFilter, Search};

use super::access::{Files, lacks, told};
use super::list::is_seen;
use crate::cx::Cx;
use crate::error::Error;

/// Most patterns of a filter, and their longest length in characters.
const MOST_PATTERNS: usize = 50;
const LONGEST_PATTERN: usize = 1024;

/// Files by name, size and content. Their names are paths below the directory that is searched.
///
/// Content is searched for those only who may read it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`]; [`Error::NodeLacksCapability`] for what the node cannot look for;
/// [`Error::Conflict`] by the server's state, and when the node refuses; those of the node.
pub async fn search(cx: &Cx, server: ServerRef, mut input: Search) -> Result<Vec<Entry>, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesRead).await?;
    if input.content_filter.is_some() {
        files.require(ServerPermission::FilesReadContent)?;
    }
    let root = files.directory("root", &input.root)?;
    check(&input)?;
    if let Some(filter) = &mut input.content_filter {
        filter.max_search_size = filter.max_search_size.min(MAX_CONTENT_SEARCH_BYTES);
    }
    input.root = root.absolute();
    input.per_page = MAX_SEARCH_RESULTS;
    let profile = files.client.profile().await?;
    let can = profile.capabilities();
    let mut found = if can.has(Capability::ContentSearch) {
        let found = files.client.search_files(files.server, &input).await;
        found.map_err(told)?
    } else {
        if !can.has(Capability::FileSearch) {
            return Err(lacks(profile.flavour, Capability::FileSearch));
        }
        let text =
            only_name(&input).ok_or_else(|| lacks(profile.flavour, Capability::ContentSearch))?;
        let mut found = files
            .client
            .find_files(files.server, &input.root, text, MAX_SEARCH_RESULTS)
            .await
            .map_err(told)?;
        if let Some(sizes) = input.size_filter {
            found.retain(|entry| (sizes.min..=sizes.max).contains(&entry.size));
        }
        found
    };
    found.retain(|entry| is_seen(&files, &root, entry));
    found.truncate(MAX_SEARCH_RESULTS as usize);
    Ok(found)
}

fn check(input: &Search) -> Result<(), Error> {
    let mut invalid = Invalid::new();
    if let Some(PathFilter {
        include, exclude, ..
    }) = &input.path_filter
    {
        for (field, patterns) in [("include", include), ("exclude", exclude)] {
            let field = format!("path_filter.{field}");
            let few = patterns.len() <= MOST_PATTERNS;
            let short = patterns
                .iter()
                .all(|pattern| pattern.chars().count() <= LONGEST_PATTERN);
            let message = "must be 50 patterns of 1024 characters at most";
            invalid.require(few && short, &field, message);
        }
    }
    if let Some(filter) = &input.content_filter {
        let fits = (1..=LONGEST_PATTERN).contains(&filter.query.chars().count());
        let message = "must be 1 to 1024 characters long";
        invalid.require(fits, "content_filter.query", message);
    }
    Ok(invalid.finish()?)
}

/// What a name contains or looks like, when the search is for nothing else: all that Pelican can look for.
fn only_name(search: &Search) -> Option<&str> {
    let filter = search.path_filter.as_ref()?;
    let [pattern] = filter.include.as_slice() else {
        return None;
    };
    let name = pattern.strip_prefix("**/").unwrap_or(pattern);
    let is_plain = search.content_filter.is_none()
        && filter.exclude.is_empty()
        && !name.contains(['/', '[', '{']);
    // `*text*` is what it looks for anyway.
    let inner = name
        .strip_prefix('*')
        .and_then(|name| name.strip_suffix('*'));
    is_plain.then(|| {
        inner
            .filter(|inner| !inner.contains(['*', '?']))
            .unwrap_or(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(include: &[&str], exclude: &[&str]) -> Search {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Search {
            root: "/".to_owned(),
            path_filter: Some(PathFilter {
                include: texts(include),
                exclude: texts(exclude),
                case_insensitive: true,
            }),
            size_filter: None,
            content_filter: None,
            per_page: 1,
        }
    }

    #[test]
    fn a_search_for_a_name_is_told_from_others() {
        assert_eq!(only_name(&search(&["**/*level*"], &[])), Some("level"));
        assert_eq!(only_name(&search(&["*.yml"], &[])), Some("*.yml"));
        assert_eq!(only_name(&search(&["**/a*b*"], &[])), Some("a*b*"));
        assert_eq!(only_name(&search(&["plugins/*.yml"], &[])), None);
        assert_eq!(only_name(&search(&["a", "b"], &[])), None);
        assert_eq!(only_name(&search(&["a"], &["b"])), None);
    }
}
