use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

const SVG: &str = "image/svg+xml";
const CACHED: &str = "public, max-age=300";

pub async fn show(Path(file): Path<String>) -> Response {
    let (kind, body) = match file.as_str() {
        "shop.css" => ("text/css; charset=utf-8", include_str!("../../assets/shop.css")),
        "shop.js" => ("text/javascript; charset=utf-8", include_str!("../../assets/shop.js")),
        "mark.svg" => (SVG, include_str!("../../assets/mark.svg")),
        "pencils.svg" => (SVG, include_str!("../../assets/pencils.svg")),
        "notebook.svg" => (SVG, include_str!("../../assets/notebook.svg")),
        "tea.svg" => (SVG, include_str!("../../assets/tea.svg")),
        "book.svg" => (SVG, include_str!("../../assets/book.svg")),
        "table.svg" => (SVG, include_str!("../../assets/table.svg")),
        "cup.svg" => (SVG, include_str!("../../assets/cup.svg")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, CACHED)], body).into_response()
}
