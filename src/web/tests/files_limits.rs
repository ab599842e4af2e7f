//! Uploads over real connections: slow clients, lying ones, and more than may come.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::config;
use crate::runtime::Tasks;
use crate::store::Filter;
use crate::web::tests::house::{Browser, House, sftp_door};
use crate::web::tests::parcel::{Parcel, small_files};
use crate::web::{About, open};

/// The web view over connections, with little patience, and somebody signed in.
struct Site {
    house: House,
    tasks: Tasks,
    address: SocketAddr,
    cookie: String,
    csrf: String,
}

impl Site {
    async fn open() -> Self {
        let house = House::new().await;
        let settings = config::Web {
            listen: ([127, 0, 0, 1], 0).into(),
            upload_files_max: 4,
            upload_pause_max: Duration::from_millis(300),
            upload_within: Duration::from_millis(1500),
            ..config::Web::default()
        };
        let about = About {
            settings,
            service: config::Service::default(),
            registration: config::Registration::default(),
            invitation: config::Invitation::default(),
            file_bytes_max: 100_000,
            sftp: sftp_door(),
        };
        let web = open(about, house.view.deps.clone()).await.unwrap();
        let address = web.local_addr();
        let tasks = Tasks::new();
        tasks.spawn_lasting("web view", web.run(tasks.clone()));
        let mut ann: Browser = house.signed_in("ann@acme.example").await;
        let csrf = ann.get("/uploads/new").await.csrf();
        let cookie = format!("ecocd-session={}", ann.cookie("ecocd-session").unwrap());
        Self {
            house,
            tasks,
            address,
            cookie,
            csrf,
        }
    }

    /// Connects, and sends the head of a POST that says this of its length.
    async fn post(&self, length: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "POST /uploads/new HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\nContent-Type: {}\r\n{length}\r\n\r\n",
            self.cookie,
            Parcel::kind()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    fn parcel(&self) -> Parcel {
        Parcel::new(&self.csrf)
            .field("action", "send")
            .field("accurate", "yes")
            .field("terms", "yes")
    }

    async fn handed_in(&self) -> u64 {
        let filter = Filter::default();
        self.house.store.submissions(&filter).await.unwrap().total
    }

    async fn close(self) {
        self.tasks.stop();
        self.tasks.ended().await;
        assert!(!self.tasks.is_broken());
        self.house.close().await;
    }
}

/// The head of the answer; empty if the connection ended without one.
async fn answer(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut text).await {
            Ok(0) | Err(_) => break,
            Ok(_) => (),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_form_in_many_pieces_is_taken() {
    let site = Site::open().await;
    let body = small_files(site.parcel(), 4).octets();
    let mut stream = site.post(&format!("Content-Length: {}", body.len())).await;
    for piece in body.chunks(7) {
        stream.write_all(piece).await.unwrap();
    }
    let answer = answer(stream).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert_eq!(site.handed_in().await, 4);
    site.close().await;
}

#[tokio::test]
async fn who_stops_sending_is_told_and_cut_off() {
    let site = Site::open().await;
    let body = site.parcel().file("a.xml", b"<a/>").octets();
    let mut stream = site.post("Content-Length: 50000").await;
    stream.write_all(&body[..body.len() - 20]).await.unwrap();
    // To the connection's end.
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("What you sent came too slowly"), "{answer}");
    assert_eq!(site.handed_in().await, 0);
    site.close().await;
}

#[tokio::test]
async fn who_trickles_is_cut_off_as_well() {
    let site = Site::open().await;
    let mut stream = site.post("Content-Length: 50000").await;
    let body = site.parcel().file("a.xml", &vec![b'x'; 40_000]).octets();
    let (start, rest) = body.split_at(body.len() - 39_000);
    stream.write_all(start).await.unwrap();
    let mut pause = tokio::time::interval(Duration::from_millis(50));
    let mut sent = 0;
    for octet in rest {
        pause.tick().await;
        if stream.write_all(&[*octet]).await.is_err() {
            break;
        }
        sent += 1;
        assert!(sent < 200, "nobody ended it");
        let mut one = [0_u8; 1];
        if stream.try_read(&mut one).is_ok() {
            break;
        }
    }
    assert_eq!(site.handed_in().await, 0);
    site.close().await;
}

#[tokio::test]
async fn a_length_that_is_too_much_is_refused_before_it_comes() {
    let site = Site::open().await;
    let stream = site.post("Content-Length: 99999999999").await;
    let answer = answer(stream).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    site.close().await;
}

#[tokio::test]
async fn who_sends_without_an_end_is_cut_off_at_the_limit() {
    let site = Site::open().await;
    let stream = site.post("Transfer-Encoding: chunked").await;
    let (reader, mut writer) = stream.into_split();
    let body = site.parcel().file("a.xml", &vec![b'x'; 60_000]).octets();
    let start = &body[..body.len() - 100];
    let mut sent = 0_usize;
    let mut piece = start.to_vec();
    loop {
        let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
        if writer.write_all(&chunk).await.is_err() {
            break;
        }
        sent += piece.len();
        piece = vec![b'x'; 60_000];
        // Twice four files of 100,000 octets may come, and what the system holds on the way.
        assert!(sent < 64_000_000, "nobody ended it");
    }
    drop(reader);
    assert!(
        sent > 500_000,
        "a file that is too large is read to its end: {sent}"
    );
    assert_eq!(site.handed_in().await, 0);
    site.close().await;
}

#[tokio::test]
async fn who_says_less_or_goes_away_has_sent_nothing() {
    let site = Site::open().await;
    let body = site.parcel().file("a.xml", b"<a/>").octets();
    // A length that ends within the file: what follows is no request of ours.
    let mut stream = site
        .post(&format!("Content-Length: {}", body.len() - 30))
        .await;
    stream.write_all(&body).await.unwrap();
    let refused = answer(stream).await;
    assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
    let mut stream = site.post(&format!("Content-Length: {}", body.len())).await;
    stream.write_all(&body[..body.len() - 30]).await.unwrap();
    stream.shutdown().await.unwrap();
    let refused = answer(stream).await;
    assert!(
        refused.is_empty() || refused.starts_with("HTTP/1.1 400"),
        "{refused}"
    );
    assert_eq!(site.handed_in().await, 0);
    site.close().await;
}
