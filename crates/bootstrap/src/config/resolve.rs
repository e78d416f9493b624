//! From the given texts to checked values, collecting every problem on the way.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use panel_secrets::Secret;
use url::Url;

use super::problem::{Problem, Problems};
use super::raw::{FAILPOINT, Raw, SABOTAGE};
use super::settings::{Fallback, SETTINGS};
use super::{
    Bind, CacheConfig, Config, DatabaseConfig, EncryptionConfig, HttpConfig, LogConfig, Process,
    RedisConfig,
};

/// What `panel_secrets` asks of a key.
const MIN_KEY_BYTES: usize = 32;

/// Checks every setting of `raw`. Where a value is missing or wrong, a stand-in takes its place until the end, so
/// that the settings after it are checked as well.
pub(super) fn resolve(process: Process, raw: &Raw) -> Result<Config, Problems> {
    let mut read = Reader {
        raw,
        problems: Vec::new(),
    };
    let database = database(&mut read);
    let redis = redis(&mut read);
    let encryption = encryption(&mut read);
    let cache = CacheConfig {
        local_tier: read.flag("APP_USE_INTERNAL_CACHE"),
        decrypted_secrets: read.flag("APP_USE_DECRYPTION_CACHE"),
    };
    let http = http(&mut read);
    let ops = ops(&mut read, process);
    let log = LogConfig {
        debug: read.flag("APP_DEBUG"),
        directory: read.text("APP_LOG_DIRECTORY").map(PathBuf::from),
    };
    let spool_directory = read.text("APP_SPOOL_DIRECTORY").map(PathBuf::from);
    let blocked_cidrs = read.networks("APP_BLOCKED_CIDRS");
    let region = read.text("APP_REGION").unwrap_or_default().to_owned();
    let worker_priority = read.number("APP_WORKER_PRIORITY", -1000..=1000);

    let mut problems = read.problems;
    // In the order of the documentation, whatever order the groups above are read in.
    problems.sort_by_key(|p| SETTINGS.iter().position(|s| s.key == p.key));
    match http {
        Some(http) if problems.is_empty() => Ok(Config {
            process,
            database,
            redis,
            encryption,
            cache,
            http,
            ops,
            log,
            spool_directory,
            blocked_cidrs,
            region,
            worker_priority,
            failpoint: raw.get(FAILPOINT).map(ToOwned::to_owned),
            sabotage: raw.get(SABOTAGE).map(ToOwned::to_owned),
        }),
        _ => Err(Problems::new(problems)),
    }
}

fn database(read: &mut Reader<'_>) -> DatabaseConfig {
    let urls = read.required("DATABASE_URL").map(split_database_urls);
    let urls: Vec<Secret<String>> = urls.map_or_else(Vec::new, |urls| {
        urls.into_iter()
            .filter(|url| read.is_database_url("DATABASE_URL", url))
            .map(Secret::new)
            .collect()
    });
    let primary = read
        .text("DATABASE_URL_PRIMARY")
        .filter(|url| read.is_database_url("DATABASE_URL_PRIMARY", url))
        .map(|url| Secret::new(url.to_owned()));
    if primary.is_none() && urls.len() > 1 {
        read.problem(
            "DATABASE_URL_PRIMARY",
            "is not set, but DATABASE_URL names several databases",
            "Give here the address of the one that takes writes.",
        );
    }
    let (primary_url, replica_urls) = match primary {
        Some(primary) => (
            primary.clone(),
            urls.into_iter()
                .filter(|url| url.expose() != primary.expose())
                .collect(),
        ),
        None => (
            urls.into_iter()
                .next()
                .unwrap_or_else(|| Secret::new(String::new())),
            Vec::new(),
        ),
    };
    DatabaseConfig {
        primary_url,
        replica_urls,
        migrate: read.flag("DATABASE_MIGRATE"),
        connections: read.number("DATABASE_CONNECTIONS", 1..=500),
    }
}

/// Splits at commas that begin another address, so that a comma inside a password or between the hosts of one
/// address does no harm.
fn split_database_urls(text: &str) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for part in text.split(',') {
        match urls.last_mut() {
            Some(last) if !part.trim_start().starts_with("postgres") => {
                last.push(',');
                last.push_str(part);
            }
            _ => urls.push(part.trim().to_owned()),
        }
    }
    urls
}

/// The address once for each of its hosts: general rules of addresses know only one.
fn one_host_each(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return vec![url.to_owned()];
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let hosts = authority.rfind('@').map_or(0, |at| at + 1);
    let (user, hosts) = authority.split_at(hosts);
    hosts
        .split(',')
        .map(|host| format!("{scheme}://{user}{host}{path}"))
        .collect()
}

