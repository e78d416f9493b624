use std::io::{Read, Write};
use std::time::Duration;

use panel_test_db::{TestPostgres, TestRedis};

fn redis_says(url: &str, command: &str) -> std::io::Result<String> {
    let mut stream = std::net::TcpStream::connect(url.trim_start_matches("redis://"))?;
    stream.set_read_timeout(Some(Duration::from_millis(200)))?;
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    let mut buffer = [0; 64];
    let length = stream.read(&mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..length]).trim().to_owned())
}

#[tokio::test]
async fn redis_can_be_emptied_hung_killed_and_restarted() {
    let mut redis = TestRedis::start().await;
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
