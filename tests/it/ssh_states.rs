//! Every SSH message number in every state of a connection: nothing is served before a log-in, and
//! nothing makes the door hang or fall (what befell libssh in 2018 and Erlang's server in 2025).

use crate::support::process::{Service, Settings};
use crate::support::tool;

/// The states, in the order in which `tests/clients/ssh-states.py` goes through them.
const STATES: [&str; 5] = [
    "before_version",
    "before_keys",
    "after_keys",
    "after_login",
    "after_channel_open",
];

#[test]
fn every_message_number_in_every_state_is_stood() {
    // All of them come from this machine, and faster than any honest client would.
    let mut service = Service::with(&Settings {
        sftp: "unauthenticated-max = 2000",
        ..Settings::default()
    });
    let client = service.add_robot();
    service.start();
    let mut script = tool::python("tests/clients/ssh-states.py");
    client.tell(&mut script);
    let said = tool::run(&mut script, "");
    println!("{}\n{}", said.out, said.err);
    let expected = STATES.map(|state| format!("ok {state}"));
    let told: Vec<&str> = said.out.lines().collect();
    assert_eq!(told, expected, "{said:#?}");
    let log = service.log();
    assert!(!log.contains("panicked"), "a panic:\n{log}");
    assert!(!log.contains("ERROR"), "an error:\n{log}");
    client.batch("ls inbox\n").success();
    assert_eq!(service.stop(), Some(0));
}
