//! An S3-compatible server of a test's own, on its own folder and port.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use panel_domain::backup::{Compression, S3Store, Stores};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::must::Must as _;

const BUCKET: &str = "backups";
const ACCESS_KEY: &str = "test-access-key";
const SECRET_KEY: &str = "test-secret-key-that-is-secret-nowhere";

/// A real S3-compatible server with one bucket. Ends when it is dropped.
pub struct S3Server {
    endpoint: String,
    folder: tempfile::TempDir,
    away: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl S3Server {
    /// Starts one.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().must("a folder");
        std::fs::create_dir(folder.path().join(BUCKET)).must("a bucket");
        let files = FileSystem::new(folder.path()).must("a file system for S3");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = builder.build();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .must("a free port");
        let endpoint = format!("http://{}", listener.local_addr().must("its address"));
        let (away, gone) = watch::channel(false);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (service, mut gone) = (service.clone(), gone.clone());
                tokio::spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    let served = server.serve_connection(TokioIo::new(socket), service);
                    // Whoever broke the connection knows why.
                    tokio::select! {
                        _ = served => {}
                        _ = gone.wait_for(|gone| *gone) => {}
                    }
                });
            }
        });
        Self {
            endpoint,
            folder,
            away,
            task,
        }
    }

    /// Access to its bucket, with parts of 5 MiB, the least that S3 takes.
    #[must_use]
    pub fn stores(&self) -> Stores {
        Stores {
            s3: Some(S3Store {
                access_key: ACCESS_KEY.to_owned(),
                secret_key: SECRET_KEY.to_owned(),
                bucket: BUCKET.to_owned(),
                region: "us-east-1".to_owned(),
                endpoint: self.endpoint.clone(),
                path_style: true,
                compression_type: Compression::Gz,
                part_size: 5 * 1024 * 1024,
            }),
            ..Stores::default()
        }
    }

    /// Whether connections are closed, those that there are and new ones.
    pub fn set_away(&self, away: bool) {
        self.away.send_replace(away);
    }

    /// The file that keeps an object.
    #[must_use]
    pub fn object(&self, key: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(key)
    }

    /// How many parts lie there of uploads that were not ended.
    #[must_use]
    pub fn stray_parts(&self) -> usize {
        let entries = std::fs::read_dir(self.folder.path()).must("the folder");
        entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().contains(".part-"))
            .count()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
