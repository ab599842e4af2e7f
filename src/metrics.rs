//! How the service does, in numbers that only go up (or show what is now), for Prometheus to read.
//!
//! *Why one static*: there is one process, and a number that has to be handed through every room
//! would be in every signature. Nothing but the web view's metrics page ever reads them.
//!
//! *Invariant*: no label holds anything that a client sent, so their number is fixed.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::entry::RefusalReason;
use crate::domain::submission::Door;

/// The numbers of this process.
pub static METRICS: Metrics = Metrics::new();

/// Where a commit's time is counted, in milliseconds: below 5 ms is a good disk, above 1 s is trouble.
const COMMIT_BUCKETS_MS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1000, 5000];

/// A number that only goes up.
#[derive(Debug)]
pub struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// One more.
    pub fn one(&self) {
        self.many(1);
    }

    /// So many more.
    pub fn many(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number as it was found last.
#[derive(Debug)]
pub struct Gauge(AtomicU64);

impl Gauge {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// This is what it is now.
    pub fn set(&self, now: u64) {
        self.0.store(now, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long something took, in classes.
#[derive(Debug)]
pub struct Times {
    classes: [Counter; COMMIT_BUCKETS_MS.len()],
    sum_micros: Counter,
    count: Counter,
}

impl Times {
    const fn new() -> Self {
        Self {
            classes: [const { Counter::new() }; COMMIT_BUCKETS_MS.len()],
            sum_micros: Counter::new(),
            count: Counter::new(),
        }
    }

    /// It took so long once.
    pub fn took(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        for (class, up_to) in self.classes.iter().zip(COMMIT_BUCKETS_MS) {
            if micros <= up_to * 1000 {
                class.one();
            }
        }
        self.sum_micros.many(micros);
        self.count.one();
    }
}

/// Why a connection was turned away before a word was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedAway {
    /// As many as may be have not logged in.
    Crowded,
    /// As many as may be of this source have not logged in.
    SourceCrowded,
    /// New ones of this source come too fast.
    TooFast,
    /// The source is shut out for a while.
    ShutOut,
}

impl TurnedAway {
    const ALL: [Self; 4] = [
        Self::Crowded,
        Self::SourceCrowded,
        Self::TooFast,
        Self::ShutOut,
    ];

    /// What happened.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Crowded => "too many connections have not logged in",
            Self::SourceCrowded => "too many connections of one network have not logged in",
            Self::TooFast => "connections of one network come too fast",
            Self::ShutOut => "its network is shut out for a while",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Crowded => "crowded",
            Self::SourceCrowded => "source-crowded",
            Self::TooFast => "too-fast",
            Self::ShutOut => "shut-out",
        }
    }
}

/// The numbers.
#[derive(Debug)]
pub struct Metrics {
    /// Connections to the SFTP door.
    pub connections: Counter,
    turned_away: [Counter; TurnedAway::ALL.len()],
    /// Log-ins that succeeded.
    pub logins: Counter,
    /// Sessions that ended.
    pub sessions_ended: Counter,
    refused: [Counter; RefusalReason::ALL.len()],
    /// Octets of SFTP requests that came.
    pub octets_in: Counter,
    arrivals: [Counter; Door::ALL.len()],
    arrival_octets: Counter,
    /// From an arrival being whole to its commit.
    pub commits: Times,
    /// Drop folders that hold nearly all that they may.
    pub nearly_full: Gauge,
}

/// What is looked up at the moment of asking.
#[derive(Debug, Clone, Copy, Default)]
pub struct Looked {
    /// Does the database answer?
    pub is_database_up: bool,
    /// Seconds since the oldest submission without an outcome came; 0 if there is none.
    pub oldest_unfinished_seconds: u64,
    /// Submissions without an outcome, those that are held left out.
    pub unfinished: u64,
    /// Submissions that wait for an operator.
    pub held: u64,
    /// Mails that wait to be sent.
    pub mails_waiting: u64,
    /// Mails that were given up.
    pub mails_failed: u64,
    /// Whole days until the certificate of the web view ends, if there is one; 0 when it is over.
    pub certificate_days: Option<u64>,
}

impl Metrics {
    const fn new() -> Self {
        Self {
            connections: Counter::new(),
            turned_away: [const { Counter::new() }; TurnedAway::ALL.len()],
            logins: Counter::new(),
            sessions_ended: Counter::new(),
            refused: [const { Counter::new() }; RefusalReason::ALL.len()],
            octets_in: Counter::new(),
            arrivals: [const { Counter::new() }; Door::ALL.len()],
            arrival_octets: Counter::new(),
            commits: Times::new(),
            nearly_full: Gauge::new(),
        }
    }

    /// A connection was turned away.
    pub fn turned_away(&self, why: TurnedAway) {
        count(&self.turned_away, &TurnedAway::ALL, &why);
    }

    /// A log-in was refused.
    pub fn refused(&self, why: RefusalReason) {
        count(&self.refused, RefusalReason::ALL, &why);
    }

    /// A file of so many octets came in and is durable.
    pub fn arrived(&self, door: Door, octets: u64, commit: Duration) {
        count(&self.arrivals, Door::ALL, &door);
        self.arrival_octets.many(octets);
        self.commits.took(commit);
    }

    /// Files that came in through a door of this process.
    pub fn arrivals(&self, door: Door) -> u64 {
        let mut counted = Door::ALL.iter().zip(&self.arrivals);
        let found = counted.find(|(known, _)| **known == door);
        found.map_or(0, |(_, counter)| counter.get())
    }

    /// All of them in the text form of Prometheus.
    pub fn text(&self, looked: Looked) -> String {
        let mut page = Page(String::new());
        let ended = self.sessions_ended.get();
        // Ended first: a session that ends in between must not make this less than none.
        let open = self.logins.get().saturating_sub(ended);
        self.sftp(&mut page, open);
        self.work(&mut page);
        now(&mut page, looked);
        page.0
    }

    fn sftp(&self, page: &mut Page, open: u64) {
        page.one(
            "sftp_connections_total",
            "Connections to the SFTP door.",
            self.connections.get(),
        );
        page.head(
            "sftp_turned_away_total",
            "counter",
            "Connections turned away at once, by reason.",
        );
        for (why, counter) in TurnedAway::ALL.iter().zip(&self.turned_away) {
            page.labelled(
                "sftp_turned_away_total",
                ("reason", why.label()),
                counter.get(),
            );
        }
        page.one(
            "sftp_logins_total",
            "Log-ins that succeeded.",
            self.logins.get(),
        );
        page.head(
            "sftp_refusals_total",
            "counter",
            "Log-ins refused, by reason.",
        );
        for (why, counter) in RefusalReason::ALL.iter().zip(&self.refused) {
            page.labelled(
                "sftp_refusals_total",
                ("reason", why.as_str()),
                counter.get(),
            );
        }
        page.now("sftp_sessions", "Sessions open now.", open);
        page.one(
            "sftp_received_bytes_total",
            "Octets of SFTP requests.",
            self.octets_in.get(),
        );
    }

    fn work(&self, page: &mut Page) {
        page.head("arrivals_total", "counter", "Files taken in, by door.");
        for (door, counter) in Door::ALL.iter().zip(&self.arrivals) {
            page.labelled("arrivals_total", ("door", door.as_str()), counter.get());
        }
        page.one(
            "arrival_bytes_total",
            "Octets of files taken in.",
            self.arrival_octets.get(),
        );
        page.times(
            "commit_seconds",
            "From a whole file to its commit.",
            &self.commits,
        );
        page.now(
            "drop_folders_nearly_full",
            "Drop folders that hold more than 80 % of what they may.",
            self.nearly_full.get(),
        );
    }
}

/// What was looked up.
fn now(page: &mut Page, looked: Looked) {
    page.now(
        "database_up",
        "Does the database answer?",
        looked.is_database_up.into(),
    );
    page.now(
        "oldest_unfinished_seconds",
        "Age of the oldest submission without an outcome.",
        looked.oldest_unfinished_seconds,
    );
    page.now(
        "unfinished",
        "Submissions without an outcome, held ones left out.",
        looked.unfinished,
    );
    page.now(
        "held",
        "Submissions that wait for an operator.",
        looked.held,
    );
    page.now(
        "mails_waiting",
        "Mails that wait to be sent.",
        looked.mails_waiting,
    );
    page.now(
        "mails_failed",
        "Mails that were given up.",
        looked.mails_failed,
    );
    if let Some(days) = looked.certificate_days {
        page.now(
            "web_certificate_days",
            "Whole days until the certificate of the web view ends.",
            days,
        );
    }
}

fn count<T: PartialEq>(counters: &[Counter], all: &[T], which: &T) {
    let place = all.iter().position(|one| one == which);
    if let Some(counter) = place.and_then(|place| counters.get(place)) {
        counter.one();
    }
}

/// The text, as it grows. Writing to a `String` cannot fail.
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(
            self.0,
            "# HELP ecocd_{name} {help}\n# TYPE ecocd_{name} {kind}"
        );
    }

    fn value(&mut self, name: &str, value: u64) {
        let _ = writeln!(self.0, "ecocd_{name} {value}");
    }

    fn labelled(&mut self, name: &str, (label, is): (&str, &str), value: u64) {
        let _ = writeln!(self.0, "ecocd_{name}{{{label}=\"{is}\"}} {value}");
    }

    fn one(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "counter", help);
        self.value(name, value);
    }

    fn now(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "gauge", help);
        self.value(name, value);
    }

    fn times(&mut self, name: &str, help: &str, times: &Times) {
        self.head(name, "histogram", help);
        for (class, up_to) in times.classes.iter().zip(COMMIT_BUCKETS_MS) {
            let seconds = Duration::from_millis(up_to).as_secs_f64().to_string();
            self.labelled(&format!("{name}_bucket"), ("le", &seconds), class.get());
        }
        let count = times.count.get();
        self.labelled(&format!("{name}_bucket"), ("le", "+Inf"), count);
        let sum = Duration::from_micros(times.sum_micros.get()).as_secs_f64();
        let _ = writeln!(self.0, "ecocd_{name}_sum {sum}\necocd_{name}_count {count}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_every_number_with_its_kind() {
        let metrics = Metrics::new();
        metrics.logins.one();
        metrics.refused(RefusalReason::WrongKey);
        metrics.turned_away(TurnedAway::ShutOut);
        metrics.arrived(Door::Sftp, 17, Duration::from_millis(7));
        let text = metrics.text(Looked {
            mails_waiting: 3,
            mails_failed: 2,
            certificate_days: Some(13),
            ..Looked::default()
        });
        for line in [
            "ecocd_sftp_sessions 1",
            "ecocd_sftp_refusals_total{reason=\"wrong-key\"} 1",
            "ecocd_sftp_refusals_total{reason=\"suspended\"} 0",
            "ecocd_sftp_turned_away_total{reason=\"shut-out\"} 1",
            "ecocd_arrivals_total{door=\"sftp\"} 1",
            "ecocd_arrival_bytes_total 17",
            "ecocd_commit_seconds_bucket{le=\"0.005\"} 0",
            "ecocd_commit_seconds_bucket{le=\"0.01\"} 1",
            "ecocd_commit_seconds_bucket{le=\"+Inf\"} 1",
            "ecocd_commit_seconds_sum 0.007",
            "ecocd_mails_waiting 3",
            "ecocd_mails_failed 2",
            "ecocd_web_certificate_days 13",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        let values = text.lines().filter(|line| !line.starts_with('#'));
        for line in values {
            let name = line.split(['{', ' ']).next().unwrap();
            let name = name.trim_end_matches("_bucket").trim_end_matches("_sum");
            let name = name.trim_end_matches("_count");
            assert!(text.contains(&format!("# TYPE {name} ")), "{line}");
        }
    }
}
