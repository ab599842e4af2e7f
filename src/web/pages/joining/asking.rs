//! What becomes of a registration form that was filled in rightly.
//!
//! *Invariant*: the same answer, whether a new request was kept, the owner of a known address was told, or
//! nothing was done because that mailbox is being filled. That it comes after the same time, who calls
//! sees to.
//!
//! *Limits*: [`DAILY_MAX`] mails to one address in a day; for one request the link that confirms it goes out
//! [`LINKS_MAX`] times, and never twice within [`PAUSE`].

use std::net::IpAddr;
use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::account::{LoginName, MailAddress};
use crate::domain::audit::{Action, Deed};
use crate::domain::registration::{Applicant, Reference, Registration, RegistrationStatus};
use crate::letters;
use crate::runtime;
use crate::store::{Added, Again, Change};
use crate::web::View;
use crate::web::forms::open_deed;
use crate::web::lately::What;
use crate::web::pages::joining::{inviting, sign_in};
use crate::web::pages::problem::Problem;

/// Mails to one address in a day, whoever asks.
const DAILY_MAX: usize = 3;

/// Links that confirm one request, the first one counted. A mail that is lost so often is not lost by
/// chance.
const LINKS_MAX: i64 = 5;

/// A mail may take so long: before that nobody can say that it is lost.
pub(crate) const PAUSE: Duration = Duration::from_mins(10);

/// So often another reference is drawn when one was drawn before: there are 33 million.
const DRAWS_MAX: usize = 5;

/// Who asks, as the audit log has it: anybody can type anybody's address.
const NOBODY: &str = "not signed in";

/// What the logs say of a request that was sent once more.
const AGAIN: &str = "not kept: the link that confirms the one before was mailed again";
const NOT_AGAIN: &str =
    "not kept: the link that confirms the one before was mailed of late, or often";

/// What is known of an address.
enum Known {
    Nothing,
    Account,
    /// One that was confirmed.
    Request,
    Unconfirmed(Box<Registration>),
}

/// A reference that nobody has, most likely.
pub(crate) fn draw() -> Reference {
    Reference::from_random(runtime::random())
}

/// Keeps the request and mails its link; or, if the address is known, mails its owner what happened.
pub(crate) async fn take(
    view: &View,
    applicant: &Applicant,
    from: IpAddr,
) -> Result<Reference, Problem> {
    let now = view.deps.clock.now();
    let mail = &applicant.mail;
    let known = known(view, mail).await?;
    let day = Duration::from_hours(24);
    let is_spared = view.lately.about(What::Requests, mail.as_str(), day, now) >= DAILY_MAX;
    view.lately.add_from(What::Requests, from, now);
    let (reference, what) = match known {
        _ if is_spared => (draw(), "not kept: too many for this address"),
        Known::Nothing => (keep(view, applicant, from).await?, "kept"),
        Known::Account => {
            let letter = letters::joining::account_known(&view.service);
            let what = "not kept: the address has an account, and its owner was told";
            (tell(view, mail, from, &letter, what).await?, what)
        }
        Known::Request => {
            let letter = letters::joining::request_known(&view.service);
            let what = "not kept: a request of this address is open, and its owner was told";
            (tell(view, mail, from, &letter, what).await?, what)
        }
        Known::Unconfirmed(request) => {
            let is_sent = again(view, &request, from).await?;
            let (reference, what) = (draw(), if is_sent { AGAIN } else { NOT_AGAIN });
            // Whoever asks staff how it goes quotes the number that the page said.
            let details = format!("{what}; the request is {}", request.reference);
            let change = Change {
                deed: deed(view, mail, from, &reference, &details),
                mails: Vec::new(),
            };
            view.deps.store.tell(&change).await?;
            (reference, what)
        }
    };
    if !is_spared && what != NOT_AGAIN {
        view.lately.add_about(What::Requests, mail.as_str(), now);
    }
    tracing::info!(
        %reference,
        login = sign_in::masked(mail.as_str()),
        remote_ip = %from,
        "a request for an account was sent, {what}"
    );
    Ok(reference)
}

async fn known(view: &View, mail: &MailAddress) -> Result<Known, Problem> {
    let store = &view.deps.store;
    let login = LoginName::new(mail.as_str()).map_err(|unfit| Problem::broken(&unfit.0))?;
    let now = view.deps.clock.now();
    let since = now.checked_sub(view.registration.confirm_within);
    if store.is_login_taken(&login).await? {
        return Ok(Known::Account);
    }
    let open = store.open_registration(mail, since.unwrap_or(now)).await?;
    Ok(match open {
        None => Known::Nothing,
        Some(request) if request.status == RegistrationStatus::Unconfirmed => {
            Known::Unconfirmed(Box::new(request))
        }
        Some(_) => Known::Request,
    })
}

fn deed(
    view: &View,
    mail: &MailAddress,
    from: IpAddr,
    reference: &Reference,
    details: &str,
) -> Deed {
    // Whoever typed the address has not shown yet that it is theirs.
    let details = match details {
        "" => mail.to_string(),
        details => format!("{mail}: {details}"),
    };
    open_deed(
        view,
        (NOBODY, from),
        Action::RegistrationSent,
        reference.as_str(),
        &details,
    )
}

async fn tell(
    view: &View,
    mail: &MailAddress,
    from: IpAddr,
    letter: &letters::Letter,
    what: &str,
) -> Result<Reference, Problem> {
    let reference = draw();
    let deed = deed(view, mail, from, &reference, what);
    let mail = letters::joining::to_stranger(&view.service, mail, &deed.id, letter);
    let mails = vec![mail];
    view.deps.store.tell(&Change { deed, mails }).await?;
    Ok(reference)
}

/// Mails the link that confirms a request once more; `false` if that was done of late, or often.
async fn again(view: &View, request: &Registration, from: IpAddr) -> Result<bool, Problem> {
    let lasts = view.registration.confirm_within;
    let (reference, applicant) = (&request.reference, &request.applicant);
    let link = inviting::link(view, "register/confirm", lasts);
    let (service, mail) = (&view.service, &applicant.mail);
    let letter = letters::joining::confirm_request(service, applicant, reference, &link.url, lasts);
    let deed = deed(view, mail, from, reference, AGAIN);
    let bounds = Again {
        not_after: deed.at.checked_sub(PAUSE).unwrap_or(Timestamp::MIN),
        links_max: LINKS_MAX,
    };
    let mails = vec![letters::joining::to_stranger(
        service, mail, &deed.id, &letter,
    )];
    let change = Change { deed, mails };
    let store = &view.deps.store;
    let sent = store.confirm_again(reference, &link.new, bounds, &change);
    Ok(sent.await?)
}

async fn keep(view: &View, applicant: &Applicant, from: IpAddr) -> Result<Reference, Problem> {
    let lasts = view.registration.confirm_within;
    let (service, mail) = (&view.service, &applicant.mail);
    for _draw in 0..DRAWS_MAX {
        let reference = draw();
        let link = inviting::link(view, "register/confirm", lasts);
        let letter =
            letters::joining::confirm_request(service, applicant, &reference, &link.url, lasts);
        let deed = deed(view, mail, from, &reference, "");
        let mails = vec![letters::joining::to_stranger(
            service, mail, &deed.id, &letter,
        )];
        let change = Change { deed, mails };
        let store = &view.deps.store;
        let kept = store.register(&reference, applicant, &link.new, &change);
        if kept.await? == Added::New(()) {
            return Ok(reference);
        }
    }
    Err(Problem::broken("every reference was drawn before"))
}
