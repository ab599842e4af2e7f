//! The few programs that clients ask for, and that we answer ourselves: digests of their own files.
//!
//! Nothing is ever run. A command that is not one of these, word for word, is refused; so is all that
//! a shell would make something else of.

use std::fmt::Write;
use std::sync::Arc;

use crate::doors::sftp::digests::{Algorithm, Digesting, hex};
use crate::doors::sftp::refusal::Refusal;
use crate::doors::sftp::tree;
use crate::doors::sftp::visit::Visit;
use crate::doors::sftp::{paths, wire};

/// The longest command that is looked at.
const COMMAND_BYTES_MAX: usize = 32 * 1024;

/// Files of one command. Reason: it is worked off whether or not its client is still there.
const PATHS_MAX: usize = 100;

/// What is said to a client that wants anything else.
pub(super) const NO_PROGRAMS: &str = "This server takes files by SFTP only, and runs no programs. Use \
    sftp, or scp of OpenSSH 9 or later (or scp -s).\r\n";

/// A program that we answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) algorithm: Algorithm,
    /// Of these; of the standard input if there are none.
    pub(super) paths: Vec<Vec<u8>>,
}

/// What a program would have said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) out: String,
    pub(super) error: String,
    pub(super) status: u32,
}

impl Program {
    /// `md5sum`, `sha1sum`, `sha256sum`, `sha512sum`, with up to [`PATHS_MAX`] files.
    pub(super) fn of(command: &[u8]) -> Option<Self> {
        let words = words(command)?;
        let (name, rest) = words.split_first()?;
        let name = str::from_utf8(name).ok()?.strip_suffix("sum")?;
        let algorithm = Algorithm::ALL
            .into_iter()
            .find(|known| known.name() == name)?;
        let mut paths = Vec::new();
        let mut has_options = true;
        for word in rest {
            match word.as_slice() {
                b"--" if has_options => has_options = false,
                // They change nothing where text is as it is.
                b"-b" | b"-t" | b"--binary" | b"--text" if has_options => (),
                option if has_options && option.starts_with(b"-") => return None,
                path if paths.len() < PATHS_MAX => paths.push(path.to_vec()),
                _ => return None,
            }
        }
        Some(Self { algorithm, paths })
    }

    /// Digests the files as they lie there.
    pub(super) async fn run(self, visit: &Arc<Visit>) -> Said {
        let mut said = Said::default();
        for path in &self.paths {
            // A name that is not UTF-8 cannot be there.
            let shown = String::from_utf8_lossy(path).into_owned();
            match self.digest(visit, path).await {
                Ok(digest) => said.out.push_str(&line(&digest, &shown)),
                Err(refusal) => {
                    let name = self.algorithm.name();
                    let wire::Reply::Status(_, sentence) = refusal.to_reply() else {
                        continue;
                    };
                    let shown = shown.escape_debug();
                    // A string takes everything.
                    let _ = writeln!(said.error, "{name}sum: {shown}: {sentence}");
                    said.status = 1;
                }
            }
        }
        said
    }

    async fn digest(&self, visit: &Arc<Visit>, path: &[u8]) -> Result<Vec<u8>, Refusal> {
        let content = paths::content(visit, &tree::resolve(path)?)?;
        let algorithm = self.algorithm;
        let work = move || content.digest(algorithm, 0, u64::MAX);
        let digested = visit.work_long("sftp: digest a file", work).await;
        digested.ok_or(Refusal::Fault)?
    }
}

/// What the program says of its standard input.
pub(super) fn of_input(digesting: Digesting) -> Said {
    Said {
        out: line(&digesting.end(), "-"),
        ..Said::default()
    }
}

/// As GNU's programs write it: a backslash in front says that those in the name are doubled.
fn line(digest: &[u8], name: &str) -> String {
    let escaped = name.replace('\\', "\\\\");
    let mark = if escaped == name { "" } else { "\\" };
    format!("{mark}{}  {escaped}\n", hex(digest))
}

