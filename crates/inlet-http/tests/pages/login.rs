//! Who may see the pages.

use axum::body::Body;
use http::{Request, StatusCode};
use inlet_core::{Timestamp, directory::Directory, people::Whose};
use inlet_http::pages::secret_hash;

use crate::house::{Answer, HERE, HERE_ID, House, text};

const LINK: &str = "a-secret-of-many-letters";

async fn house_with_link() -> House {
    let house = House::closed();
    let until = Timestamp::MAX;
    house
        .stage
        .add_login(secret_hash(LINK), Whose::Operator, until)
        .await
        .unwrap();
    house
}

async fn press(house: &House, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(path).header("host", "inbox.example.com");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.ask(request).await
}

#[tokio::test]
async fn a_link_works_once_and_previews_do_not_use_it_up() {
    let house = house_with_link().await;
    let path = format!("/login/{LINK}");
    for _ in 0..3 {
        let preview = house.get(&path).await;
        assert_eq!(preview.status, StatusCode::OK);
        assert!(preview.body.contains("Log in") && preview.header("set-cookie").is_empty());
    }

    let pressed = press(&house, &path, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(
        (pressed.status, pressed.header("location")),
        (StatusCode::SEE_OTHER, "/")
    );
    let cookie = pressed.header("set-cookie");
    for part in ["inlet_session=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{cookie} lacks {part}");
    }
    let session = cookie.split(';').next().unwrap().to_owned();
    assert!(!session.contains(LINK));
    let open = |path| Request::get(path).header("cookie", format!("other=1; {session}"));
    let page = format!("/l/{HERE_ID}");
    assert_eq!(house.ask(open("/")).await.header("location"), page);
    assert_eq!(house.ask(open(page.as_str())).await.status, StatusCode::OK);

    let again = press(&house, &path, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert!(again.body.contains("inlet user login-link") && again.header("set-cookie").is_empty());

    let headers = [("sec-fetch-site", "same-origin"), ("cookie", session.as_str())];
    let left = press(&house, "/logout", &headers).await;
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(house.ask(open(page.as_str())).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn only_our_own_pages_can_press_our_buttons() {
    let ours: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "same-origin")],
        &[("origin", "https://inbox.example.com")],
        &[("origin", "http://inbox.example.com")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
    ];
    let others: [&[(&str, &str)]; 7] = [
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", "https://inbox.example.com.evil.example")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none"), ("origin", "https://inbox.example.com")],
    ];
    let path = format!("/login/{LINK}");
    for headers in others {
        let house = house_with_link().await;
        for path in [path.as_str(), "/logout"] {
            let answer = press(&house, path, headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert!(answer.header("set-cookie").is_empty());
        }
        assert!(house.stage.sessions.lock().unwrap().is_empty());
        assert_eq!(house.stage.links.lock().unwrap().len(), 1, "the link is still good");
    }
    for headers in ours {
        let house = house_with_link().await;
        assert_eq!(
            press(&house, &path, headers).await.status,
            StatusCode::SEE_OTHER,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn a_link_grows_too_old() {
    let house = House::closed();
    let now = *house.stage.now.lock().unwrap();
    house
        .stage
        .add_login(secret_hash(LINK), Whose::Operator, now)
        .await
        .unwrap();
    let late = press(&house, &format!("/login/{LINK}"), &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_a_session_every_page_is_closed_and_says_what_to_do() {
    let (closed, open) = (House::closed(), House::open());
    for house in [&closed, &open] {
        let now = *house.stage.now.lock().unwrap();
        let maya = house.person(HERE, Some("Maya Okafor"), None);
        let key = house.record(text(maya, "Could I move Thursday?", now));
        let thread = house.thread_path(maya);
        let id = house.shared.ids.message(key);
        let paths = [
            format!("/l/{HERE_ID}"),
            format!("/l/{HERE_ID}/events"),
            format!("/l/{HERE_ID}/rows/{}", house.conversation(maya)),
            thread.clone(),
            format!("{thread}/after/{id}"),
            format!("{thread}/m/{id}"),
            "/l/unknown".to_owned(),
            "/".to_owned(),
        ];
        let is_open = house.shared.settings.open_pages;
        for path in paths {
            let request = Request::get(&path).header("cookie", "inlet_session=guessed");
            let response = house.send(request.body(Body::empty()).unwrap()).await;
            let is_closed = response.status() == StatusCode::UNAUTHORIZED;
            assert_eq!(is_closed, !is_open, "{path} answered {}", response.status());
        }
    }
    let page = closed.get(&format!("/l/{HERE_ID}")).await;
    assert!(page.body.contains("inlet user login-link"));
    assert!(!page.body.contains("Maya") && !page.body.contains("Harbour"));
}
