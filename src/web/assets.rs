//! Style sheet, scripts and icon: embedded, and served under names that carry their content's hash.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::intake::digest;
use crate::web::pages::problem::Problem;

/// A file that pages use.
struct Asset {
    /// Its name in the repository.
    plain: &'static str,
    /// Its name on the web, such as `web-0123456789abcdef.css`.
    hashed: String,
    kind: &'static str,
    content: Cow<'static, [u8]>,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const GOVUK: &str = "govuk-frontend.min.js";

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let govuk = asset(
        GOVUK,
        SCRIPT,
        include_bytes!("assets/govuk-frontend.min.js").into(),
    );
    // The one script imports the other by its name, which must be the hashed one.
    let start = include_str!("assets/start.js").replace(GOVUK, &govuk.hashed);
    vec![
        govuk,
        asset("start.js", SCRIPT, start.into_bytes().into()),
        asset("live.js", SCRIPT, include_bytes!("assets/live.js").into()),
        asset(
            "upload.js",
            SCRIPT,
            include_bytes!("assets/upload.js").into(),
        ),
        asset(
            "web.css",
            "text/css; charset=utf-8",
            include_bytes!("assets/web.css").into(),
        ),
        asset(
            "favicon.svg",
            "image/svg+xml",
            include_bytes!("assets/favicon.svg").into(),
        ),
    ]
});

fn asset(plain: &'static str, kind: &'static str, content: Cow<'static, [u8]>) -> Asset {
    let hash: String = digest(&content).as_str().chars().take(16).collect();
    let (stem, ending) = plain.split_once('.').unwrap_or((plain, ""));
    Asset {
        plain,
        hashed: format!("{stem}-{hash}.{ending}"),
        kind,
        content,
    }
}

/// The path under which an asset is served.
pub(crate) fn path(plain: &str) -> String {
    let found = ASSETS.iter().find(|asset| asset.plain == plain);
    format!("/assets/{}", found.map_or(plain, |asset| &asset.hashed))
}

/// GET `/assets/{name}`.
pub(crate) async fn show(Path(name): Path<String>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.hashed == name) else {
        return Problem::NotFound.into_response();
    };
    let headers = [
        (CONTENT_TYPE, asset.kind),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.content.as_ref()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_only_gov_uk_may_show_is_served() {
        for asset in ASSETS.iter() {
            let text = String::from_utf8_lossy(&asset.content).to_lowercase();
            for word in [
                "transport",
                "crown",
                "crest",
                "@font-face",
                "sourcemappingurl",
            ] {
                assert!(!text.contains(word), "{} names {word}", asset.plain);
            }
        }
    }

    #[test]
    fn the_script_imports_the_library_by_its_hashed_name() {
        let start = ASSETS
            .iter()
            .find(|asset| asset.plain == "start.js")
            .unwrap();
        let text = String::from_utf8_lossy(&start.content);
        let library = path(GOVUK).replace("/assets/", "./");
        assert!(text.contains(&format!("from '{library}'")), "{text}");
    }

    #[test]
    fn a_page_on_paper_takes_the_width_of_the_sheet() {
        let css = include_str!("assets/web.css");
        let (_, paper) = css.split_once("@media print{@page").unwrap();
        assert!(paper.contains(".govuk-grid-column-two-thirds{float:none;width:100%}"));
    }

    #[test]
    fn every_class_that_templates_use_is_in_the_style_sheet() {
        let css = include_str!("assets/web.css");
        // For the script, or looking as they would without.
        let hooks = [
            "govuk-js-",
            "govuk-template__",
            "govuk-service-navigation__text",
            "govuk-table__body",
            "govuk-table__row",
            "govuk-tag--blue",
        ];
        let mut folders =
            vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/templates")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let kind = if path.is_dir() {
                    &mut folders
                } else {
                    &mut files
                };
                kind.push(path);
            }
        }
        let mut seen = 0;
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            let classes = text
                .split(|letter: char| !(letter.is_ascii_alphanumeric() || "-_".contains(letter)))
                .filter(|word| word.starts_with("govuk-") || word.starts_with("ecocd-"))
                .filter(|word| !hooks.iter().any(|hook| word.starts_with(hook)));
            for class in classes {
                seen += 1;
                let known = css.contains(&format!(".{class}"))
                    || text.contains(&format!("data-module=\"{class}\""));
                assert!(known, "{}: {class}", path.display());
            }
        }
        assert!(seen > 50);
    }
}
