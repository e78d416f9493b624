use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const LIMITS: Limits = Limits {
    bytes: 64,
    time: Duration::from_secs(20),
};

/// A server that gives the same answer to everybody; its port.
async fn server(answer: impl Into<String>) -> u16 {
    let (listener, answer) = (
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        answer.into(),
    );
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            if stream.read(&mut request).await.is_ok() {
                stream.write_all(answer.as_bytes()).await.ok();
            }
        }
    });
    port
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn to(target: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}

/// All of the machine's own addresses are allowed but one, which stands for what must not be reached.
async fn get(url: &str) -> Result<String, Error> {
    let blocked = ["127.0.0.2/32".parse().unwrap(), "::1/128".parse().unwrap()];
    let fetched = Fetcher::new(&blocked)?
        .get(&url.parse().unwrap(), LIMITS)
        .await?;
    Ok(String::from_utf8(fetched).unwrap())
}

#[tokio::test]
async fn what_is_allowed_is_fetched() {
    let port = server(ok("egg")).await;
    assert_eq!(
        get(&format!("http://127.0.0.1:{port}/a")).await.unwrap(),
        "egg"
    );
    assert_eq!(
        get(&format!("http://localhost:{port}/a")).await.unwrap(),
        "egg"
    );
    let moved = server(to(&format!("http://127.0.0.1:{port}/b"))).await;
    assert_eq!(
        get(&format!("http://127.0.0.1:{moved}/")).await.unwrap(),
        "egg"
    );
}

#[tokio::test]
async fn a_blocked_address_is_refused_in_every_spelling() {
    for url in [
        "http://127.0.0.2/",
        "http://0x7f.2/",
        "http://2130706434/",
        "http://[::ffff:127.0.0.2]/",
        "http://[::1]/",
    ] {
        assert!(matches!(get(url).await, Err(Error::Blocked)), "{url}");
    }
}

/// A name whose addresses are blocked, also when it is asked for anew with each connection.
#[tokio::test]
async fn a_name_of_a_blocked_address_is_refused() {
    let everything_here = ["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    let fetcher = Fetcher::new(&everything_here).unwrap();
    let port = server(ok("secret")).await;
    let url = format!("http://localhost:{port}/").parse().unwrap();
    for _ in 0..2 {
        let refused = fetcher.get(&url, LIMITS).await;
        assert!(matches!(refused, Err(Error::Blocked)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_redirect_does_not_lead_where_the_address_itself_may_not() {
    for target in ["http://127.0.0.2/", "//127.0.0.2/", "http://[::1]:80/"] {
        let port = server(to(target)).await;
        let refused = get(&format!("http://127.0.0.1:{port}/")).await;
        assert!(
            matches!(refused, Err(Error::Blocked)),
            "{target}: {refused:?}"
        );
    }
    let file = server(to("file:///etc/passwd")).await;
    assert!(matches!(
        get(&format!("http://127.0.0.1:{file}/")).await,
        Err(Error::Scheme(_))
    ));
    let nowhere = server(to("http://")).await;
    assert!(matches!(
        get(&format!("http://127.0.0.1:{nowhere}/")).await,
        Err(Error::BadRedirect)
    ));
    let around = server(to("/again")).await;
    let refused = get(&format!("http://127.0.0.1:{around}/")).await;
    assert!(
        matches!(refused, Err(Error::TooManyRedirects { limit: 5 })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn other_schemes_and_credentials_are_refused() {
    assert!(matches!(
        get("ftp://example.org/egg").await,
        Err(Error::Scheme(_))
    ));
    assert!(matches!(
        get("http://user@example.org/").await,
        Err(Error::Credentials)
    ));
    assert!(matches!(
        get("http://:secret@example.org/").await,
        Err(Error::Credentials)
    ));
}

#[tokio::test]
async fn a_large_answer_is_cut_off_whatever_it_says_of_itself() {
    let announced = server(ok(&"a".repeat(65))).await;
    let refused = get(&format!("http://127.0.0.1:{announced}/")).await;
    assert!(
        matches!(refused, Err(Error::TooLarge { limit: 64 })),
        "{refused:?}"
    );
    let body = "a".repeat(65);
    let silent = server(format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}"
    ))
    .await;
    let refused = get(&format!("http://127.0.0.1:{silent}/")).await;
    assert!(
        matches!(refused, Err(Error::TooLarge { limit: 64 })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_is_no_success_and_who_does_not_answer_is_told() {
    let missing = server("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
    assert!(matches!(
        get(&format!("http://127.0.0.1:{missing}/")).await,
        Err(Error::Status(404))
    ));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    assert!(matches!(
        get(&format!("http://127.0.0.1:{port}/")).await,
        Err(Error::Unreachable(_))
    ));
    let error = get(&format!("http://127.0.0.1:{port}/egg?token=secret"))
        .await
        .unwrap_err();
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

/// A host that takes the connection and says nothing.
#[tokio::test(start_paused = true)]
async fn a_silent_host_costs_the_time_allowed() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let refused = get(&format!("http://127.0.0.1:{port}/")).await;
    assert!(matches!(refused, Err(Error::TooSlow { .. })), "{refused:?}");
}
