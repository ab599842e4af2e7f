//! Things of an account for paths to name: a submission, an upload, a machine user and its key, a person.

use axum::http::StatusCode;

use crate::domain::account::{
    Account, AccountCode, CredentialKind, LoginName, MailPreference, Role, User, UserKind,
};
use crate::store::{Added, NewCredential, NewUser};
use crate::web::tests::house::{Browser, Ending, House, Sent};
use crate::web::tests::parcel::Parcel;

/// Makes what a path names, anew for each path: a form may end it.
pub(super) struct Things<'a> {
    house: &'a mut House,
    account: Account,
    /// The Primary User of that account.
    primary: &'static str,
    /// Who is going to ask, if it is somebody of that account.
    visitor: Option<&'static str>,
}

/// Is what the route names an account's own, so that no other account may know of it?
pub(super) fn is_of_an_account(route: &str) -> bool {
    let is_theirs = ["/submissions/", "/uploads/{", "/vehicles/", "/users/{"]
        .iter()
        .any(|start| route.starts_with(start));
    is_theirs || route.starts_with("/sftp/machines/{") || route == "/users/invited/{number}"
}

/// Is all that the route names going to be there?
pub(super) fn is_filled(route: &str) -> bool {
    let is_open = ["{token}", "{name}", "{version}", "{reference}", "/outbox/{"]
        .iter()
        .any(|part| route.contains(part));
    !is_open
}

/// So many hexadecimal digits, at most 20, that nothing else has.
fn fresh(digits: usize) -> String {
    let id = crate::runtime::unique_id().replace('-', "");
    id.chars().rev().take(digits).collect()
}

impl<'a> Things<'a> {
    /// Of the account of Acme, or of another.
    pub(super) fn new(house: &'a mut House, is_own: bool, login: Option<&'static str>) -> Self {
        let account = if is_own {
            house.acme.clone()
        } else {
            house.bolt.clone()
        };
        let is_of_it = |login: &&str| is_own && login.ends_with("@acme.example");
        Self {
            house,
            account,
            primary: if is_own {
                "ann@acme.example"
            } else {
                "pia@bolt.example"
            },
            visitor: login.filter(is_of_it),
        }
    }

    /// The route with a thing in the place of each name in braces.
    pub(super) async fn path(&mut self, route: &str, is_post: bool) -> String {
        let mut path = route.to_owned();
        if route.starts_with("/vehicles/") || route.starts_with("/submissions/{") {
            let (vin, number) = self.submission(Ending::Accepted).await;
            path = path.replace("{vin}", &vin).replace("{number}", &number);
        } else if route.starts_with("/staff/held/") {
            let (_, number) = self.submission(Ending::Held).await;
            path = path.replace("{number}", &number);
        } else if route.starts_with("/uploads/{") {
            path = self.upload(is_post).await;
        } else if route.starts_with("/users/invited/") || route.starts_with("/users/{") {
            let (id, number) = self.invited().await;
            path = path.replace("{id}", &id).replace("{number}", &number);
        } else if route.starts_with("/sftp/machines/{") {
            let (id, key) = self.machine().await;
            path = path.replace("{id}", &id).replace("{key}", &key);
        } else if route.starts_with("/staff/users/{") {
            let user = self.user(UserKind::Person, Role::View).await;
            path = path.replace("{id}", &user.id.to_string());
        } else if route.starts_with("/staff/accounts/{") {
            path = path.replace("{code}", &self.other_account().await);
        }
        for (name, nothing) in [
            ("{reference}", "REG-ZZZZZ"),
            ("{version}", "999999"),
            ("{id}", "999999"),
            ("{token}", "nothing"),
            ("{name}", "nothing"),
        ] {
            path = path.replace(name, nothing);
        }
        assert!(!path.contains('{'), "what is to stand in {path}?");
        path
    }

    /// A submission; its VIN and number.
    async fn submission(&mut self, ending: Ending) -> (String, String) {
        let vin = format!("STZ{}", fresh(14).to_uppercase());
        let sent = Sent {
            vin: Some(&vin),
            octets: vin.as_bytes(),
            ending,
            ..Sent::default()
        };
        let number = self.house.send(&self.account, sent).await;
        (vin.clone(), number.to_string())
    }

    /// A person or a machine user of the account.
    async fn user(&self, kind: UserKind, role: Role) -> User {
        let new = NewUser {
            account: Some(self.account.id),
            login: LoginName::new(&format!("u{}@made.example", fresh(20))).unwrap(),
            kind,
            role,
            display_name: "Somebody".to_owned(),
            mail: None,
            mail_preference: MailPreference::None,
            contact: None,
        };
        let now = self.house.clock.now();
        let Added::New(user) = self.house.store.add_user(&new, now).await.unwrap() else {
            panic!("the user is new");
        };
        user
    }

    /// A machine user and its key.
    async fn machine(&self) -> (String, String) {
        let user = self.user(UserKind::Machine, Role::Upload).await;
        let credential = NewCredential {
            user: user.id,
            kind: CredentialKind::PublicKey,
            verifier: format!("ssh-ed25519 {}", fresh(20)),
            fingerprint: Some(format!("SHA256:{}", fresh(20))),
            label: "plant".to_owned(),
        };
        let (store, now) = (&self.house.store, self.house.clock.now());
        store.add_credential(&credential, now).await.unwrap();
        let machines = store.machines(self.account.id).await.unwrap();
        let machine = machines.iter().find(|one| one.user.id == user.id).unwrap();
        (user.id.to_string(), machine.keys[0].id.to_string())
    }

    /// Somebody who was invited and has not come yet, and the invitation's number.
    async fn invited(&self) -> (String, String) {
        let mut browser = self.house.signed_in(self.primary).await;
        let login = format!("i{}@made.example", fresh(20));
        let csrf = browser.get("/account").await.csrf();
        let form = format!("csrf={csrf}&email={login}&first-name=In&last-name=Vited&role=view");
        let done = browser.post("/users/invite/role", &form).await;
        let (_, number) = done.header("location").rsplit_once('/').unwrap();
        self.house.access.refresh().await.unwrap();
        let id = self.house.user(&login).await.id;
        (id.to_string(), number.to_owned())
    }

    /// An upload: to send to, one that was not sent, of whoever is going to; to look at, one that was.
    async fn upload(&self, is_post: bool) -> String {
        let may_upload = self.visitor.filter(|login| !login.starts_with("vic"));
        let by = may_upload.unwrap_or(self.primary);
        let mut browser: Browser = self.house.signed_in(by).await;
        let csrf = browser.get("/uploads/new").await.csrf();
        let parcel = Parcel::new(&csrf)
            .field("action", if is_post { "add" } else { "send" })
            .field("accurate", "yes")
            .field("terms", "yes")
            .file("a.xml", fresh(20).as_bytes());
        let answer = browser.send(parcel.to("/uploads/new")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.header("location").to_owned()
    }

    /// An account that nobody else of the test belongs to; its code.
    async fn other_account(&self) -> String {
        let code = AccountCode::new(&format!("a{}", fresh(20))).unwrap();
        let now = self.house.clock.now();
        let added = self.house.store.add_account(&code, "Made", now).await;
        assert!(matches!(added.unwrap(), Added::New(_)));
        code.to_string()
    }
}
