//! A machine's clock that is set while files and markers wait.

use jiff::SignedDuration;

use super::*;

const AN_HOUR: [SignedDuration; 2] = [
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(-1),
];

impl Bench {
    fn set_clock(&self, by: SignedDuration) {
        self.clock.set(self.clock.now() + by);
    }
}

#[tokio::test]
async fn a_clock_that_is_set_gives_up_no_part_and_holds_up_no_whole_file() {
    for jump in AN_HOUR {
        let mut bench = Bench::new().await;
        bench.put("inbox/part.xml", b"<a><b>");
        bench.put("inbox/whole.xml", WHOLE);
        bench.door.look_everywhere(&bench.tasks).await;
        bench.set_clock(jump);
        bench.door.look_everywhere(&bench.tasks).await;
        let taken = bench.submissions().await;
        assert_eq!(taken.len(), 0, "{jump}: they have not settled");
        let taken = bench.looks().await;
        assert_eq!(taken.len(), 1, "{jump}: only the whole one");
        assert_eq!(taken[0].path, "/inbox/whole.xml");
        let taken = bench.looks_after(Duration::from_secs(118)).await;
        assert_eq!(taken.len(), 1, "{jump}: the part may wait for two minutes");
        let taken = bench.looks_after(Duration::from_secs(1)).await;
        assert_eq!(taken.len(), 2, "{jump}: they are over");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_makes_no_marker_older_or_younger() {
    for jump in AN_HOUR {
        let mut bench = Bench::new().await;
        agree(&bench);
        bench.put("inbox/a.xml", WHOLE);
        bench.looks().await;
        bench.set_clock(jump);
        let taken = bench.looks_after(Duration::from_secs(100)).await;
        assert_eq!(taken.len(), 0, "{jump}: it waits for its marker");
        bench.put("inbox/a.xml.done", b"");
        let taken = bench.looks().await;
        assert_eq!(taken.len(), 1, "{jump}: it has come");
        assert_eq!(taken[0].given_up, None, "{jump}");
        bench.set_clock(jump);
        bench.looks_after(Duration::from_secs(50)).await;
        let marker = bench.path("inbox/a.xml.done");
        assert!(marker.exists(), "{jump}: it stays for a minute");
        bench.looks_after(Duration::from_secs(10)).await;
        assert!(!marker.exists(), "{jump}: it has served");
    }
}
