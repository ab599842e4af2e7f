//! A session of SFTP: one request, then its answer.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::model::Answer;

/// The client's side.
pub struct Talk {
    requests: Sender<Vec<u8>>,
    answers: Receiver<Vec<u8>>,
    heard: Vec<u8>,
    id: u32,
}

/// The service's side: what it reads and where it writes.
pub struct Incoming(Receiver<Vec<u8>>, Vec<u8>);
pub struct Outgoing(Sender<Vec<u8>>);

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            // Nobody sends any more: the end.
            self.1 = self.0.recv().unwrap_or_default();
        }
        let size = self.1.len().min(into.len());
        for (place, octet) in into.iter_mut().zip(self.1.drain(..size)) {
            *place = octet;
        }
        Ok(size)
    }
}

impl Write for Outgoing {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        // Whoever hangs up hears no more.
        let _gone = self.0.send(octets.to_vec());
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn string(octets: &[u8]) -> Vec<u8> {
    [&(octets.len() as u32).to_be_bytes()[..], octets].concat()
}

impl Talk {
    pub fn new() -> (Self, Incoming, Outgoing) {
        let (requests, incoming) = channel();
        let (outgoing, answers) = channel();
        let talk = Self {
            requests,
            answers,
            heard: Vec::new(),
            id: 0,
        };
        (talk, Incoming(incoming, Vec::new()), Outgoing(outgoing))
    }

    /// Says which version it speaks.
    pub fn begin(&mut self) {
        self.send(&[1, 0, 0, 0, 3]);
        assert_eq!(self.packet().first(), Some(&2), "no version");
    }

    /// Asks, and gives the answer without its id; a handle comes beside it.
    pub fn ask(&mut self, kind: u8, body: &[Vec<u8>]) -> (Answer, Option<Vec<u8>>) {
        self.id += 1;
        self.send(&[&[kind][..], &self.id.to_be_bytes(), &body.concat()].concat());
        let packet = self.packet();
        assert_eq!(
            packet[1..5],
            self.id.to_be_bytes(),
            "an answer to another request"
        );
        let mut rest = Rest(&packet[5..]);
        match packet[0] {
            101 => {
                let code = rest.number();
                assert!(!rest.string().is_empty(), "a status without a sentence");
                (Answer::Status(code), None)
            }
            102 => (Answer::Handle, Some(rest.string().to_vec())),
            103 => (Answer::Data(rest.string().to_vec()), None),
            104 => (Answer::Names(rest.names()), None),
            105 => (rest.attrs(), None),
            201 => (Answer::Extended(rest.0.to_vec()), None),
            other => panic!("an answer of kind {other}"),
        }
    }

    fn send(&self, packet: &[u8]) {
        self.requests.send(string(packet)).expect("it listens");
    }

    fn packet(&mut self) -> Vec<u8> {
        loop {
            if let Some((length, rest)) = self.heard.split_first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                if let Some(packet) = rest.get(..length) {
                    let packet = packet.to_vec();
                    self.heard.drain(..4 + length);
                    return packet;
                }
            }
            self.heard.extend(self.answers.recv().expect("it answers"));
        }
    }
}

/// What is left of an answer.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, bytes: usize) -> &'a [u8] {
        let (first, rest) = self.0.split_at(bytes);
        self.0 = rest;
        first
    }

    fn number(&mut self) -> u32 {
        u32::from_be_bytes(self.take(4).try_into().expect("four octets"))
    }

    fn string(&mut self) -> &'a [u8] {
        let length = self.number() as usize;
        self.take(length)
    }

    /// As the door always sends them: size, mode, two times.
    fn attrs(&mut self) -> Answer {
        match self.number() {
            0 => return Answer::Own,
            flags => assert_eq!(flags, 1 | 4 | 8, "other attributes"),
        }
        let size = u64::from_be_bytes(self.take(8).try_into().expect("eight octets"));
        let mode = self.number();
        self.take(8);
        match mode & 0o170_777 {
            0o040_750 => Answer::Folder,
            0o100_640 => Answer::File(size),
            0o100_440 => Answer::Own,
            other => panic!("a file of mode {other:o}"),
        }
    }

    fn names(&mut self) -> Vec<(String, Option<u64>)> {
        let count = self.number();
        let names = (0..count).map(|_| {
            let name = String::from_utf8(self.string().to_vec()).expect("UTF-8");
            self.string();
            match self.attrs() {
                Answer::File(size) => (name, Some(size)),
                _ => (name, None),
            }
        });
        names.collect()
    }
}
