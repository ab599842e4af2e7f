//! Everybody who judges: in this process, or in another one that is asked by lines.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::time::{ClockId, clock_gettime};

use crate::documents::Set;
use crate::judge::{Crate, Ours, tokens};

/// Somebody whose time is measured.
pub(crate) struct Contender {
    pub(crate) name: String,
    kind: Kind,
}

enum Kind {
    Ours(Box<Ours>),
    Tokens,
    Crate(Box<Crate>),
    Process(Process),
}

/// A program that reads lines `FOLDER COUNT`, judges all files of the folder that often, and answers
/// each with the nanoseconds of processor time that it took.
struct Process {
    child: Child,
    wishes: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Contender {
    pub(crate) fn ours(ours: Ours) -> Self {
        Self::new("ecocd", Kind::Ours(Box::new(ours)))
    }

    pub(crate) fn tokens() -> Self {
        Self::new("NsReader", Kind::Tokens)
    }

    pub(crate) fn xsd_schema() -> anyhow::Result<Self> {
        Ok(Self::new(
            "xsd-schema",
            Kind::Crate(Box::new(Crate::new()?)),
        ))
    }

    /// `NAME=COMMAND ARGUMENT…`
    pub(crate) fn process(wish: &str) -> anyhow::Result<Self> {
        let (name, line) = wish.split_once('=').context("NAME=COMMAND")?;
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let mut child = Command::new(words.next().context("a command")?)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| line.to_owned())?;
        let wishes = child.stdin.take().context("its input")?;
        let answers = BufReader::new(child.stdout.take().context("its output")?);
        let process = Process {
            child,
            wishes,
            answers,
        };
        Ok(Self::new(name, Kind::Process(process)))
    }

    fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
        }
    }

    /// The processor time of judging every document of the set `count` times. The same documents
    /// lie in `folder`.
    pub(crate) fn run(&mut self, set: &Set, folder: &Path, count: u32) -> anyhow::Result<Duration> {
        match &mut self.kind {
            Kind::Ours(ours) => Ok(timed(set, count, |octets| ours.judge(octets))),
            Kind::Tokens => Ok(timed(set, count, tokens)),
            Kind::Crate(other) => Ok(timed(set, count, |octets| other.judge(octets))),
            Kind::Process(process) => process.run(folder, count),
        }
    }

    /// Lets a program end.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        if let Kind::Process(mut process) = self.kind {
            drop(process.wishes);
            process.child.wait()?;
        }
        Ok(())
    }
}

impl Process {
    fn run(&mut self, folder: &Path, count: u32) -> anyhow::Result<Duration> {
        writeln!(self.wishes, "{} {count}", folder.display())?;
        self.wishes.flush()?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer)? == 0 {
            bail!("it ended too early");
        }
        let nanoseconds = answer.trim().parse().with_context(|| answer.clone())?;
        Ok(Duration::from_nanos(nanoseconds))
    }
}

fn timed(set: &Set, count: u32, judge: impl Fn(&[u8]) -> usize) -> Duration {
    let before = processor_time();
    for _ in 0..count {
        for document in &set.documents {
            std::hint::black_box(judge(std::hint::black_box(document)));
        }
    }
    processor_time().saturating_sub(before)
}

/// What this thread has had of a processor so far: other work on the machine does not count.
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanoseconds)
}
