//! The portal's lists with many submissions: fills a database, then measures each filter and the detail.
//!
//! ```text
//! cargo bench --bench portal -- [--rows 1000000] [--rounds 200] [--url sqlite:/tmp/x.sqlite] [--only NAME]
//! ```
//!
//! Needs `sqlite3` or `psql`, which fill the database by `rows.sql`. A database that has rows is measured as it is.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints, and ends when something is not as it should be"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ecocd::config;
use ecocd::domain::account::AccountId;
use ecocd::domain::outcome::Outcome;
use ecocd::domain::submission::Door;
use ecocd::runtime::Tasks;
use ecocd::store::{Filter, Row, Sort, Store};

/// What fills the database.
const ROWS: &str = include_str!("rows.sql");

/// What was asked for.
struct Options {
    rows: u32,
    rounds: u32,
    url: String,
    /// Measures only the pages whose name has this in it.
    only: String,
}

impl Options {
    fn read() -> Self {
        let mut options = Self {
            rows: 1_000_000,
            rounds: 200,
            url: "sqlite:/tmp/ecocd-portal.sqlite".to_owned(),
            only: String::new(),
        };
        let words: Vec<String> = std::env::args().skip(1).collect();
        for pair in words.windows(2) {
            let [name, value] = pair else { continue };
            match name.as_str() {
                "--rows" => options.rows = value.parse().expect("--rows takes a number"),
                "--rounds" => options.rounds = value.parse().expect("--rounds takes a number"),
                "--url" => options.url.clone_from(value),
                "--only" => options.only.clone_from(value),
                _ => (),
            }
        }
        options
    }
}

#[tokio::main]
async fn main() {
    let options = Options::read();
    let settings = config::Database {
        url: options.url.clone(),
        ..config::Database::default()
    };
    let tasks = Tasks::new();
    let store = Store::open(&settings, Path::new("/"), false, &tasks)
        .await
        .expect("the database opens");
    if page(&store, &newest()).await.is_empty() {
        let began = Instant::now();
        fill(&options);
        println!("{} rows in {:.0?}", options.rows, began.elapsed());
    }
    let rows = sample(&store).await;
    println!("{:<44} {:>9} {:>9} {:>9}", "", "median", "p95", "most");
    for (name, make) in cases() {
        if !name.contains(&options.only) {
            continue;
        }
        measure(&store, &options, name, &rows, make).await;
    }
    for (title, sort) in SORTS {
        for (name, make) in sorted_cases() {
            let name = format!("{name}sorted by {title}");
            if name.contains(&options.only) {
                measure(&store, &options, &name, &rows, |row, round| Filter {
                    sort,
                    ..make(row, round)
                })
                .await;
            }
        }
    }
    details(&store, &options, &rows).await;
    store.close().await;
}

/// Has the engine's own program run the statements.
fn fill(options: &Options) {
    let sql = ROWS.replace("{rows}", &options.rows.to_string());
    let mut command = if let Some(path) = options.url.strip_prefix("sqlite:") {
        let mut command = Command::new("sqlite3");
        command.arg("-bail").arg(path);
        command
    } else {
        let mut command = Command::new("psql");
        command.args(["-q", "-v", "ON_ERROR_STOP=1", &options.url]);
        command
    };
    let mut child = command
        .stdin(Stdio::piped())
        .spawn()
        .expect("sqlite3 or psql is installed");
    let mut input = child.stdin.take().expect("it has an input");
    input.write_all(sql.as_bytes()).expect("it reads");
    drop(input);
    assert!(child.wait().expect("it ends").success(), "filling failed");
}

async fn page(store: &Store, filter: &Filter) -> Vec<Row> {
    let page = store.submissions(filter).await.expect("the store answers");
    page.rows
}

/// Rows from all over the list, to take values from.
async fn sample(store: &Store) -> Vec<Row> {
    let mut rows = Vec::new();
    for offset in (0..10_000).step_by(500) {
        let filter = Filter {
            is_descending: offset % 1000 == 0,
            offset,
            limit: 20,
            ..Filter::default()
        };
        rows.extend(page(store, &filter).await);
    }
    rows
}

type Make = fn(&Row, u32) -> Filter;

/// The newest first, of all accounts.
fn newest() -> Filter {
    Filter {
        is_descending: true,
        limit: 25,
        ..Filter::default()
    }
}

fn with_vin(vin: String) -> Filter {
    Filter {
        vin: Some(vin),
        ..newest()
    }
}

fn vin(row: &Row) -> String {
    row.facts.vin.clone().unwrap_or_default()
}

/// A part of the row's VIN.
fn part(row: &Row, from: usize, length: usize) -> String {
    vin(row).chars().skip(from).take(length).collect()
}

