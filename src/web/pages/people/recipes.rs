//! How to connect with the clients that partners use: the exact commands, with the real host, port and
//! keys. What is checked of a server differs by client; each recipe has it checked.

use crate::domain::host_key::HostKey;

/// Where and as whom somebody connects.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) login: &'a str,
    /// The keys that are in use now.
    pub(super) keys: &'a [&'a HostKey],
}

/// How to connect with one client.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    /// The client.
    pub(super) title: &'static str,
    /// What to do first, or instead of commands.
    pub(super) steps: Vec<String>,
    /// What to type.
    pub(super) code: String,
}

/// The lines for `known_hosts`.
const KNOWN: &str = "Put the lines for known_hosts, above, into the file ~/.ssh/known_hosts first.";

/// All recipes.
pub(super) fn all(place: &Place<'_>) -> Vec<Recipe> {
    vec![
        openssh(place),
        winscp(place),
        filezilla(place),
        curl(place),
        paramiko(place),
        rclone(place),
        psftp(place),
        lftp(place),
    ]
}

impl Place<'_> {
    /// The host as an address of the web has it.
    fn in_url(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.to_owned()
        }
    }

    /// The fingerprints of the keys in use, without their prefix, each after what `before` makes.
    fn prints(&self, before: impl Fn(&HostKey) -> String, after: &str, between: &str) -> String {
        let bare = |key: &HostKey| key.fingerprint.trim_start_matches("SHA256:").to_owned();
        let all: Vec<String> = self
            .keys
            .iter()
            .map(|key| format!("{}{}{after}", before(key), bare(key)))
            .collect();
        all.join(between)
    }
}

fn openssh(place: &Place<'_>) -> Recipe {
    let Place {
        host, port, login, ..
    } = place;
    Recipe {
        title: "OpenSSH (sftp)",
        steps: vec![KNOWN.to_owned()],
        code: format!(
            "sftp -P {port} -i ~/.ssh/id_ed25519 -o StrictHostKeyChecking=yes {login}@{host}\n\
             sftp> put certificate.xml inbox/\n\
             sftp> get inbox/certificate.xml.receipt.json"
        ),
    }
}

fn winscp(place: &Place<'_>) -> Recipe {
    let (host, port, login) = (place.in_url(), place.port, place.login);
    // WinSCP counts 255 bits of an Ed25519 key, and wants the base64 whole.
    let named = |key: &HostKey| match key.algorithm.as_str() {
        "ssh-ed25519" => "ssh-ed25519 255 ".to_owned(),
        other => format!("{other} 256 "),
    };
    let prints = place.prints(named, "=", ";");
    Recipe {
        title: "WinSCP",
        steps: vec![
            "Turn the private key into the form .ppk with PuTTYgen, or let WinSCP do it.".to_owned(),
            "In the window: File protocol SFTP, the host name, port and user name from above, and \
             Advanced, SSH, Authentication, Private key file. Compare the fingerprint that it shows."
                .to_owned(),
            "In a script:".to_owned(),
        ],
        code: format!(
            "open sftp://{login}@{host}:{port}/ -privatekey=\"C:\\keys\\ecoc.ppk\" -hostkey=\"{prints}\"\n\
             put certificate.xml /inbox/\n\
             get /inbox/certificate.xml.receipt.json\n\
             exit"
        ),
    }
}

fn filezilla(place: &Place<'_>) -> Recipe {
    let Place {
        host, port, login, ..
    } = place;
    Recipe {
        title: "FileZilla",
        steps: vec![
            "In the Site Manager, make a new site with these values.".to_owned(),
            "At the first connection, compare the fingerprint that it shows with those above."
                .to_owned(),
            "Drop certificates into the folder inbox.".to_owned(),
        ],
        code: format!(
            "Protocol:    SFTP - SSH File Transfer Protocol\n\
             Host:        {host}\n\
             Port:        {port}\n\
             Logon Type:  Key file\n\
             User:        {login}\n\
             Key file:    your private key"
        ),
    }
}

fn curl(place: &Place<'_>) -> Recipe {
    let (host, port, login) = (place.in_url(), place.port, place.login);
    Recipe {
        title: "curl",
        steps: vec![
            "curl connects if it is built with libssh2 1.11 or later: see what curl --version shows."
                .to_owned(),
            KNOWN.to_owned(),
        ],
        code: format!(
            "curl --user '{login}:' --key ~/.ssh/id_ed25519 --pubkey ~/.ssh/id_ed25519.pub \\\n     \
             --upload-file certificate.xml sftp://{host}:{port}/inbox/\n\
             curl --user '{login}:' --key ~/.ssh/id_ed25519 --pubkey ~/.ssh/id_ed25519.pub \\\n     \
             --remote-name sftp://{host}:{port}/inbox/certificate.xml.receipt.json"
        ),
    }
}

