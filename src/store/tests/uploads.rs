//! Uploads: gathered, limited, sent once, and taken in once whatever happens.

use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::account::{AccountId, LoginName, MailPreference, Role, UserId, UserKind};
use crate::domain::submission::{Door, Lane, SubmissionId};
use crate::domain::upload::{FileRefusal, UploadNumber};
use crate::runtime;
use crate::store::tests::bench::{Bench, arrival, at, digest, on_both_engines};
use crate::store::{Added, AddedFile, NewUpload, NewUploadFile, NewUser, Upload, UploadLimits};

on_both_engines!(
    files_are_gathered_and_removed_until_they_are_sent,
    an_upload_is_of_its_user_until_it_is_sent_and_of_its_account_then,
    what_waits_is_limited,
    what_was_taken_in_before_the_end_is_known_again,
    what_was_never_sent_is_forgotten,
    what_was_refused_takes_nobodys_place,
    one_of_two_takes_in_what_was_left_over,
);

const LIMITS: UploadLimits = UploadLimits {
    per_user: 2,
    files: 3,
    bytes: 100,
    begun_after: Timestamp::UNIX_EPOCH,
};

async fn user(bench: &Bench, account: AccountId, login: &str) -> UserId {
    let new = NewUser {
        account: Some(account),
        login: LoginName::new(login).unwrap(),
        kind: UserKind::Person,
        role: Role::Upload,
        display_name: login.to_owned(),
        mail: None,
        mail_preference: MailPreference::None,
        contact: None,
    };
    match bench.store.add_user(&new, at(0)).await.unwrap() {
        Added::New(user) => user.id,
        Added::Taken => panic!("taken"),
    }
}

async fn begun(bench: &Bench, account: AccountId, user: UserId, time: i64) -> UploadNumber {
    let new = NewUpload {
        number: UploadNumber::from_random(runtime::random()),
        account,
        user,
        at: at(time),
    };
    assert!(bench.store.begin_upload(&new, LIMITS).await.unwrap());
    new.number
}

fn file(name: &str, octets: &[u8]) -> NewUploadFile {
    NewUploadFile {
        id: runtime::unique_id(),
        file_name: name.to_owned(),
        size_bytes: octets.len() as u64,
        content: Ok((octets.to_vec(), digest(octets))),
        at: at(5),
    }
}

async fn added(
    bench: &Bench,
    number: &UploadNumber,
    user: UserId,
    new: NewUploadFile,
) -> AddedFile {
    let added = bench.store.add_upload_file(number, user, new, LIMITS);
    added.await.unwrap()
}

async fn seen(
    bench: &Bench,
    number: &UploadNumber,
    account: AccountId,
    user: UserId,
) -> Option<Upload> {
    let seen = bench
        .store
        .upload(number, account, user, LIMITS.begun_after);
    seen.await.unwrap()
}

fn names(upload: &Upload) -> Vec<&str> {
    upload
        .files
        .iter()
        .map(|file| file.file_name.as_str())
        .collect()
}

async fn files_are_gathered_and_removed_until_they_are_sent(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    let ann = user(bench, acme, "ann@acme.example").await;
    let number = begun(bench, acme, ann, 1).await;
    assert_eq!(
        added(bench, &number, ann, file("a\0.xml", b"<a/>")).await,
        AddedFile::Added
    );
    let again = file("b.xml", b"<b/>");
    assert_eq!(
        added(bench, &number, ann, again.clone()).await,
        AddedFile::Added
    );
    // The second run of one call adds nothing.
    assert_eq!(added(bench, &number, ann, again).await, AddedFile::Added);
    let refused = NewUploadFile {
        content: Err(FileRefusal::NotXml),
        ..file("c.txt", b"c")
    };
    assert_eq!(added(bench, &number, ann, refused).await, AddedFile::Added);
    let upload = seen(bench, &number, acme, ann).await.unwrap();
    assert_eq!(names(&upload), ["a\u{fffd}.xml", "b.xml", "c.txt"]);
    assert_eq!(upload.files[2].refusal, Some(FileRefusal::NotXml));
    assert_eq!(upload.waiting().count(), 2);
    let gone = upload.files[0].id.clone();
    bench
        .store
        .remove_upload_file(&number, ann, &gone)
        .await
        .unwrap();
    let upload = seen(bench, &number, acme, ann).await.unwrap();
    assert_eq!(names(&upload), ["b.xml", "c.txt"]);
    let store = &bench.store;
    assert!(
        store
            .send_upload(&number, ann, Lane::Test, at(9))
            .await
            .unwrap()
    );
    // The same call again is its own second run; another is too late.
    assert!(
        store
            .send_upload(&number, ann, Lane::Test, at(9))
            .await
            .unwrap()
    );
    assert!(
        !store
            .send_upload(&number, ann, Lane::Live, at(10))
            .await
            .unwrap()
    );
    assert_eq!(
        added(bench, &number, ann, file("d.xml", b"<d/>")).await,
        AddedFile::Gone
    );
    let still = upload.files[0].id.clone();
    store
        .remove_upload_file(&number, ann, &still)
        .await
        .unwrap();
    let upload = seen(bench, &number, acme, ann).await.unwrap();
    assert_eq!((upload.sent, upload.lane), (Some(at(9)), Lane::Test));
    assert_eq!(upload.files.len(), 2);
}