fn redis(read: &mut Reader<'_>) -> RedisConfig {
    const EXAMPLE: &str = "Give an address like redis://127.0.0.1:6379.";
    match read.text("REDIS_MODE") {
        Some("redis") => {
            let url = match read.text("REDIS_URL") {
                None => {
                    read.problem("REDIS_URL", "is not set", EXAMPLE);
                    ""
                }
                Some(url) => {
                    read.is_redis_url("REDIS_URL", url);
                    url
                }
            };
            RedisConfig::Single {
                url: Secret::new(url.to_owned()),
            }
        }
        Some("sentinel") => {
            let mut required = |key| {
                read.text(key).unwrap_or_else(|| {
                    let mend = "It is needed with REDIS_MODE=sentinel.";
                    read.problem(key, "is not set", mend);
                    ""
                })
            };
            let master = required("REDIS_SENTINEL_CLUSTER").to_owned();
            let sentinels = required("REDIS_SENTINELS");
            let sentinels = split_list(sentinels)
                .map(|address| {
                    if address.contains("://") {
                        address.to_owned()
                    } else {
                        format!("redis://{address}")
                    }
                })
                .filter(|url| read.is_redis_url("REDIS_SENTINELS", url))
                .map(Secret::new)
                .collect();
            RedisConfig::Sentinel {
                master,
                sentinels,
                username: read.text("REDIS_USERNAME").map(ToOwned::to_owned),
                password: read
                    .text("REDIS_PASSWORD")
                    .map(|p| Secret::new(p.to_owned())),
            }
        }
        other => {
            let what = format!("is `{}`", other.unwrap_or_default());
            read.problem("REDIS_MODE", what, "Give `redis` or `sentinel`.");
            RedisConfig::Single {
                url: Secret::new(String::new()),
            }
        }
    }
}

fn encryption(read: &mut Reader<'_>) -> EncryptionConfig {
    let active = read.required("APP_ENCRYPTION_KEY");
    if let Some(key) = active {
        check_key(read, "APP_ENCRYPTION_KEY", key);
    }
    let previous: Vec<&str> = split_list(
        read.text("APP_PREVIOUS_ENCRYPTION_KEYS")
            .unwrap_or_default(),
    )
    .collect();
    for key in &previous {
        check_key(read, "APP_PREVIOUS_ENCRYPTION_KEYS", key);
    }
    EncryptionConfig {
        active: Secret::new(active.unwrap_or_default().to_owned()),
        previous: previous
            .into_iter()
            .map(|key| Secret::new(key.to_owned()))
            .collect(),
    }
}

fn check_key(read: &mut Reader<'_>, setting: &str, key: &str) {
    const MEND: &str = "Make keys with `openssl rand -hex 32`.";
    if key.eq_ignore_ascii_case("changeme") {
        read.problem(setting, "is the value of an example", MEND);
    } else if key.len() < MIN_KEY_BYTES {
        let what = format!("has a key of fewer than {MIN_KEY_BYTES} bytes");
        read.problem(setting, what, MEND);
    }
}

/// Nothing when a problem left no value to go on with.
fn http(read: &mut Reader<'_>) -> Option<HttpConfig> {
    let port = read.number("PORT", 1..=65535);
    let bind = match read.text("BIND") {
        Some(path) if path.contains('/') => Bind::Unix(PathBuf::from(path)),
        _ => {
            let ip = read.parsed("BIND", "Give an IP address, or the path of a Unix socket.");
            Bind::Tcp(SocketAddr::new(
                ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
                port,
            ))
        }
    };
    let url = public_url(read);
    let trusted_proxies = read.networks("APP_TRUSTED_PROXIES");
    let server_name = server_name(read);
    let frontend = !read.flag("APP_DISABLE_FRONTEND");
    let wings_proxy = read.flag("APP_ENABLE_WINGS_PROXY");
    let drain = Duration::from_secs(read.number("APP_DRAIN_SECONDS", 0..=300));
    Some(HttpConfig {
        bind,
        url: url?,
        trusted_proxies,
        server_name,
        frontend,
        wings_proxy,
        drain,
    })
}

fn server_name(read: &mut Reader<'_>) -> Option<String> {
    let name = read.text("SERVER_NAME")?;
    if !name.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        let what = "has characters that a header cannot carry";
        read.problem("SERVER_NAME", what, "Use plain ASCII.");
        return None;
    }
    Some(name.to_owned())
}

fn public_url(read: &mut Reader<'_>) -> Option<Url> {
    const MEND: &str = "Give an address like https://panel.example.com, without a path.";
    let url = read
        .text("APP_URL")
        .unwrap_or_default()
        .parse::<Url>()
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let what = match &url {
        Some(url) if url.path() == "/" && url.query().is_none() && url.username().is_empty() => {
            None
        }
        Some(_) => Some("has more than a scheme, a host and a port"),
        None => Some("is not an http or https address"),
    };
    if let Some(what) = what {
        read.problem("APP_URL", what, MEND);
    }
    url
}

