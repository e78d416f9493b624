//! Log lines on their way out: whoever logs puts them into memory, a thread writes them.
//!
//! A request must not wait for whoever reads the logs, and waking a thread for each line would cost more than the line: the
//! thread looks every few milliseconds, or when much has come, and takes all there is at once.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How long a line may wait.
const EVERY: Duration = Duration::from_millis(25);

/// So many bytes do not wait for their time: more would leave the core's cache before they are written, and would push out of it what
/// requests need.
const PLENTY: usize = 64 * 1024;

/// The most bytes that wait. What comes while nobody takes them is dropped and counted: a panel must not stop because its
/// logs do.
const MOST: usize = 8 * 1024 * 1024;

/// Above this the memory of a burst is given back at once; what is below is given back when little comes.
const USUAL: usize = 1024 * 1024;

/// Takes lines. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Lines(Arc<Shared>);

/// Writes what is left when it is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    lines: Lines,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// The thread is, before its time.
    wanted: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    dropped: u64,
    stop: bool,
}

impl Lines {
    /// Starts to write lines to `out`.
    ///
    /// # Errors
    ///
    /// The machine has no thread to give.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<(Self, Writer)> {
        let lines = Self(Arc::default());
        let thread = {
            let lines = lines.clone();
            std::thread::Builder::new()
                .name("logs".to_owned())
                .spawn(move || lines.write_to(out))?
        };
        let writer = Writer {
            lines: lines.clone(),
            thread: Some(thread),
        };
        Ok((lines, writer))
    }

    /// Puts a whole line, its end included, behind the others.
    pub(super) fn put(&self, line: &[u8]) {
        self.append(|bytes| bytes.extend_from_slice(line));
    }

    /// Lets `write` append a whole line, its end included, to the others.
    pub(super) fn append(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut waiting = self.0.waiting();
        let before = waiting.bytes.len();
        write(&mut waiting.bytes);
        if waiting.bytes.len() > MOST {
            waiting.bytes.truncate(before);
            waiting.dropped += 1;
        }
        let is_much = before < PLENTY && waiting.bytes.len() >= PLENTY;
        drop(waiting);
        if is_much {
            self.0.wanted.notify_all();
        }
    }

    fn write_to(&self, mut out: impl Write) {
        let mut taken = Vec::new();
        loop {
            let (stop, dropped) = {
                let waiting = self.0.waiting();
                let (mut waiting, _) = self
                    .0
                    .wanted
                    .wait_timeout_while(waiting, EVERY, |waiting| {
                        !waiting.stop && waiting.bytes.len() < PLENTY
                    })
                    .unwrap_or_else(PoisonError::into_inner);
                std::mem::swap(&mut taken, &mut waiting.bytes);
                (waiting.stop, std::mem::take(&mut waiting.dropped))
            };
            // Nobody is left to tell it to when the logs themselves cannot be written.
            out.write_all(&taken).ok();
            if dropped > 0 {
                writeln!(
                    out,
                    "{{\"level\":\"WARN\",\"message\":\"{dropped} log lines were dropped\"}}"
                )
                .ok();
            }
            out.flush().ok();
            let keep = if taken.len() < PLENTY / 4 {
                PLENTY
            } else {
                USUAL
            };
            taken.clear();
            taken.shrink_to(keep);
            if stop {
                return;
            }
        }
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.lines.0.waiting().stop = true;
        self.lines.0.wanted.notify_all();
        if let Some(thread) = self.thread.take() {
            // Its panic has been printed already.
            thread.join().ok();
        }
    }
}

/// One line of `tracing`, which comes in parts.
pub(super) struct Line {
    lines: Lines,
    text: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.lines.put(&self.text);
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line {
            lines: self.clone(),
            text: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_written_whole_and_in_order_before_the_end() {
        let kept = Kept::default();
        let (lines, writer) = Lines::start(kept.clone()).unwrap();
        lines.put(b"first\n");
        {
            let mut line = lines.make_writer();
            line.write_all(b"sec").unwrap();
            line.write_all(b"ond\n").unwrap();
        }
        lines.put(b"third\n");
        drop(writer);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, "first\nsecond\nthird\n");
    }

    #[test]
    fn what_nobody_takes_is_bounded_and_its_loss_is_told() {
        let lines = Lines(Arc::default());
        let line = vec![b'x'; 1024 * 1024];
        for _ in 0..20 {
            lines.put(&line);
        }
        assert!(lines.0.waiting().bytes.len() <= MOST);
        lines.0.waiting().stop = true;
        let kept = Kept::default();
        lines.write_to(kept.clone());
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert!(
            text.contains("12 log lines were dropped"),
            "{}",
            &text[text.len() - 100..]
        );
    }
}
