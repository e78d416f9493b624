//! What is relayed does not pile up in the panel: the slower side decides.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use panel_testkit::{Client, TestApp, eventually, factory};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

const MIB: u64 = 1024 * 1024;
/// What is sent, unless `ROOST_RELAY_MIB` says how much: for a look at the memory of the process meanwhile.
const WHOLE: u64 = 128 * MIB;
/// What the kernels and the panel may hold of it together: four socket buffers, the largest of which have 6 MiB.
const UNDER_WAY: u64 = 40 * MIB;

fn whole() -> u64 {
    let wanted = std::env::var("ROOST_RELAY_MIB").ok();
    wanted.map_or(WHOLE, |wanted| wanted.parse::<u64>().unwrap() * MIB)
}

/// A panel that relays, and a daemon that the test plays by hand.
struct Stage {
    app: TestApp,
    owner: Client,
    server: factory::Server,
    daemon: TcpListener,
}

impl Stage {
    async fn set() -> Self {
        let app = TestApp::builder().wings_proxy().start().await;
        let daemon = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = daemon.local_addr().unwrap();
        let node = factory::node_at(&app, &Url::parse(&format!("http://{address}")).unwrap()).await;
        factory::set_flavour(&app, &node, "pterodactyl").await;
        let port = factory::allocations(&app, node.id, 25_565..=25_565).await[0];
        let account = factory::user(&app, "owner").await;
        let owner = app.sign_in(&account).await;
        let server = factory::server_on(&app, account.id, &node, port).await;
        Self {
            app,
            owner,
            server,
            daemon,
        }
    }

    /// A connection to the panel that has sent the head of a request for a link.
    async fn ask(&self, method: &str, link: &str, headers: &str) -> TcpStream {
        let path = format!("/api/client/servers/{}/files/{link}", self.server.id);
        let url = self.owner.get(&path).await.ok()["url"].take();
        let url = Url::parse(url.as_str().unwrap()).unwrap();
        let panel = self.app.url();
        let address = (panel.host_str().unwrap(), panel.port().unwrap());
        let mut panel = TcpStream::connect(address).await.unwrap();
        let (path, query) = (url.path(), url.query().unwrap());
        let head = format!("{method} {path}?{query} HTTP/1.1\r\nhost: panel\r\n{headers}\r\n");
        panel.write_all(head.as_bytes()).await.unwrap();
        panel
    }
}

impl Stage {
    /// Both ends of a download that does not end; nothing when the panel refuses it.
    async fn download(&self) -> Option<(TcpStream, TcpStream)> {
        let mut browser = self.ask("GET", "download?files=a.txt", "").await;
        let mut daemon = tokio::select! {
            accepted = self.daemon.accept() => accepted.unwrap().0,
            refused = head(&mut browser) => {
                assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
                return None;
            }
        };
        head(&mut daemon).await;
        let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nx";
        daemon.write_all(begun).await.unwrap();
        head(&mut browser).await;
        Some((browser, daemon))
    }
}

/// Reads up to the end of a head; gives it.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Sends so many bytes as fast as they are taken, and counts them.
async fn pour(mut stream: impl tokio::io::AsyncWrite + Unpin, bytes: u64, sent: Arc<AtomicU64>) {
    let block = vec![b'x'; 64 * 1024];
    let mut left = bytes;
    while left > 0 {
        let most = usize::try_from(left).unwrap().min(block.len());
        let taken = stream.write(&block[..most]).await.unwrap() as u64;
        left -= taken;
        sent.fetch_add(taken, Ordering::Relaxed);
    }
    stream.flush().await.unwrap();
}

/// Waits until nothing more is taken, or all of it was.
async fn stalled(sent: &AtomicU64, whole: u64) -> u64 {
    let (mut seen, mut still) = (0, 0);
    eventually("an end of what is taken", async || {
        let now = sent.load(Ordering::Relaxed);
        still = if now == seen { still + 1 } else { 0 };
        seen = now;
        now == whole || (now > 0 && still >= 20)
    })
    .await;
    seen
}