/// The largest account's rows only.
fn of_account(filter: Filter, row: &Row) -> Filter {
    Filter {
        account: Some(row.submission.account),
        ..filter
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<(&'static str, Make)> {
    vec![
        ("list, all accounts", |_, round| Filter {
            offset: round % 20 * 25,
            ..newest()
        }),
        ("list, one account", |row, _| of_account(newest(), row)),
        ("list, page 400", |_, _| Filter {
            offset: 9_975,
            ..newest()
        }),
        ("failed", |_, _| Filter {
            failed_only: true,
            ..newest()
        }),
        ("failed, one account", |row, _| {
            let failed = Filter {
                failed_only: true,
                ..newest()
            };
            of_account(failed, row)
        }),
        ("whole VIN", |row, _| with_vin(vin(row))),
        ("VIN *P782332 (7 letters at the end)", |row, _| {
            with_vin(format!("*{}", part(row, 10, 7)))
        }),
        ("VIN *32 (2 letters at the end)", |row, _| {
            with_vin(format!("*{}", part(row, 15, 2)))
        }),
        ("VIN STZ* (3 letters at the beginning)", |row, _| {
            with_vin(format!("{}*", part(row, 0, 3)))
        }),
        ("VIN STZ*, one account", |row, _| {
            of_account(with_vin(format!("{}*", part(row, 0, 3))), row)
        }),
        ("VIN S* (all)", |_, _| with_vin("S*".to_owned())),
        ("VIN nothing begins so", |_, _| with_vin("Q*".to_owned())),
        ("VIN STZ*332 (both ends)", |row, _| {
            with_vin(format!("{}*{}", part(row, 0, 3), part(row, 14, 3)))
        }),
        ("VIN *VP0123* (in the middle)", |row, _| {
            with_vin(format!("*{}*", part(row, 9, 6)))
        }),
        ("VIN *VP0123*, one account", |row, _| {
            of_account(with_vin(format!("*{}*", part(row, 9, 6))), row)
        }),
        ("VIN *QQQ* (nowhere)", |_, _| with_vin("*QQQ*".to_owned())),
        ("VIN *QQQ*, one account", |row, _| {
            of_account(with_vin("*QQQ*".to_owned()), row)
        }),
        ("outcome duplicate", |_, _| Filter {
            outcome: Some(Outcome::Duplicate),
            ..newest()
        }),
        ("outcome not-processed, one account", |row, _| {
            let rare = Filter {
                outcome: Some(Outcome::NotProcessed),
                ..newest()
            };
            of_account(rare, row)
        }),
        ("door web", |_, _| Filter {
            door: Some(Door::Web),
            ..newest()
        }),
        ("stage 3", |_, _| Filter {
            stage: Some(3),
            ..newest()
        }),
        ("type approval", |row, _| Filter {
            approval: row.facts.type_approval_number.clone(),
            ..newest()
        }),
        ("uploader", |row, _| Filter {
            user: row.submission.user,
            ..newest()
        }),
        ("file name", |row, _| Filter {
            file_name: Some(row.submission.file_name.clone()),
            ..newest()
        }),
        ("file name, its first 4 letters", |row, _| Filter {
            file_name: Some(row.submission.file_name.chars().take(4).collect()),
            ..newest()
        }),
        ("a day, one account", |row, _| {
            let from = row.submission.complete;
            let day = Filter {
                from: Some(from),
                before: Some(from + Duration::from_hours(24)),
                ..newest()
            };
            of_account(day, row)
        }),
        ("nobody's account", |_, _| Filter {
            account: Some(AccountId(0)),
            ..newest()
        }),
    ]
}

/// The columns that a list is sorted by, but for the time.
const SORTS: [(&str, Sort); 7] = [
    ("VIN", Sort::Vin),
    ("IVI", Sort::IviVersion),
    ("Type Approval", Sort::TypeApproval),
    ("Account", Sort::Account),
    ("Stage", Sort::Stage),
    ("Cat", Sort::Category),
    ("Status", Sort::Status),
];

/// Lists that are sorted by each of them, upwards at first.
fn sorted_cases() -> Vec<(&'static str, Make)> {
    fn turned(round: u32) -> Filter {
        Filter {
            is_descending: round % 2 == 1,
            offset: round % 20 * 500,
            ..newest()
        }
    }
    fn failed(round: u32) -> Filter {
        Filter {
            failed_only: true,
            ..turned(round)
        }
    }
    vec![
        ("", |_, round| turned(round)),
        ("one account, ", |row, round| of_account(turned(round), row)),
        ("failed, ", |_, round| failed(round)),
        ("failed, one account, ", |row, round| {
            of_account(failed(round), row)
        }),
    ]
}

async fn measure(
    store: &Store,
    options: &Options,
    name: &str,
    rows: &[Row],
    make: impl Fn(&Row, u32) -> Filter,
) {
    let mut times = Vec::new();
    for (row, round) in rows.iter().cycle().zip(0..options.rounds) {
        let filter = make(row, round);
        let began = Instant::now();
        page(store, &filter).await;
        times.push(began.elapsed());
    }
    print(name, times);
}

async fn details(store: &Store, options: &Options, rows: &[Row]) {
    let mut times = Vec::new();
    for (row, _) in rows.iter().cycle().zip(0..options.rounds) {
        let began = Instant::now();
        let detail = store.submission(&row.submission.number, None).await;
        times.push(began.elapsed());
        assert!(detail.expect("the store answers").is_some());
    }
    print("detail", times);
}

fn print(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |hundredths: usize| times.get(times.len() * hundredths / 100).copied();
    let ms = |time: Option<Duration>| time.unwrap_or_default().as_secs_f64() * 1000.0;
    println!(
        "{name:<44} {:>6.1} ms {:>6.1} ms {:>6.1} ms",
        ms(at(50)),
        ms(at(95)),
        ms(times.last().copied())
    );
}
