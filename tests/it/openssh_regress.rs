//! OpenSSH's own regression scripts for its SFTP client and server (Debian: openssh-tests), run
//! against `ecocd sftp-stdio`.
//!
//! The scripts work in one folder that client and server both see under the same name. Here that is
//! `/inbox`: bubblewrap puts the inbox of an account there, in a file system of the test's own.
//!
//! Not run, because they test what is OpenSSH's alone: `sftp-perm` (options of sftp-server),
//! `sftp-chroot` and `sftp-uri` (sshd with internal-sftp, sftp's addresses).

use std::path::Path;
use std::process::Command;

use crate::support::tool;

const SCRIPTS: &str = "/usr/lib/openssh/regress";

#[test]
fn putting_and_getting_with_every_buffer_size() {
    passes("sftp", &[]);
}

#[test]
fn batches_of_commands_and_their_faults() {
    passes("sftp-batch", &[]);
}

#[test]
fn commands_that_must_fail_and_harm_nothing() {
    passes("sftp-badcmds", &[]);
}

#[test]
fn all_commands_of_the_client() {
    passes(
        "sftp-cmds",
        &[
            // There are no folders within the inbox, so nothing can be put into one,
            "put to directory: corrupted copy after put",
            "put to local dir: corrupted copy after put",
            // none can be renamed,
            "rename directory: oldname exists after rename directory",
            "rename directory: missing newname after rename directory",
            // no link of either kind can be made,
            "ln: missing file after ln",
            "ln: created file is not equal after ln",
            "ln -s: missing file after ln -s",
            // and the server copies nothing: an inbox takes what is sent.
            "cp: created file is not equal after cp",
        ],
    );
}

#[test]
fn names_that_must_be_quoted_and_patterns() {
    passes(
        "sftp-glob",
        &[
            // It looks for a folder below a folder, which the inbox cannot have.
            "dir glob: dir glob failed",
            "dir glob: file missing from dir glob results",
        ],
    );
}

/// Runs a script, and holds what it complains of against the exceptions.
fn passes(script: &str, exceptions: &[&str]) {
    let place = tempfile::tempdir().expect("a folder");
    let root = place.path();
    let inbox = root.join("drop/acme/inbox");
    std::fs::create_dir_all(&inbox).expect("an inbox");
    let mut text = std::fs::read_to_string(format!("{SCRIPTS}/{script}.sh"))
        .unwrap_or_else(|error| panic!("{SCRIPTS}/{script}.sh: {error}; see tests/run"));
    if script == "sftp-glob" {
        // Its files would lie in a folder of their own.
        text = text.replace("DIR=${BASE}/dir", "DIR=${OBJ}");
    }
    let copy = root.join(format!("{script}.sh"));
    std::fs::write(&copy, text).expect("a copy");
    let server = root.join("server");
    let words = format!(
        "#!/bin/sh\nexec /ecocd sftp-stdio --account acme --root {}\n",
        root.display()
    );
    std::fs::write(&server, words).expect("a server");
    tool::run(Command::new("chmod").arg("+x").arg(&server), "").success();
    let said = tool::run(&mut in_a_world_with(root, &inbox, &copy), "");
    let mut title = "";
    let mut complaints = Vec::new();
    for line in said.out.lines() {
        if let Some(named) = line.strip_prefix(&format!("{} ", tid(script))) {
            title = named.trim_start_matches(':').trim();
        } else if let Some((_, named)) = line
            .split_once(": ")
            .filter(|(tid_of, _)| *tid_of == tid(script))
        {
            title = named;
        } else if !line.starts_with("ok ") && !line.starts_with("failed ") && !is_noise(line) {
            complaints.push(format!("{title}: {line}"));
        }
    }
    assert_eq!(complaints, exceptions, "{}\n{}", said.out, said.err);
    let ended = if exceptions.is_empty() {
        "ok"
    } else {
        "failed"
    };
    let last = said.out.lines().last().unwrap_or_default();
    assert_eq!(last, format!("{ended} {}", tid(script)), "{}", said.err);
}

/// What a script calls itself.
fn tid(script: &str) -> &'static str {
    match script {
        "sftp" => "basic sftp put/get",
        "sftp-batch" => "sftp batchfile",
        "sftp-badcmds" => "sftp invalid commands",
        "sftp-cmds" => "sftp commands",
        _ => "sftp glob",
    }
}

/// What `cmp` and the buffers' sizes add.
fn is_noise(line: &str) -> bool {
    line.starts_with("cmp: ") || line.starts_with("test basic sftp put/get: ")
}

/// The script in a file system where `/inbox` is the account's.
fn in_a_world_with(root: &Path, inbox: &Path, script: &Path) -> Command {
    let mut world = Command::new("bwrap");
    world.args([
        "--tmpfs",
        "/",
        "--dev",
        "/dev",
        "--tmpfs",
        "/run",
        "--dir",
        "/run/sshd",
    ]);
    for part in ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/proc"] {
        if Path::new(part).exists() {
            world.args(["--ro-bind", part, part]);
        }
    }
    let program = Path::new(env!("CARGO_BIN_EXE_ecocd"));
    world.arg("--bind").args([root, root]);
    world.arg("--bind").args([inbox, Path::new("/inbox")]);
    world.arg("--ro-bind").args([program, Path::new("/ecocd")]);
    world
        .args(["--setenv", "TEST_SHELL", "sh"])
        .args(["--setenv", "TEST_SSH_UNSAFE_PERMISSIONS", "1"])
        .args(["--setenv", "TEST_SSH_SSHD", "/usr/sbin/sshd"])
        .args(["--setenv", "BUILDDIR", SCRIPTS])
        .args(["--setenv", "TEST_SSH_SFTPSERVER"])
        .arg(root.join("server"))
        .args(["timeout", "300", "sh"])
        .arg(format!("{SCRIPTS}/test-exec.sh"))
        .arg("/inbox")
        .arg(script);
    world
}
