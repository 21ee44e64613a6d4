//! The consent page: who may see it, what it refuses, and where it sends the browser.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::house::{Answer, HERE_ID, House};

const APP: &str = "/oauth/chooselocation?response_type=code&client_id=6578278e879ad2646715ba9c-abc";
const BACK: &str = "https://app.example/back?from=inlet";

async fn press(house: &House, answer: &str, redirect_uri: &str, whose: &str) -> Answer {
    let fields = [
        ("client_id", "6578278e879ad2646715ba9c-abc"),
        ("redirect_uri", redirect_uri),
        ("scope", "contacts.readonly "),
        ("state", "s 1"),
        ("whose", whose),
        ("answer", answer),
    ];
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            format!(
                "{name}={}",
                value.replace(' ', "+").replace('?', "%3F").replace('=', "%3D")
            )
        })
        .collect();
    let request = Request::post("/oauth/chooselocation")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    house.ask_with(request, Body::from(body.join("&"))).await
}

#[tokio::test]
async fn consent_is_asked_for_plainly_and_only_as_registered() {
    let house = House::open();
    let page = |more: &str| format!("{APP}{more}");
    let shown = house.get(&page("&scope=contacts.readonly&state=s")).await;
    assert_eq!(shown.status, StatusCode::OK);
    for part in [
        "Sync &#38; Co asks for access",
        "https://app.example",
        "contacts.readonly",
        HERE_ID,
    ] {
        assert!(shown.body.contains(part), "{part} in {}", shown.body);
    }
    let policy = shown.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://app.example;"), "{policy}");
    let newer = house.get(&page("").replace("/oauth", "/v2/oauth")).await;
    assert_eq!(newer.status, StatusCode::OK);
    let wrong = [
        "&redirect_uri=https://evil.example/",
        "&redirect_uri=https://app.example/back",
        "&scope=contacts.write",
        "&scope=everything",
    ];
    for more in wrong {
        let refused = house.get(&page(more)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{more}");
        assert!(!refused.body.contains("Allow"));
    }
    let unknown = house.get("/oauth/chooselocation?client_id=nobody").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    let closed = House::closed().get(&page("")).await;
    assert_eq!(
        closed.status,
        StatusCode::UNAUTHORIZED,
        "whoever is not logged in says nothing"
    );
}

#[tokio::test]
async fn the_browser_goes_back_with_a_code_or_with_a_no() {
    let house = House::open();
    let whose = format!("location:{HERE_ID}");
    let allowed = press(&house, "allow", BACK, &whose).await;
    assert_eq!(allowed.status, StatusCode::SEE_OTHER);
    let to = allowed.header("location");
    let code = to
        .strip_prefix(&format!("{BACK}&code="))
        .and_then(|rest| rest.strip_suffix("&state=s+1"));
    let code = code.unwrap_or_else(|| panic!("{to}"));
    assert!(
        code.len() == 40 && code.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{code}"
    );
    let denied = press(&house, "deny", BACK, &whose).await;
    assert_eq!(
        denied.header("location"),
        format!("{BACK}&error=access_denied&state=s+1")
    );
    let elsewhere = press(&house, "allow", "https://evil.example/", &whose).await;
    assert_eq!(
        (elsewhere.status, elsewhere.header("location")),
        (StatusCode::BAD_REQUEST, "")
    );
    let nobody = press(&house, "allow", BACK, "location:nowhere").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}