fn paramiko(place: &Place<'_>) -> Recipe {
    let Place {
        host, port, login, ..
    } = place;
    Recipe {
        title: "Python (paramiko)",
        steps: vec![KNOWN.to_owned()],
        code: format!(
            "import os\n\
             import paramiko\n\
             \n\
             with paramiko.SSHClient() as client:\n    \
                 client.load_host_keys(os.path.expanduser(\"~/.ssh/known_hosts\"))\n    \
                 client.connect(\n        \
                     \"{host}\", port={port}, username=\"{login}\",\n        \
                     key_filename=os.path.expanduser(\"~/.ssh/id_ed25519\"),\n    \
                 )\n    \
                 with client.open_sftp() as sftp:\n        \
                     sftp.put(\"certificate.xml\", \"inbox/certificate.xml\")"
        ),
    }
}

fn rclone(place: &Place<'_>) -> Recipe {
    let Place {
        host, port, login, ..
    } = place;
    Recipe {
        title: "rclone",
        steps: vec![KNOWN.to_owned()],
        code: format!(
            "rclone config create ecoc sftp host={host} port={port} user={login} \\\n     \
             key_file=~/.ssh/id_ed25519 known_hosts_file=~/.ssh/known_hosts\n\
             rclone copy certificate.xml ecoc:inbox"
        ),
    }
}

fn psftp(place: &Place<'_>) -> Recipe {
    let (host, port, login) = (place.host, place.port, place.login);
    let prints = place.prints(|_| "-hostkey SHA256:".to_owned(), "", " ");
    Recipe {
        title: "PuTTY (psftp)",
        steps: vec!["Turn the private key into the form .ppk with PuTTYgen.".to_owned()],
        code: format!(
            "psftp -P {port} -i ecoc.ppk {prints} {login}@{host}\n\
             psftp> put certificate.xml inbox/certificate.xml\n\
             psftp> get inbox/certificate.xml.receipt.json"
        ),
    }
}

fn lftp(place: &Place<'_>) -> Recipe {
    let (host, port, login) = (place.in_url(), place.port, place.login);
    Recipe {
        title: "lftp",
        steps: vec![KNOWN.to_owned()],
        code: format!(
            "lftp -e 'set sftp:connect-program \"ssh -a -x -i ~/.ssh/id_ed25519 -o StrictHostKeyChecking=yes\"' \\\n     \
             -u {login}, sftp://{host}:{port}\n\
             lftp> put certificate.xml -o inbox/certificate.xml"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(algorithm: &str, print: &str) -> HostKey {
        HostKey {
            algorithm: algorithm.to_owned(),
            fingerprint: format!("SHA256:{print}"),
            public: format!("{algorithm} AAAA"),
            from: None,
        }
    }

    #[test]
    fn every_recipe_names_host_port_and_user_and_checks_the_server() {
        let (one, other) = (key("ssh-ed25519", "abc"), key("ecdsa-sha2-nistp256", "def"));
        let place = Place {
            host: "sftp.example.org",
            port: 2222,
            login: "acme-erp",
            keys: &[&one, &other],
        };
        for recipe in all(&place) {
            for part in ["sftp.example.org", "2222", "acme-erp"] {
                assert!(recipe.code.contains(part), "{}: {part}", recipe.title);
            }
            let whole = format!("{} {}", recipe.steps.join(" "), recipe.code);
            let is_checked = ["known_hosts", "fingerprint", "hostkey"]
                .iter()
                .any(|word| whole.contains(word));
            assert!(is_checked, "{whole}");
        }
        let winscp = winscp(&place).code;
        assert!(
            winscp.contains("-hostkey=\"ssh-ed25519 255 abc=;ecdsa-sha2-nistp256 256 def=\""),
            "{winscp}"
        );
        let psftp = psftp(&place).code;
        assert!(
            psftp.contains("-hostkey SHA256:abc -hostkey SHA256:def"),
            "{psftp}"
        );
    }

    #[test]
    fn an_address_of_ipv6_has_its_brackets_where_a_url_needs_them() {
        let place = Place {
            host: "2001:db8::1",
            port: 22,
            login: "r",
            keys: &[],
        };
        assert!(curl(&place).code.contains("sftp://[2001:db8::1]:22/inbox/"));
        // Older ones have no MAC in common with us.
        assert!(curl(&place).steps[0].contains("libssh2 1.11"));
        assert!(openssh(&place).code.contains("r@2001:db8::1"));
    }
}
