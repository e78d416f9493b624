use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use panel_rig::relay::{Condition, Relay};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Sends back what it gets.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                tokio::io::copy(&mut read, &mut write).await.ok();
            });
        }
    });
    address
}

async fn relay() -> Relay {
    Relay::start(0, echo().await).await.unwrap()
}

async fn there_and_back(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(bytes).await?;
    let mut answer = vec![0; bytes.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_delay_is_paid_in_each_direction() {
    let relay = relay().await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    assert_eq!(there_and_back(&mut stream, b"near").await.unwrap(), b"near");
    relay.set_delay(Duration::from_millis(60));
    let asked = Instant::now();
    assert_eq!(there_and_back(&mut stream, b"far").await.unwrap(), b"far");
    assert!(asked.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_cut_ends_what_there_is_and_what_comes() {
    let relay = relay().await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    there_and_back(&mut stream, b"before").await.unwrap();
    assert_eq!(relay.connections(), 1);
    relay.set(Condition::Cut);
    assert!(there_and_back(&mut stream, b"after").await.is_err());
    let mut another = TcpStream::connect(relay.address()).await.unwrap();
    assert!(there_and_back(&mut another, b"new").await.is_err());
    relay.set(Condition::Open);
    let mut healed = TcpStream::connect(relay.address()).await.unwrap();
    there_and_back(&mut healed, b"healed").await.unwrap();
}

#[tokio::test]
async fn a_black_hole_answers_nothing_until_it_is_open() {
    let relay = relay().await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    there_and_back(&mut stream, b"before").await.unwrap();
    relay.set(Condition::BlackHole);
    let mut another = TcpStream::connect(relay.address()).await.unwrap();
    stream.write_all(b"lost").await.unwrap();
    another.write_all(b"new").await.unwrap();
    let mut buffer = [0; 4];
    for stream in [&mut stream, &mut another] {
        let read = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut buffer));
        assert!(read.await.is_err());
    }
    relay.set(Condition::Open);
    stream.read_exact(&mut buffer).await.unwrap();
    assert_eq!(&buffer, b"lost");
    another.read_exact(&mut buffer[..3]).await.unwrap();
    assert_eq!(&buffer[..3], b"new");
}

#[tokio::test]
async fn a_trickle_passes_one_byte_at_a_time() {
    let relay = relay().await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    there_and_back(&mut stream, b"before").await.unwrap();
    relay.set(Condition::Trickle);
    stream.write_all(b"ab").await.unwrap();
    let mut buffer = [0; 2];
    assert_eq!(stream.read(&mut buffer).await.unwrap(), 1);
}
