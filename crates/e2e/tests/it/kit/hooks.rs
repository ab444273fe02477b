use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::net::TcpListener;

/// A shop's server that takes webhooks; it answers with what it is told to.
#[derive(Clone)]
pub struct Hooks {
    pub url: String,
    inner: Arc<Mutex<HookState>>,
}

struct HookState {
    answer: StatusCode,
    got: Vec<(HeaderMap, String)>,
}

impl Hooks {
    pub async fn serve() -> Hooks {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let inner = Arc::new(Mutex::new(HookState {
            answer: StatusCode::OK,
            got: Vec::new(),
        }));
        let take = |State(inner): State<Arc<Mutex<HookState>>>, headers: HeaderMap, body: String| async move {
            let mut state = inner.lock().unwrap();
            state.got.push((headers, body));
            state.answer
        };
        let router = Router::new().route("/hooks", post(take)).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Hooks { url, inner }
    }

    pub fn answer(&self, status: StatusCode) {
        self.inner.lock().unwrap().answer = status;
    }

    pub fn got(&self) -> Vec<(HeaderMap, String)> {
        self.inner.lock().unwrap().got.clone()
    }

    pub fn kinds(&self) -> Vec<String> {
        let kind = |(_, body): (HeaderMap, String)| {
            let event: serde_json::Value = serde_json::from_str(&body).unwrap();
            event["type"].as_str().unwrap().to_owned()
        };
        self.got().into_iter().map(kind).collect()
    }
}