async fn an_upload_is_of_its_user_until_it_is_sent_and_of_its_account_then(bench: &Bench) {
    let (acme, bolt) = (
        bench.account("acme").await.id,
        bench.account("bolt").await.id,
    );
    let ann = user(bench, acme, "ann@acme.example").await;
    let al = user(bench, acme, "al@acme.example").await;
    let bob = user(bench, bolt, "bob@bolt.example").await;
    let number = begun(bench, acme, ann, 1).await;
    added(bench, &number, ann, file("a.xml", b"<a/>")).await;
    let sees = async |account, user| seen(bench, &number, account, user).await.is_some();
    assert!(sees(acme, ann).await && !sees(acme, al).await && !sees(bolt, bob).await);
    assert_eq!(
        added(bench, &number, al, file("x.xml", b"<x/>")).await,
        AddedFile::Gone
    );
    assert!(
        !bench
            .store
            .send_upload(&number, bob, Lane::Live, at(2))
            .await
            .unwrap()
    );
    assert!(
        bench
            .store
            .send_upload(&number, ann, Lane::Live, at(2))
            .await
            .unwrap()
    );
    assert!(sees(acme, ann).await && sees(acme, al).await && !sees(bolt, bob).await);
}

async fn what_waits_is_limited(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    let ann = user(bench, acme, "ann@acme.example").await;
    let first = begun(bench, acme, ann, 1).await;
    for name in ["a.xml", "b.xml", "c.xml"] {
        assert_eq!(
            added(bench, &first, ann, file(name, b"<a/>")).await,
            AddedFile::Added
        );
    }
    assert_eq!(
        added(bench, &first, ann, file("d.xml", b"<a/>")).await,
        AddedFile::TooMany
    );
    let second = begun(bench, acme, ann, 2).await;
    let large = [b'x'; 89];
    assert_eq!(
        added(bench, &second, ann, file("e.xml", &large)).await,
        AddedFile::NoRoom
    );
    assert_eq!(
        added(bench, &second, ann, file("e.xml", &large[1..])).await,
        AddedFile::Added
    );
    // One more than two: the oldest goes, and its octets count no longer.
    let third = begun(bench, acme, ann, 3).await;
    assert_eq!(seen(bench, &first, acme, ann).await, None);
    assert!(seen(bench, &second, acme, ann).await.is_some());
    assert_eq!(
        added(bench, &third, ann, file("f.xml", b"<f/>")).await,
        AddedFile::Added
    );
}

async fn what_was_taken_in_before_the_end_is_known_again(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    let ann = user(bench, acme, "ann@acme.example").await;
    let number = begun(bench, acme, ann, 1).await;
    // Two files that are alike in all but their place.
    for _ in 0..2 {
        added(bench, &number, ann, file("a.xml", b"<a/>")).await;
    }
    let store = &bench.store;
    store
        .send_upload(&number, ann, Lane::Live, at(9))
        .await
        .unwrap();
    let taken = async || -> SubmissionId {
        let mut arrival = arrival(acme, "a.xml");
        (arrival.door, arrival.complete, arrival.octets) = (Door::Web, at(9), b"<a/>".to_vec());
        bench.arrive(arrival).await
    };
    // The program ended after the arrival's commit, and before it was noted.
    let id = taken().await;
    let later = at(9) + Duration::from_micros(1);
    let left = store.uploads_not_taken(later).await.unwrap();
    assert_eq!((left.len(), left[0].waiting().count()), (1, 2));
    let found = store
        .upload_octets(&left[0], &left[0].files[0])
        .await
        .unwrap();
    assert_eq!(found, Some((b"<a/>".to_vec(), Some(id))));
    store
        .upload_file_taken(&left[0].files[0].id, id, (left[0].id, at(9), at(10)))
        .await
        .unwrap();
    // The other one is not mistaken for it.
    let found = store
        .upload_octets(&left[0], &left[0].files[1])
        .await
        .unwrap();
    assert_eq!(found, Some((b"<a/>".to_vec(), None)));
    let other = taken().await;
    store
        .upload_file_taken(&left[0].files[1].id, other, (left[0].id, at(10), at(11)))
        .await
        .unwrap();
    store.upload_taken(left[0].id, at(12)).await.unwrap();
    assert!(store.uploads_not_taken(later).await.unwrap().is_empty());
    let upload = seen(bench, &number, acme, ann).await.unwrap();
    assert!(upload.is_taken && upload.waiting().next().is_none());
    let made = |place: usize| {
        upload.files[place]
            .submission
            .as_ref()
            .unwrap()
            .submission
            .id
    };
    assert_eq!((made(0), made(1)), (id, other));
    assert_eq!(
        store
            .upload_octets(&left[0], &left[0].files[0])
            .await
            .unwrap(),
        None
    );
}

