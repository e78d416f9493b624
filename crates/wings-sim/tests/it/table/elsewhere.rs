//! Rows about what leaves the node: backups, transfers, links.

use bytes::Bytes;
use panel_domain::id::BackupId;
use uuid::Uuid;
use wings_client::wire::backups::{DeleteBackup, ExportBackup, RestoreBackup};
use wings_client::wire::files::ArchiveFormat;
use wings_client::wire::transfers::StartTransfer;
use wings_client::{Content, Error, Link};

use super::Row;
use super::stage::{expect, now, raw};

pub(super) const ROWS: &[Row] = rows! {
    "POST" "/api/servers/{}/backup" => |s| s.backup().await.map(drop);
    "POST" "/api/servers/{}/backup/{}/restore" => |s| {
        s.write("/a.txt", "before").await?;
        let backup = s.backup().await?;
        s.write("/a.txt", "after").await?;
        let order = RestoreBackup {
            adapter: "wings".into(),
            truncate_directory: true,
            download_url: None,
        };
        s.node.restore_backup(s.server, backup, &order).await?;
        s.panel.wait_for("POST", "/restore", 1).await;
        expect(s.read("/a.txt").await? == b"before")
    };
    "DELETE" "/api/servers/{}/backup/{}" => |s| {
        let backup = s.backup().await?;
        s.node.delete_backup(s.server, backup).await?;
        assert!(s.sim.backups().is_empty());
        s.node.delete_backup(s.server, backup).await
    };
    "DELETE" "/api/servers/{}/deleteAllBackups" => |s| {
        s.backup().await?;
        s.node.delete_all_backups(s.server).await?;
        expect(s.sim.backups().is_empty())
    };
    "DELETE" "/api/backups/{}" => |s| {
        let backup = s.backup().await?;
        s.node.delete_server(s.server).await?;
        let order = DeleteBackup {
            adapter: "wings".into(),
            foreground: Some(true),
            server: None,
        };
        s.node.delete_detached_backup(backup, &order).await?;
        expect(s.sim.backups().is_empty())
    };
    "GET" "/api/backups/{}/query" => |s| {
        let backup = s.backup().await?;
        assert!(s.node.backup(backup, "wings").await?.unwrap().size > Some(0));
        expect(s.node.backup(BackupId::new_v4(), "wings").await?.is_none())
    };
    "POST" "/api/backups/{}/export" => |s| {
        let backup = s.backup().await?;
        let order = ExportBackup {
            adapter: "wings".into(),
            server: s.server.uuid(),
            path: "/old.tar.gz".into(),
            archive_format: ArchiveFormat::TarGz,
            foreground: true,
        };
        s.node.export_backup(backup, &order).await?;
        expect(!s.read("/old.tar.gz").await?.is_empty())
    };
    "POST" "/api/servers/{}/transfer" => |s| {
        s.write("/a.txt", "moved").await?;
        let to = s.destination().await;
        s.node.start_transfer(s.server, &s.transfer(&to)).await?;
        s.panel.wait_for("POST", "/transfer/success", 1).await;
        let busy = s.node.start_transfer(s.server, &s.transfer(&to)).await;
        assert_eq!(busy.unwrap_err().status(), Some(409));
        expect(to.file(s.server.uuid(), "a.txt").as_deref() == Some(b"moved"))
    };
    "DELETE" "/api/servers/{}/transfer" => |s| {
        expect(!s.node.cancel_outgoing_transfer(s.server).await?)
    };
    "POST" "/api/transfers" => |s| {
        // Called by another daemon: with a token for something else, nothing is taken in.
        let token = s.with_target(|signer| signer.file_download("/a", now(), Uuid::new_v4()).unwrap());
        let to = s.destination().await;
        let order = StartTransfer { token: format!("Bearer {token}"), ..s.transfer(&to) };
        s.node.start_transfer(s.server, &order).await?;
        if s.sim.dialect().is_go() {
            s.panel.wait_for("POST", "/transfer/failure", 1).await;
        }
        expect(to.servers().is_empty())
    };
    "DELETE" "/api/transfers/{}" => |s| {
        // The Go daemons have it, broken: the client does not ask them.
        let path = format!("/api/transfers/{}", s.server);
        let answer = raw(s, "DELETE", &path).await.status();
        if s.sim.dialect().is_go() {
            assert_eq!(answer, 500);
            assert!(matches!(
                s.node.cancel_incoming_transfer(s.server).await,
                Err(Error::LacksCapability { .. })
            ));
            return Ok(());
        }
        assert_eq!(answer, 404);
        s.node.cancel_incoming_transfer(s.server).await
    };
    "GET" "/api/transfers" => |s| expect(s.node.transfers().await?.is_empty());
    "GET" "/api/transfers/capabilities" => |s| {
        expect(s.node.transfer_capabilities().await?.disk_limiter_mode == "none")
    };
    "GET" "/download/file" => |s| {
        let token = s.with_target(|signer| {
            signer.file_download("/eula.txt", now(), Uuid::new_v4()).unwrap()
        });
        assert_eq!(s.download(Link::File, &token).await?, b"eula=true\n");
        let again = s.download(Link::File, &token).await;
        if s.sim.dialect().is_go() {
            // A link works once.
            return expect(again.unwrap_err().status() == Some(404));
        }
        again.map(drop)
    };
    "GET" "/download/backup" => |s| {
        let backup = s.backup().await?;
        let token = s.with_target(|signer| {
            signer.backup_download(backup, now(), Uuid::new_v4()).unwrap()
        });
        expect(!s.download(Link::Backup, &token).await?.is_empty())
    };
    "GET" "/download/directory" => |s| {
        let token = s.with_target(|signer| {
            signer.file_download("/world", now(), Uuid::new_v4()).unwrap()
        });
        expect(!s.download(Link::Directory, &token).await?.is_empty())
    };
    "GET" "/download/files" => |s| {
        let token = s.with_target(|signer| {
            let files = vec!["eula.txt".into()];
            signer.files_download("/", files, now(), Uuid::new_v4()).unwrap()
        });
        expect(!s.download(Link::Files, &token).await?.is_empty())
    };
    "POST" "/upload/file" => |s| {
        let form = "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"b.txt\"\r\n\r\nhello\r\n--x--\r\n";
        let form = Content::from(Bytes::from_static(form.as_bytes()));
        s.node.upload(&s.upload_target(), "multipart/form-data; boundary=x", form).await?;
        expect(s.read("/in/b.txt").await? == b"hello")
    };
    "HEAD" "/upload/file" => |s| {
        expect(s.node.upload_offset(&s.upload_target(), "c.bin").await? == 0)
    };
    "PATCH" "/upload/file" => |s| {
        let target = s.upload_target();
        let part = |text: &'static str| Content::from(Bytes::from_static(text.as_bytes()));
        s.node.resume_upload(&target, "c.bin", 0, 6, part("one"), false).await?;
        assert_eq!(s.node.upload_offset(&target, "c.bin").await?, 3);
        let wrong = s.node.resume_upload(&target, "c.bin", 0, 6, part("one"), false).await;
        assert_eq!(wrong.unwrap_err().status(), Some(409));
        s.node.resume_upload(&target, "c.bin", 3, 6, part("two"), true).await?;
        expect(s.read("/in/c.bin").await? == b"onetwo")
    };
};
