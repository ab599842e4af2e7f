//! One session beside the model: every answer is compared with what the model says.

use std::collections::BTreeMap;

use super::model::{self, Answer, Handle, Spot, Tree};
use super::talk::{Talk, string};

const DOCUMENT: &[u8] = b"<?xml version='1.0'?><a><b>text</b></a>";

/// A path as it is asked for, what it is without detours, and where it leads.
pub type Asked = (&'static [u8], &'static str, Spot);

/// One session.
pub struct Session<'a> {
    pub talk: Talk,
    pub tree: &'a mut Tree,
    pub handles: BTreeMap<Vec<u8>, Handle>,
}

/// What a request is made of.
#[derive(Clone, Copy)]
pub struct Made {
    pub path: Asked,
    pub other: Asked,
    pub number: u8,
    pub small: u8,
}

fn attrs(size: Option<u64>, time: Option<u32>) -> Vec<u8> {
    let flags = u32::from(size.is_some()) | (u32::from(time.is_some()) << 3);
    let mut octets = flags.to_be_bytes().to_vec();
    octets.extend(size.iter().flat_map(|size| size.to_be_bytes()));
    octets.extend(
        time.iter()
            .flat_map(|time| [time.to_be_bytes(); 2].concat()),
    );
    octets
}

fn status(result: Result<(), u32>) -> Answer {
    Answer::Status(result.err().unwrap_or(model::OK))
}