fn ops(read: &mut Reader<'_>, process: Process) -> SocketAddr {
    let ip: Option<IpAddr> = read.parsed("APP_OPS_BIND", "Give an IP address.");
    let default_port = match process {
        Process::Server => 8081,
        Process::Worker => 8082,
    };
    let port = if read.text("APP_OPS_PORT").is_some() {
        read.number("APP_OPS_PORT", 1..=65535)
    } else {
        default_port
    };
    SocketAddr::new(ip.unwrap_or(Ipv4Addr::LOCALHOST.into()), port)
}

fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

struct Reader<'a> {
    raw: &'a Raw,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn problem(&mut self, key: &str, what: impl Into<String>, mend: impl Into<String>) {
        self.problems.push(Problem {
            key: key.to_owned(),
            what: what.into(),
            mend: mend.into(),
        });
    }

    /// The given text, else the default.
    fn text(&self, key: &str) -> Option<&'a str> {
        self.raw.get(key).or_else(|| {
            let setting = SETTINGS.iter().find(|s| s.key == key)?;
            match setting.fallback {
                Fallback::Value(value) => Some(value),
                Fallback::Required | Fallback::Unset => None,
            }
        })
    }

    fn required(&mut self, key: &str) -> Option<&'a str> {
        let text = self.text(key);
        if text.is_none() {
            let help = SETTINGS.iter().find(|s| s.key == key).map(|s| s.help);
            self.problem(key, "is not set", help.unwrap_or_default());
        }
        text
    }

    fn flag(&mut self, key: &str) -> bool {
        match self.text(key).map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "1" | "yes" | "on") => true,
            Some("false" | "0" | "no" | "off") | None => false,
            Some(other) => {
                self.problem(key, format!("is `{other}`"), "Give `true` or `false`.");
                false
            }
        }
    }

    fn parsed<T: FromStr>(&mut self, key: &str, mend: &str) -> Option<T> {
        let text = self.text(key)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.problem(key, format!("is `{text}`"), mend);
        }
        value
    }

    /// A number within `range`; its lower end stands in for a wrong one.
    fn number<T>(&mut self, key: &str, range: RangeInclusive<T>) -> T
    where
        T: FromStr + PartialOrd + Display + Copy,
    {
        let (low, high) = (*range.start(), *range.end());
        let text = self.text(key).unwrap_or_default();
        match text.parse() {
            Ok(value) if range.contains(&value) => value,
            _ => {
                let mend = format!("Give a whole number from {low} to {high}.");
                self.problem(key, format!("is `{text}`"), mend);
                low
            }
        }
    }

    fn networks(&mut self, key: &str) -> Vec<IpNet> {
        let text = self.text(key).unwrap_or_default();
        if text == "none" {
            return Vec::new();
        }
        let mut networks = Vec::new();
        for part in split_list(text) {
            // A bare address is the network of that one address.
            match part
                .parse::<IpNet>()
                .or_else(|e| part.parse::<IpAddr>().map(IpNet::from).map_err(|_| e))
            {
                Ok(network) => networks.push(network),
                Err(_) => self.problem(
                    key,
                    format!("contains `{part}`, which is not a network"),
                    "Write networks like 10.0.0.0/8 or fd00::/8, separated by commas.",
                ),
            }
        }
        networks
    }

    /// Whether `url` is an address the database driver understands; notes a problem when not.
    fn is_database_url(&mut self, key: &str, url: &str) -> bool {
        let good = one_host_each(url).iter().all(|url| {
            Url::parse(url).is_ok_and(|url| {
                matches!(url.scheme(), "postgres" | "postgresql") && url.path().len() > 1
            })
        });
        if !good {
            self.problem(
                key,
                "is not a PostgreSQL address",
                "Give postgres://user:password@host:5432/name; write special characters of a password as %XX.",
            );
        }
        good
    }

    fn is_redis_url(&mut self, key: &str, url: &str) -> bool {
        let good = Url::parse(url).is_ok_and(|url| {
            matches!(url.scheme(), "redis" | "rediss") && url.has_host()
                || matches!(url.scheme(), "redis+unix" | "unix")
        });
        if !good {
            self.problem(
                key,
                "is not a Redis address",
                "Give redis://user:password@host:6379, or rediss:// for TLS.",
            );
        }
        good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn minimal() -> Vec<(&'static str, &'static str)> {
        vec![
            ("DATABASE_URL", "postgres://roost:s3cret@db/roost"),
            ("REDIS_URL", "redis://cache:6379"),
            ("APP_ENCRYPTION_KEY", KEY),
        ]
    }

    fn with(more: &[(&'static str, &'static str)]) -> Result<Config, Problems> {
        let mut values = more.to_vec();
        values.extend(minimal());
        resolve(Process::Server, &values.into_iter().collect())
    }

    fn keys(result: Result<Config, Problems>) -> Vec<String> {
        let problems = result.unwrap_err();
        problems.as_slice().iter().map(|p| p.key.clone()).collect()
    }

    #[test]
    fn three_settings_are_enough() {
        let config = with(&[]).unwrap();
        assert!(config.database.replica_urls.is_empty());
        assert_eq!(config.http.bind, Bind::Tcp("0.0.0.0:8000".parse().unwrap()));
        assert_eq!(config.ops, "127.0.0.1:8081".parse().unwrap());
        assert!(config.cache.local_tier && !config.cache.decrypted_secrets);
        assert!(!config.is_https());
        let worker = resolve(Process::Worker, &minimal().into_iter().collect()).unwrap();
        assert_eq!(worker.ops.port(), 8082);
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let raw = [
            ("DATABASE_URL", "mysql://db/roost"),
            ("PORT", "eighty"),
            ("APP_DEBUG", "maybe"),
            ("APP_TRUSTED_PROXIES", "10.0.0.0/8, nonsense"),
            ("APP_URL", "ftp://panel"),
            ("APP_ENCRYPTION_KEY", "changeme"),
        ];
        let result = resolve(Process::Server, &raw.into_iter().collect());
        assert_eq!(
            keys(result),
            [
                "DATABASE_URL",
                "REDIS_URL",
                "PORT",
                "APP_URL",
                "APP_ENCRYPTION_KEY",
                "APP_DEBUG",
                "APP_TRUSTED_PROXIES"
            ]
        );
    }

    #[test]
    fn messages_hold_no_secret() {
        let text = with(&[
            ("DATABASE_URL_PRIMARY", "postgres//u:hunter2@db"),
            ("REDIS_URL", "http://u:hunter2@cache"),
            ("APP_ENCRYPTION_KEY", "hunter2"),
        ])
        .unwrap_err()
        .to_string();
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn replicas_beside_a_primary() {
        let config = with(&[
            ("DATABASE_URL_PRIMARY", "postgres://w@db0/roost"),
            (
                "DATABASE_URL",
                "postgres://r:a,b@db1/roost, postgres://r@db2/roost",
            ),
        ])
        .unwrap();
        assert_eq!(config.database.replica_urls.len(), 2);
        assert_eq!(
            config.database.primary_url.expose(),
            "postgres://w@db0/roost"
        );
    }

    #[test]
    fn a_primary_that_moves_has_several_hosts() {
        let primary = "postgres://w:a%2Cb@db1:5432,db2:5433/roost";
        let config = with(&[
            ("DATABASE_URL_PRIMARY", primary),
            ("DATABASE_URL", "postgres://r@db2/roost"),
        ])
        .unwrap();
        assert_eq!(config.database.primary_url.expose(), primary);
        let wrong = [("DATABASE_URL", "postgres://w@db1:5432,db2:no/roost")];
        assert_eq!(keys(with(&wrong)), ["DATABASE_URL"]);
    }

    #[test]
    fn several_databases_need_a_primary() {
        let result = with(&[("DATABASE_URL", "postgres://a/x,postgres://b/x")]);
        assert_eq!(keys(result), ["DATABASE_URL_PRIMARY"]);
    }

    #[test]
    fn sentinels_are_addresses_or_hosts() {
        let config = with(&[
            ("REDIS_MODE", "sentinel"),
            ("REDIS_SENTINEL_CLUSTER", "main"),
            ("REDIS_SENTINELS", "s1:26379, rediss://s2:26379"),
        ])
        .unwrap();
        let RedisConfig::Sentinel { sentinels, .. } = config.redis else {
            panic!("not the mode asked for");
        };
        assert_eq!(sentinels[0].expose(), "redis://s1:26379");
        assert_eq!(sentinels[1].expose(), "rediss://s2:26379");
        let result = with(&[("REDIS_MODE", "sentinel")]);
        assert_eq!(keys(result), ["REDIS_SENTINEL_CLUSTER", "REDIS_SENTINELS"]);
    }

    #[test]
    fn a_path_is_a_unix_socket() {
        let config = with(&[("BIND", "/run/roost.sock")]).unwrap();
        assert_eq!(config.http.bind, Bind::Unix("/run/roost.sock".into()));
    }

    #[test]
    fn empty_counts_as_not_given() {
        let config = with(&[("PORT", " "), ("APP_TRUSTED_PROXIES", "192.0.2.1")]).unwrap();
        assert_eq!(config.http.bind, Bind::Tcp("0.0.0.0:8000".parse().unwrap()));
        assert_eq!(
            config.http.trusted_proxies,
            ["192.0.2.1/32".parse().unwrap()]
        );
    }
}