/// The words of a command, as a shell would read them; `None` if it would do more than that.
fn words(command: &[u8]) -> Option<Vec<Vec<u8>>> {
    if command.len() > COMMAND_BYTES_MAX {
        return None;
    }
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut octets = command.iter().copied();
    while let Some(octet) = octets.next() {
        match octet {
            b' ' | b'\t' => words.extend(word.take()),
            b'\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match octets.next()? {
                        b'\'' => break,
                        inner => word.push(inner),
                    }
                }
            }
            b'"' => {
                let word = word.get_or_insert_default();
                loop {
                    match octets.next()? {
                        b'"' => break,
                        b'$' | b'`' => return None,
                        b'\\' => match octets.next()? {
                            escaped @ (b'"' | b'\\' | b'$' | b'`') => word.push(escaped),
                            other => word.extend([b'\\', other]),
                        },
                        inner => word.push(inner),
                    }
                }
            }
            b'\\' => word.get_or_insert_default().push(octets.next()?),
            b'|' | b'&' | b';' | b'<' | b'>' | b'(' | b')' | b'$' | b'`' | b'*' | b'?' | b'['
            | b'{' | b'~' | b'#' | b'!' | b'\n' | b'\r' | b'\0' => return None,
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(command: &str) -> Option<(Algorithm, Vec<String>)> {
        let program = Program::of(command.as_bytes())?;
        let paths = program.paths.into_iter();
        let paths = paths.map(|path| String::from_utf8(path).unwrap());
        Some((program.algorithm, paths.collect()))
    }

    #[test]
    fn commands_are_read_as_a_shell_would() {
        for (command, algorithm, paths) in [
            ("md5sum", Algorithm::Md5, vec![]),
            (
                "sha1sum  /inbox/a.xml ",
                Algorithm::Sha1,
                vec!["/inbox/a.xml"],
            ),
            (
                r"sha256sum /inbox/a\ b.xml",
                Algorithm::Sha256,
                vec!["/inbox/a b.xml"],
            ),
            (r#"md5sum 'a "b"'\''c' "d\"$e""#, Algorithm::Md5, vec![]),
            (
                r#"md5sum 'a "b"'\''c' "d\"e""#,
                Algorithm::Md5,
                vec![r#"a "b"'c"#, r#"d"e"#],
            ),
            ("sha512sum -b -- -x ''", Algorithm::Sha512, vec!["-x", ""]),
        ] {
            let expected = (
                algorithm,
                paths.iter().map(|path| (*path).to_owned()).collect(),
            );
            if command.contains('$') {
                assert_eq!(program(command), None, "{command}");
            } else {
                assert_eq!(program(command), Some(expected), "{command}");
            }
        }
    }

    #[test]
    fn whatever_a_shell_would_do_more_is_no_program() {
        for command in [
            "",
            "sum",
            "md5",
            "md5sum a; rm b",
            "md5sum `id`",
            "md5sum $(id)",
            "md5sum a | sh",
            "md5sum > b",
            "md5sum *.xml",
            "md5sum ~/a",
            "md5sum 'a",
            "md5sum \"a",
            "md5sum a\\",
            "md5sum -c list",
            "echo abc | md5sum",
            "scp -t /inbox",
            "sh -c md5sum",
            "md5sum a\nid",
            "/usr/bin/md5sum a",
        ] {
            assert_eq!(program(command), None, "{command}");
        }
        assert_eq!(Program::of(&vec![b'a'; COMMAND_BYTES_MAX + 1]), None);
        let of_files = |count| Program::of(format!("md5sum{}", " a".repeat(count)).as_bytes());
        assert!(of_files(PATHS_MAX).is_some());
        assert_eq!(of_files(PATHS_MAX + 1), None);
    }

    #[test]
    fn a_name_with_backslashes_is_written_as_gnu_does() {
        assert_eq!(line(&[0xab], "/inbox/a.xml"), "ab  /inbox/a.xml\n");
        assert_eq!(line(&[0xab], r"a\b"), "\\ab  a\\\\b\n");
        let said = of_input(Digesting::new(Algorithm::Md5));
        assert_eq!(said.out, "d41d8cd98f00b204e9800998ecf8427e  -\n");
    }
}