/// Reads all there is to read, and sees how far the other side is ahead.
async fn drink(mut stream: impl tokio::io::AsyncRead + Unpin, bytes: u64, sent: &AtomicU64) {
    let mut block = vec![0; 64 * 1024];
    let mut got = 0;
    while got < bytes {
        let most = usize::try_from(bytes - got).unwrap().min(block.len());
        let read = stream.read(&mut block[..most]).await.unwrap() as u64;
        assert!(read > 0, "it ended after {got} bytes");
        got += read;
        let ahead = sent.load(Ordering::Relaxed).saturating_sub(got);
        assert!(ahead <= UNDER_WAY, "{ahead} bytes are under way");
    }
}

/// Memory of the process in MiB: now, and the most that it ever was.
fn resident() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        number.unwrap_or_default() / 1024
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// For somebody who looks: other tests run in the same process, so nothing can be asserted of it.
#[expect(clippy::print_stdout, reason = "for whoever runs it with --nocapture")]
fn tell(whole: u64, under_way: u64, (before, most_before): (u64, u64)) {
    let (after, most) = resident();
    println!(
        "{} MiB passed on, {under_way} bytes under way while nothing was taken; the process had {before} MiB before \
         and {most_before} MiB at most, then {after} MiB and {most} MiB at most",
        whole / MIB
    );
}

#[tokio::test]
async fn a_slow_download_makes_the_node_wait() {
    let (stage, whole) = (Stage::set().await, whole());
    let mut browser = stage.ask("GET", "download?files=a.txt", "").await;
    let (mut daemon, _) = stage.daemon.accept().await.unwrap();
    assert!(
        head(&mut daemon)
            .await
            .starts_with("GET /download/file?token=")
    );
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {whole}\r\n\r\n");
    daemon.write_all(answer.as_bytes()).await.unwrap();
    let sent = Arc::new(AtomicU64::new(0));
    let before = resident();
    let pouring = tokio::spawn(pour(daemon, whole, Arc::clone(&sent)));
    let answered = head(&mut browser).await;
    assert!(
        answered.contains(&format!("content-length: {whole}")),
        "{answered}"
    );
    // The browser takes nothing now.
    let under_way = stalled(&sent, whole).await;
    assert!(under_way <= UNDER_WAY, "{under_way} bytes are under way");
    drink(&mut browser, whole, &sent).await;
    pouring.await.unwrap();
    tell(whole, under_way, before);
}

#[tokio::test]
async fn a_slow_node_makes_the_upload_wait() {
    let (stage, whole) = (Stage::set().await, whole());
    let headers =
        format!("content-type: multipart/form-data; boundary=x\r\ncontent-length: {whole}\r\n");
    let browser = stage.ask("POST", "upload", &headers).await;
    let (mut answers, requests) = browser.into_split();
    let sent = Arc::new(AtomicU64::new(0));
    let before = resident();
    let pouring = tokio::spawn(pour(requests, whole, Arc::clone(&sent)));
    let (mut daemon, _) = stage.daemon.accept().await.unwrap();
    let asked = head(&mut daemon).await;
    assert!(
        asked.contains("content-type: multipart/form-data; boundary=x"),
        "{asked}"
    );
    assert!(
        asked.contains(&format!("content-length: {whole}")),
        "{asked}"
    );
    // The node takes nothing now.
    let under_way = stalled(&sent, whole).await;
    assert!(under_way <= UNDER_WAY, "{under_way} bytes are under way");
    drink(&mut daemon, whole, &sent).await;
    pouring.await.unwrap();
    let done = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    daemon.write_all(done).await.unwrap();
    let mut answer = [0; 12];
    answers.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    tell(whole, under_way, before);
}

/// there is an end to what one user may have passed on at once.
#[tokio::test]
async fn a_17_nobody_has_more_downloads_than_their_share() {
    let stage = Stage::set().await;
    let mut open = Vec::new();
    while let Some(ends) = stage.download().await {
        open.push(ends);
        assert!(open.len() <= 40, "there is no end to it");
    }
    assert_eq!(open.len(), 40);
    drop(open.pop());
    let another = async || stage.download().await.is_some();
    eventually("room for another", another).await;
}
