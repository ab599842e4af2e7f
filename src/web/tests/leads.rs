//! Where links lead that leave the portal: as the site says.

use crate::web::tests::house::House;

const TOOL: &str = "input tool (opens in a new tab)";

#[tokio::test]
async fn links_to_the_eu_lead_where_the_site_says_and_to_no_tool_without_its_address() {
    let usual = House::new().await;
    let set = House::with(|about| {
        "https://eucaris.example/".clone_into(&mut about.service.eucaris_url);
        "https://tool.example/?a=1&b=2".clone_into(&mut about.service.input_tool_url);
        "Bolt ID".clone_into(&mut about.service.identity_name);
    })
    .await;
    for path in ["/", "/uploads/new"] {
        let login = "uma@acme.example";
        let pages = if path == "/" {
            [
                usual.browser().get(path).await,
                set.browser().get(path).await,
            ]
        } else {
            [
                usual.signed_in(login).await.get(path).await,
                set.signed_in(login).await.get(path).await,
            ]
        };
        let [usual, set] = pages.map(|page| page.text);
        assert!(
            usual.contains("href=\"https://www.eucaris.net/\""),
            "{usual}"
        );
        assert!(!usual.contains(TOOL), "{path} leads to no tool: {usual}");
        assert!(set.contains("href=\"https://eucaris.example/\""), "{set}");
        assert!(
            set.contains("href=\"https://tool.example/?a=1&#38;b=2\"") && set.contains(TOOL),
            "{set}"
        );
    }
    let sign_in = set.browser().get("/sign-in").await;
    assert!(sign_in.text.contains("Sign in to access Bolt ID"));
    usual.close().await;
    set.close().await;
}
