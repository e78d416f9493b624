//! A Redis that is watched by a real Sentinel.

use std::io::Write;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use panel_cache::{Options, Reader, RedisTarget};
use panel_test_db::TestRedis;

use crate::support::{Source, at, eventually, keeps, log, options, ready, redis_connection};

const MASTER: &str = "roost-test";

/// A Sentinel that ends with this process: the shell between waits for the pipe to close.
struct Sentinel {
    shell: Child,
    url: String,
    _directory: tempfile::TempDir,
}

impl Sentinel {
    async fn watch(master: &TestRedis) -> Self {
        let port = {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let directory = tempfile::tempdir().unwrap();
        let configuration = directory.path().join("sentinel.conf");
        let mut file = std::fs::File::create(&configuration).unwrap();
        writeln!(file, "port {port}\nbind 127.0.0.1").unwrap();
        writeln!(file, "dir {}", directory.path().display()).unwrap();
        let master_port = port_of(master);
        writeln!(file, "sentinel monitor {MASTER} 127.0.0.1 {master_port} 1").unwrap();
        writeln!(file, "sentinel down-after-milliseconds {MASTER} 300").unwrap();
        drop(file);
        let shell = Command::new("sh")
            .arg("-c")
            .arg(r#"redis-server "$0" --sentinel </dev/null >/dev/null 2>&1 & read -r _; kill -9 $!"#)
            .arg(&configuration)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let sentinel = Self {
            shell,
            url: format!("redis://127.0.0.1:{port}"),
            _directory: directory,
        };
        eventually("the Sentinel knows the replica", || async {
            sentinel.replicas().await == Some(1)
        })
        .await;
        sentinel
    }

    async fn replicas(&self) -> Option<usize> {
        let client = redis::Client::open(self.url.as_str()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.ok()?;
        let known: Vec<redis::Value> = redis::cmd("SENTINEL")
            .arg(&["REPLICAS", MASTER])
            .query_async(&mut connection)
            .await
            .ok()?;
        Some(known.len())
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().unwrap();
    }
}

fn port_of(redis: &TestRedis) -> &str {
    redis.url().rsplit(':').next().unwrap()
}

#[tokio::test]
async fn after_a_fail_over_the_new_master_is_used() {
    let mut master = TestRedis::start().await;
    let replica = TestRedis::start().await;
    let mut connection = redis_connection(replica.url()).await;
    redis::cmd("REPLICAOF")
        .arg(&["127.0.0.1", port_of(&master)])
        .exec_async(&mut connection)
        .await
        .unwrap();
    eventually("the replica follows", || {
        let mut connection = connection.clone();
        async move {
            let state: String = redis::cmd("INFO")
                .arg("replication")
                .query_async(&mut connection)
                .await
                .unwrap();
            state.contains("master_link_status:up")
        }
    })
    .await;
    let sentinel = Sentinel::watch(&master).await;

    let cache = ready(Options {
        redis: Some(RedisTarget::Sentinel {
            master: MASTER.to_owned(),
            sentinels: vec![sentinel.url.clone()],
            username: None,
            password: None,
        }),
        local_capacity: None,
        ..options(None)
    })
    .await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "old").await;
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 10, "unread").await,
        "old"
    );

    master.kill().await;
    cache.apply_log(&["name:a"], log(20)).await;
    assert_eq!(source.get(&cache, "a", Reader::Any, 20, "new").await, "new");
    eventually("the new master is used", || keeps(&cache, 20)).await;
    let reader = Reader::AtLeast(at(20));
    assert_eq!(source.get(&cache, "a", reader, 20, "new").await, "new");
}
