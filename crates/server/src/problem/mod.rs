//! Problems as strangers see them: RFC 9457, Korean or English, with what to do next.

mod codes;
mod refusals;

#[cfg(test)]
mod tests;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flows::Answer;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use codes::Code;
pub use codes::{MoneyMoved, ProblemCode, problem_codes};
pub(crate) use refusals::{not_found, order_error};

use crate::checkout::Lang;
use crate::json::{What, Wrong};
use crate::request::Context;

pub(crate) const CONTENT_TYPE: &str = "application/problem+json";

/// A refusal or fault on its way out. The request's context gives it language, id and address, see `request`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    code: Code,
    /// English and Korean; without it the code's own texts are used.
    detail: Option<[String; 2]>,
    /// Path of the field in the body, or name of the query parameter or header.
    field: Option<String>,
    differs: Vec<String>,
    retry_after_s: Option<u64>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// RFC 9457 problem details.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct ProblemView<'a> {
    /// A page about this code.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: &'static str,
    pub status: u16,
    /// Branch on this; texts may change.
    pub code: &'static str,
    /// For people, in the language of Accept-Language (English or Korean).
    pub detail: String,
    /// Did this request move money: `no`, or `unknown`.
    pub money_moved: &'static str,
    pub request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub differs: &'a [String],
}

impl Problem {
    pub fn new(code: Code) -> Problem {
        Problem(Box::new(Details {
            code,
            detail: None,
            field: None,
            differs: Vec::new(),
            retry_after_s: None,
            header: None,
        }))
    }

    pub fn saying(code: Code, english: impl Into<String>, korean: impl Into<String>) -> Problem {
        let mut problem = Problem::new(code);
        problem.0.detail = Some([english.into(), korean.into()]);
        problem
    }

    pub fn at(mut self, field: impl Into<String>) -> Problem {
        self.0.field = Some(field.into()).filter(|field| !field.is_empty());
        self
    }

    /// The same under another code.
    pub fn coded(mut self, code: Code) -> Problem {
        self.0.code = code;
        self
    }

    pub fn differing(mut self, fields: Vec<String>) -> Problem {
        self.0.differs = fields;
        self
    }

    pub fn retry_after(mut self, seconds: Option<u64>) -> Problem {
        self.0.retry_after_s = seconds;
        self
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.0.header = Some((name, value));
        self
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.info().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The bytes of the answer, as they may also be remembered.
    pub fn answer(&self, context: &Context) -> Answer {
        let info = self.0.code.info();
        let english = context.lang == Lang::English;
        let own = || match english {
            true => format!("{} {}", info.meaning_en, info.what_to_do_en),
            false => format!("{} {}", info.meaning_ko, info.what_to_do_ko),
        };
        let said = self
            .0
            .detail
            .as_ref()
            .map(|[en, ko]| if english { en.clone() } else { ko.clone() });
        let view = ProblemView {
            kind: format!("{}/docs/errors/{}", context.public_url, info.code),
            title: if english { info.title_en } else { info.title_ko },
            status: info.status,
            code: info.code,
            detail: said.unwrap_or_else(own),
            money_moved: info.money_moved.as_str(),
            request_id: &context.id,
            field: self.0.field.as_deref(),
            differs: &self.0.differs,
        };
        // Strings and numbers always have a JSON form.
        Answer {
            status: info.status,
            body: serde_json::to_string(&view).unwrap_or_default(),
        }
    }

    pub fn into_answered(self, context: &Context) -> Response {
        let answer = self.answer(context);
        let mut response = (self.status(), answer.body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.0.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.code == Code::Unauthorized {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"NaruPay\", charset=\"UTF-8\""),
            );
        }
        if let Some((name, value)) = self.0.header {
            headers.insert(name, value);
        }
        response
    }
}

/// Only marked here: who knows the request's language and id makes the body.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Problem {
        let Wrong { path, what } = wrong;
        let place = if path.is_empty() {
            "The body".to_owned()
        } else {
            format!("`{path}`")
        };
        let place_ko = if path.is_empty() {
            "본문".to_owned()
        } else {
            format!("`{path}`")
        };
        let problem = match what {
            What::NotUtf8 { byte } => Problem::saying(
                Code::InvalidJson,
                format!("The body is not UTF-8 from byte {byte} on."),
                format!("본문이 {byte}번째 바이트부터 UTF-8이 아니에요."),
            ),
            What::Syntax { line, column } => Problem::saying(
                Code::InvalidJson,
                format!("The body cannot be read as JSON at line {line}, column {column}."),
                format!("본문 {line}번째 줄 {column}번째 칸에서 JSON으로 읽을 수 없어요."),
            ),
            What::Twice => Problem::saying(
                Code::DuplicateField,
                format!("{place} is given twice; send it once."),
                format!("{place_ko}이(가) 두 번 있어요. 한 번만 보내 주세요."),
            ),
            What::Missing => Problem::saying(
                Code::MissingField,
                format!("{place} is required."),
                format!("{place_ko}을(를) 꼭 보내 주세요."),
            ),
            What::Unknown { near: Some(near), .. } => Problem::saying(
                Code::UnknownField,
                format!("{place} is not known; did you mean `{near}`?"),
                format!("{place_ko}은(는) 모르는 필드예요. `{near}`인가요?"),
            ),
            What::Unknown { near: None, known } => Problem::saying(
                Code::UnknownField,
                format!("{place} is not known; known here are {}.", known.join(", ")),
                format!("{place_ko}은(는) 모르는 필드예요. 쓸 수 있는 것: {}", known.join(", ")),
            ),
            What::Type { expected, found } => {
                let (expected, expected_ko) = for_people(&expected);
                Problem::saying(
                    Code::InvalidValue,
                    format!("{place} takes {expected}, not {found}."),
                    format!("{place_ko}에는 {expected_ko}을(를) 보내 주세요."),
                )
            }
            What::Word { known } => Problem::saying(
                Code::InvalidValue,
                format!("{place} takes one of {}.", known.join(", ")),
                format!("{place_ko}에 쓸 수 있는 값: {}", known.join(", ")),
            ),
            What::Value(why) => Problem::saying(
                Code::InvalidValue,
                format!("{place}: {why}."),
                format!("{place_ko}의 값을 쓸 수 없어요. ({why})"),
            ),
        };
        problem.at(path)
    }
}

/// Rust's names of types say nothing to a shop.
fn for_people(expected: &str) -> (String, String) {
    match expected {
        "i64" | "u64" | "i32" => ("a whole number".into(), "정수".into()),
        "u32" | "u16" | "u8" => ("a whole number of zero or more".into(), "0 이상의 정수".into()),
        "a string" => ("a string".into(), "문자열".into()),
        "a boolean" => ("true or false".into(), "true나 false".into()),
        "a sequence" => ("a list".into(), "배열".into()),
        "a map" | "an object" => ("an object".into(), "객체".into()),
        other => {
            let structure = other.starts_with("struct ");
            (
                if structure {
                    "an object".into()
                } else {
                    other.to_owned()
                },
                if structure { "객체".into() } else { other.to_owned() },
            )
        }
    }
}
