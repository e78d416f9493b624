use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use panel_test_db::{TestPostgres, TestRedis};

fn redis_says(url: &str, command: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(url.trim_start_matches("redis://"))?;
    stream.set_read_timeout(Some(Duration::from_millis(200)))?;
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    let mut buffer = [0; 64];
    let length = stream.read(&mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..length]).trim().to_owned())
}

#[tokio::test]
async fn redis_can_be_emptied_hung_killed_and_restarted() {
    let redis = TestRedis::start().await;
    assert_eq!(redis_says(redis.url(), "SET a 1").unwrap(), "+OK");
    redis.flush().await;
    assert_eq!(redis_says(redis.url(), "EXISTS a").unwrap(), ":0");

    redis.pause();
    assert!(redis_says(redis.url(), "PING").is_err());
    redis.resume();
    assert_eq!(redis_says(redis.url(), "PING").unwrap(), "+PONG");

    redis.kill().await;
    assert!(redis_says(redis.url(), "PING").is_err());
    redis.restart().await;
    assert_eq!(redis_says(redis.url(), "PING").unwrap(), "+PONG");
}

#[tokio::test]
async fn postgres_can_be_killed_and_comes_back_with_its_data() {
    let mut server = TestPostgres::start_private().await;
    let url = server.url().to_owned();
    let connect = || tokio_postgres::connect(&url, tokio_postgres::NoTls);
    let (client, connection) = connect().await.unwrap();
    let connection = tokio::spawn(connection);
    client
        .batch_execute("CREATE TABLE kept (x int); INSERT INTO kept VALUES (7)")
        .await
        .unwrap();

    server.kill().await;
    assert!(connection.await.unwrap().is_err() || client.is_closed());
    assert!(connect().await.is_err());

    server.restart().await;
    let (client, connection) = connect().await.unwrap();
    tokio::spawn(connection);
    let kept: i32 = client
        .query_one("SELECT x FROM kept", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(kept, 7);
}

/// The same test in a process of its own starts the servers, tells where they are and waits to be killed.
const IS_THE_VICTIM: &str = "ROOST_TEST_DB_VICTIM";

#[tokio::test]
async fn nothing_outlives_a_killed_process() {
    if std::env::var_os(IS_THE_VICTIM).is_some() {
        let (redis, postgres) = tokio::join!(TestRedis::start(), TestPostgres::start_private());
        println!("\nstarted {} {}", redis.url(), postgres.url());
        std::future::pending::<()>().await;
    }
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "servers::nothing_outlives_a_killed_process",
            "--nocapture",
        ])
        .env(IS_THE_VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let started = lines
        .map(Result::unwrap)
        .find(|line| line.starts_with("started "))
        .unwrap();
    let addresses: Vec<String> = started
        .split(' ')
        .skip(1)
        .map(|url| {
            url.split("://")
                .nth(1)
                .unwrap()
                .split('/')
                .next()
                .unwrap()
                .rsplit('@')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(addresses.len(), 2);
    for address in &addresses {
        assert!(TcpStream::connect(address).is_ok(), "{address}");
    }

    victim.kill().unwrap();
    victim.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    for address in &addresses {
        while TcpStream::connect(address).is_ok() {
            assert!(Instant::now() < deadline, "{address} still answers");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