impl Session<'_> {
    /// Asks, and compares.
    pub fn ask(&mut self, kind: u8, body: &[Vec<u8>], expected: Answer) -> Option<Vec<u8>> {
        let (answer, handle) = self.talk.ask(kind, body);
        let is_own = match (&expected, &answer) {
            (Answer::Own, Answer::Status(code)) => *code == model::END,
            (Answer::Own, Answer::Data(_) | Answer::Own | Answer::Extended(_)) => true,
            _ => false,
        };
        assert!(
            is_own || answer == expected,
            "kind {kind}, {body:?}: {answer:?}, and the model {expected:?}"
        );
        handle
    }

    fn extended(&mut self, name: &str, body: &[Vec<u8>], expected: Answer) {
        let body = [&[string(name.as_bytes())][..], body].concat();
        self.ask(200, &body, expected);
    }

    fn opens(&mut self, kind: u8, body: &[Vec<u8>], opened: Result<Handle, u32>) {
        match opened {
            Ok(handle) => {
                let name = self.ask(kind, body, Answer::Handle).expect("a handle");
                let before = self.handles.insert(name, handle);
                assert!(before.is_none(), "two handles of one name");
            }
            Err(code) => drop(self.ask(kind, body, Answer::Status(code))),
        }
    }

    /// One of the handles, or one that is not open.
    pub fn handle(&self, number: u8) -> Vec<u8> {
        let at = usize::from(number) % (self.handles.len() + 1);
        let name = self.handles.keys().nth(at);
        name.cloned().unwrap_or_else(|| b"9999".to_vec())
    }

    pub fn close(&mut self, name: &[u8]) {
        let code = match self.handles.remove(name) {
            Some(Handle::Writing(upload)) => self.tree.end(upload, true),
            Some(_) => model::OK,
            None => model::FAILURE,
        };
        self.ask(4, &[string(name)], Answer::Status(code));
    }

    /// Requests for a path.
    fn of_path(&mut self, kind: u8, made: Made) {
        let (path, plain, spot) = made.path;
        let body = string(path);
        let time = (made.small & 1 == 1).then_some(u32::from(made.small));
        let size = (made.small & 2 == 2).then_some(u64::from(made.number));
        match kind {
            3 => {
                let flags = u32::from(made.number) & 63;
                let opened = self.tree.open(spot, flags, time);
                let body = [body, flags.to_be_bytes().to_vec(), attrs(None, time)];
                self.opens(3, &body, opened);
            }
            11 => {
                let opened = self.tree.list(spot);
                self.opens(11, &[body], opened);
            }
            7 | 17 => {
                let expected = self.tree.attrs(spot);
                self.ask(kind, &[body], expected);
            }
            9 | 41 => {
                let code = self.tree.set_attrs(spot, size, time);
                let body = [body, attrs(size, time)];
                if kind == 9 {
                    self.ask(9, &body, Answer::Status(code));
                } else {
                    self.extended("lsetstat@openssh.com", &body, Answer::Status(code));
                }
            }
            13 => {
                let code = self.tree.remove(spot);
                self.ask(13, &[body], Answer::Status(code));
            }
            14 => {
                let code = match spot {
                    Spot::BadName | Spot::Folder(_) => model::FAILURE,
                    _ => model::DENIED,
                };
                self.ask(14, &[body, attrs(None, None)], Answer::Status(code));
            }
            15 => {
                let code = match self.tree.attrs(spot) {
                    Answer::Status(code) => code,
                    Answer::Folder => model::DENIED,
                    _ => model::FAILURE,
                };
                self.ask(15, &[body], Answer::Status(code));
            }
            16 | 42 => {
                let expected = match plain {
                    "" => Answer::Status(model::FAILURE),
                    plain => Answer::Names(vec![(plain.to_owned(), None)]),
                };
                if kind == 16 {
                    self.ask(16, &[body], expected);
                } else {
                    self.extended("expand-path@openssh.com", &[body], expected);
                }
            }
            18 | 43 => {
                let (other, _, to) = made.other;
                let code = self.tree.rename(spot, to, kind == 43);
                let body = [body, string(other)];
                if kind == 18 {
                    self.ask(18, &body, Answer::Status(code));
                } else {
                    self.extended("posix-rename@openssh.com", &body, Answer::Status(code));
                }
            }
            19 | 20 => drop(self.ask(
                kind,
                &[body, string(b"x")],
                Answer::Status(model::UNSUPPORTED),
            )),
            44 => self.extended(
                "hardlink@openssh.com",
                &[body],
                Answer::Status(model::UNSUPPORTED),
            ),
            45 => {
                let expected = match spot {
                    Spot::BadName => Answer::Status(model::FAILURE),
                    Spot::Nowhere => Answer::Status(model::ABSENT),
                    _ => Answer::Own,
                };
                self.extended("statvfs@openssh.com", &[body], expected);
            }
            _ => {
                let expected = match (spot, self.tree.attrs(spot)) {
                    (Spot::File(path), Answer::File(_)) => digest(&self.tree.files[path].octets),
                    (Spot::Fixed, _) => Answer::Own,
                    (Spot::Folder(_), _) => Answer::Status(model::FAILURE),
                    (_, absent) => absent,
                };
                let how = [body, string(b"sha256"), vec![0; 20]];
                self.extended("check-file-name", &how, expected);
            }
        }
    }

    /// Requests for an open handle.
    pub fn of_handle(&mut self, kind: u8, name: &[u8], made: Made) {
        let body = string(name);
        let time = (made.small & 1 == 1).then_some(u32::from(made.small));
        let offset = match made.number {
            250..=254 => 4000 + u64::from(made.number - 250) * 32,
            255 => u64::MAX,
            near => u64::from(near / 4),
        };
        let Some(mut handle) = self.handles.remove(name) else {
            let (kind, rest) = match kind {
                5 => (5, vec![0; 12]),
                6 => (6, [vec![0; 8], string(b"x")].concat()),
                10 => (10, attrs(None, None)),
                other => (if other < 40 { other } else { 8 }, Vec::new()),
            };
            return drop(self.ask(kind, &[body, rest], Answer::Status(model::FAILURE)));
        };
        match kind {
            5 => {
                let bytes = 1 + u32::from(made.small);
                let body = [
                    body,
                    offset.to_be_bytes().to_vec(),
                    bytes.to_be_bytes().to_vec(),
                ];
                self.ask(5, &body, handle.read(offset, bytes));
            }
            6 => {
                let data = data(made.small);
                let code = match &mut handle {
                    Handle::Writing(upload) => upload.write(offset, &data),
                    _ => model::DENIED,
                };
                let body = [body, offset.to_be_bytes().to_vec(), string(&data)];
                self.ask(6, &body, Answer::Status(code));
            }
            8 => {
                let expected = match &handle {
                    Handle::Fixed => Answer::Own,
                    Handle::Listing(_) => Answer::Folder,
                    file => Answer::File(file.octets().unwrap_or_default().len() as u64),
                };
                self.ask(8, &[body], expected);
            }
            10 => {
                let size = (made.small & 2 == 2).then_some(offset);
                let code = match &mut handle {
                    Handle::Writing(upload) => upload.set_attrs(size, time),
                    _ if size.is_some() => model::DENIED,
                    _ => model::OK,
                };
                self.ask(10, &[body, attrs(size, time)], Answer::Status(code));
            }
            12 => {
                let expected = match &mut handle {
                    Handle::Listing(names) => names.take().unwrap_or(Answer::Status(model::END)),
                    _ => Answer::Status(model::FAILURE),
                };
                self.ask(12, &[body], expected);
            }
            46 => {
                let refused = matches!(handle, Handle::Listing(_)).then_some(model::FAILURE);
                let expected = status(refused.map_or(Ok(()), Err));
                self.extended("fsync@openssh.com", &[body], expected);
            }
            47 => self.extended("fstatvfs@openssh.com", &[body], Answer::Own),
            _ => {
                let expected = match &handle {
                    Handle::Listing(_) => Answer::Status(model::FAILURE),
                    Handle::Fixed => Answer::Own,
                    file => digest(file.octets().unwrap_or_default()),
                };
                let how = [body, string(b"md4,sha256"), vec![0; 20]];
                self.extended("check-file-handle", &how, expected);
            }
        }
        self.handles.insert(name.to_vec(), handle);
    }

    pub fn request(&mut self, kind: u8, made: Made) {
        match kind % 28 {
            0 => self.extended("limits@openssh.com", &[], Answer::Own),
            1 => self.extended(
                "home-directory",
                &[string(b"")],
                Answer::Names(vec![("/".to_owned(), None)]),
            ),
            2 => self.extended("copy-data", &[], Answer::Status(model::UNSUPPORTED)),
            kind @ 3 => self.of_path(kind, made),
            4 => {
                let name = self.handle(made.number);
                self.close(&name);
            }
            kind @ (5 | 6 | 8 | 10 | 12) => {
                self.of_handle(kind, &self.handle(made.path.0.len() as u8), made)
            }
            kind @ (7 | 9 | 11 | 13..=20) => self.of_path(kind, made),
            kind @ 21..=25 => self.of_path(kind + 20, made),
            26 => self.of_path(48, made),
            _ => self.of_handle(46 + made.small % 3, &self.handle(made.number), made),
        }
    }
}

/// What a WRITE of this number brings.
fn data(number: u8) -> Vec<u8> {
    match number % 8 {
        0 | 1 => DOCUMENT.to_vec(),
        2 => DOCUMENT[..20].to_vec(),
        3 => DOCUMENT[20..].to_vec(),
        4 => b"<a/>".to_vec(),
        5 => Vec::new(),
        6 => vec![b' '; 200],
        _ => vec![number; usize::from(number)],
    }
}

fn digest(octets: &[u8]) -> Answer {
    let hex = ecocd::intake::digest(octets);
    let pairs = hex.as_str().as_bytes().chunks(2);
    let octets = pairs.map(|pair| {
        let pair = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(pair, 16).expect("digits")
    });
    Answer::Extended([string(b"sha256"), octets.collect()].concat())
}