async fn what_was_never_sent_is_forgotten(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    let ann = user(bench, acme, "ann@acme.example").await;
    let (old, sent) = (
        begun(bench, acme, ann, 1).await,
        begun(bench, acme, ann, 2).await,
    );
    added(bench, &old, ann, file("a.xml", b"<a/>")).await;
    added(bench, &sent, ann, file("a.xml", b"<a/>")).await;
    bench
        .store
        .send_upload(&sent, ann, Lane::Live, at(3))
        .await
        .unwrap();
    let young = begun(bench, acme, ann, 10).await;
    let store = &bench.store;
    // It is not seen any more even before it is swept.
    let seen_late = store.upload(&old, acme, ann, at(5)).await.unwrap();
    assert_eq!(seen_late, None);
    assert_eq!(store.sweep_uploads(at(5)).await.unwrap(), 1);
    assert_eq!(seen(bench, &old, acme, ann).await, None);
    assert!(seen(bench, &sent, acme, ann).await.is_some());
    assert!(seen(bench, &young, acme, ann).await.is_some());
}

async fn what_was_refused_takes_nobodys_place(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    let ann = user(bench, acme, "ann@acme.example").await;
    let number = begun(bench, acme, ann, 1).await;
    let refused = |name: String| NewUploadFile {
        content: Err(FileRefusal::NotXml),
        ..file(&name, b"")
    };
    for place in 0..5 {
        let one = refused(format!("{place}.txt"));
        assert_eq!(added(bench, &number, ann, one).await, AddedFile::Added);
    }
    for name in ["a.xml", "b.xml", "c.xml"] {
        let one = file(name, b"<a/>");
        assert_eq!(added(bench, &number, ann, one).await, AddedFile::Added);
    }
    let fourth = file("d.xml", b"<a/>");
    let fourth = added(bench, &number, ann, fourth).await;
    assert_eq!(fourth, AddedFile::TooMany);
    let one = refused("5.txt".to_owned());
    assert_eq!(added(bench, &number, ann, one).await, AddedFile::Added);
    // The newest that were refused are told of.
    let upload = seen(bench, &number, acme, ann).await.unwrap();
    let names: Vec<&str> = upload
        .files
        .iter()
        .map(|file| file.file_name.as_str())
        .collect();
    assert_eq!(
        names,
        ["3.txt", "4.txt", "a.xml", "b.xml", "c.xml", "5.txt"]
    );
}

async fn one_of_two_takes_in_what_was_left_over(bench: &Bench) {
    let acme = bench.account("acme").await.id;
    let ann = user(bench, acme, "ann@acme.example").await;
    let number = begun(bench, acme, ann, 1).await;
    for name in ["a.xml", "b.xml"] {
        added(bench, &number, ann, file(name, b"<a/>")).await;
    }
    let store = &bench.store;
    let sent = store.send_upload(&number, ann, Lane::Live, at(9)).await;
    assert!(sent.unwrap());
    let left = async |before| store.uploads_not_taken(at(before)).await.unwrap();
    assert!(left(9).await.is_empty(), "its sender has it in hand");
    let upload = left(10).await.remove(0);
    // A file that was taken in since then says that its sender still has it.
    let id = bench.arrive(arrival(acme, "a.xml")).await;
    let first = &upload.files[0].id;
    let noted = store.upload_file_taken(first, id, (upload.id, at(9), at(20)));
    assert!(noted.await.unwrap());
    assert!(left(20).await.is_empty());
    let take = async |now| {
        let taken = store.take_upload_in_hand(upload.id, at(21), at(now));
        taken.await.unwrap()
    };
    assert!(take(30).await);
    assert!(!take(31).await, "another node was faster");
    assert!(left(30).await.is_empty());
    let second = &upload.files[1].id;
    let late = store.upload_file_taken(second, id, (upload.id, at(20), at(32)));
    assert!(!late.await.unwrap(), "its sender lets go of it");
    store.upload_taken(upload.id, at(33)).await.unwrap();
    assert!(!take(40).await, "nothing is left of it");
}
