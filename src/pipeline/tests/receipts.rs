//! Receipts that are written late, or by another node than the one that took the file in.

use super::*;

impl Bench {
    /// The same service as another node sees it: it remembers what it took in itself.
    async fn another_node(&self) -> Self {
        Self {
            data: tempfile::tempdir().unwrap(),
            tasks: self.tasks.clone(),
            parts: Parts {
                intake: Intake::open(self.parts.store.clone()).await.unwrap(),
                node: "node-2".to_owned(),
                ..self.parts.clone()
            },
            account: self.account.clone(),
        }
    }

    fn obstruct(&self, account: &str) {
        fs::write(self.data.path().join("drop").join(account), "in the way").unwrap();
    }

    fn clear(&self, account: &str) {
        fs::remove_file(self.data.path().join("drop").join(account)).unwrap();
    }

    /// Writes what is left over.
    async fn recover(&self) {
        let pipeline = Pipeline::new(self.parts.clone());
        pipeline.recover(&self.tasks).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_overwritten_through_another_node_is_answered_beside_it_by_either() {
    for is_first_node in [true, false] {
        let one = Bench::new().await;
        let two = one.another_node().await;
        one.hand_in("/inbox/a.xml", &certificate(1)).await;
        let latest = two.hand_in("/inbox/a.xml", &certificate(2)).await;
        let node = if is_first_node { &one } else { &two };
        node.run().await;
        let beside = one.beside("/inbox/a.xml").unwrap();
        assert_eq!(beside["submission"], latest.as_str(), "{is_first_node}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_after_that_to_a_later_file_is_not_put_beside_it() {
    let one = Bench::new().await;
    let two = one.another_node().await;
    one.hand_in("/inbox/a.xml", &certificate(1)).await;
    let latest = two.hand_in("/inbox/a.xml", &certificate(2)).await;
    one.run().await;
    let earlier = "UPDATE receipts SET answered = NULL
        WHERE submission_id = (SELECT min(submission_id) FROM receipts)";
    one.parts.store.run(earlier).await;
    one.recover().await;
    let beside = one.beside("/inbox/a.xml").unwrap();
    assert_eq!(beside["submission"], latest.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_written_starves_no_other() {
    let bench = Bench::new().await;
    let code = AccountCode::new("other").unwrap();
    let added = bench
        .parts
        .store
        .add_account(&code, "Other", Timestamp::UNIX_EPOCH);
    let Added::New(other) = added.await.unwrap() else {
        panic!("the account is new");
    };
    bench.obstruct("acme");
    bench.obstruct("other");
    // More than are looked at in one go, and nothing that takes long to judge.
    let give_up = |arrival: &mut Arrival| arrival.given_up = Some(GivenUp::Incomplete);
    for number in 0..1001 {
        let path = format!("/inbox/{number}.xml");
        bench.hand_in_as(&path, b"<a>", give_up).await;
    }
    bench
        .hand_in_as("/inbox/last.xml", b"<a>", |arrival| {
            give_up(arrival);
            arrival.account = other.id;
        })
        .await;
    bench.run().await;
    bench.clear("other");
    bench.recover().await;
    let receipt = bench
        .data
        .path()
        .join("drop/other/inbox/last.xml.receipt.json");
    assert!(receipt.exists());
    bench.clear("acme");
    bench.recover().await;
    assert!(bench.beside("/inbox/1000.xml").is_some());
}
