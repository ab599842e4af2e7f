//! A network of a test's own, which can be torn. Needs root, and `machine_lacks` says so.
//! Debian package: iproute2.

use std::net::Ipv4Addr;
use std::process::Command;

use crate::support::tool;

/// Two machines with a cable between them: this one, and one of another name.
#[derive(Debug)]
pub(crate) struct Network {
    name: String,
    here: String,
}

/// Our address on the cable, of a block for documentation, which no true network should have.
pub(crate) const HERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);

impl Network {
    /// Lays the cable.
    pub(crate) fn new() -> Self {
        let number = std::process::id();
        let network = Self {
            name: format!("ecocd-{number}"),
            here: format!("eco{number}a"),
        };
        let (name, here, there) = (&network.name, &network.here, format!("eco{number}b"));
        ip(&format!("netns add {name}"));
        ip(&format!(
            "link add {here} type veth peer name {there} netns {name}"
        ));
        ip(&format!("addr add {HERE}/30 dev {here}"));
        ip(&format!("link set {here} up"));
        ip(&format!("-n {name} addr add 198.51.100.2/30 dev {there}"));
        ip(&format!("-n {name} link set {there} up"));
        network
    }

    /// The same command, on the other machine.
    pub(crate) fn on_the_other_side(&self, command: &Command) -> Command {
        let mut there = Command::new("ip");
        there.args(["netns", "exec", &self.name]);
        there.arg(command.get_program()).args(command.get_args());
        there
    }

    /// Nothing comes through any more, and nobody is told.
    pub(crate) fn tear(&self) {
        ip(&format!("link set {} down", self.here));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The cable goes with it.
        let mut ip = Command::new("ip");
        tool::run(ip.args(["netns", "delete", &self.name]), "");
    }
}

fn ip(words: &str) {
    tool::run(Command::new("ip").args(words.split(' ')), "").success();
}
