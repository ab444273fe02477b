//! Addresses for notices, registered by the merchant's server. Source: the manual's "웹훅 URL" API.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use vocabulary::Duration;

use super::{Ask, Call, Subject, Verdict, perform, refusal};
use crate::faults::{NoticePlan, Operation};
use crate::nice::fields::Fields;
use crate::nice::sign::sign;
use crate::nice::{Code, Pg, notice};

const GROUPS: [&str; 4] = ["card", "bank", "vbank", "cellphone"];
const URL_BYTES_MAX: usize = 200;
const MAIL_BYTES_MAX: usize = 60;
const ANSWER_WITHIN: Duration = Duration::seconds(10);

#[derive(Debug, Clone)]
pub struct Hook {
    pub url: String,
    pub manager_email: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hooks {
    result_code: &'static str,
    result_msg: &'static str,
    urls: Vec<HookView>,
    message_source: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HookView {
    method: &'static str,
    url: String,
    manager_email: Option<String>,
}

/// `POST /v1/webhook {method, url, managerEmail?}`: kept only if the address answers a trial notice rightly.
pub(crate) async fn create_hook(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = match Fields::from_body(&body) {
        Ok(fields) => fields,
        Err(code) => return refusal(code),
    };
    let method = fields.get("method").unwrap_or_default().to_owned();
    change(&pg, &headers, &method, &fields, false).await
}

/// `POST /v1/webhook/{method}/update {url, managerEmail?}`
pub(crate) async fn update_hook(
    State(pg): State<Pg>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match Fields::from_body(&body) {
        Ok(fields) => change(&pg, &headers, &method, &fields, true).await,
        Err(code) => refusal(code),
    }
}

/// `GET /v1/webhook`
pub(crate) async fn list_hooks(State(pg): State<Pg>, headers: HeaderMap) -> Response {
    perform(&pg, ask(&headers), |call| Ok(pg.hooks(call))).await
}

/// `POST /v1/webhook/{method}/delete`
pub(crate) async fn delete_hook(State(pg): State<Pg>, Path(method): Path<String>, headers: HeaderMap) -> Response {
    perform(&pg, ask(&headers), |call| {
        pg.with(NoticePlan::default(), |store, _| {
            let hooks = store.hooks.get_mut(&call.merchant.mid);
            hooks
                .and_then(|hooks| hooks.remove(method.as_str()))
                .ok_or(Code::HOOK_NOT_FOUND)
        })?;
        Ok(pg.hooks(call))
    })
    .await
}

fn ask(headers: &HeaderMap) -> Ask<'_> {
    Ask {
        operation: Operation::Other,
        subject: Subject::None,
        headers,
    }
}

async fn change(pg: &Pg, headers: &HeaderMap, method: &str, fields: &Fields, existing: bool) -> Response {
    // Only who may come in has anything sent in their name.
    let tried = match super::access::caller(pg, headers).and_then(|_| wanted(method, fields)) {
        Ok((_, hook)) => pg.try_out(&hook).await,
        Err(code) => Err(code),
    };
    perform(pg, ask(headers), |call| -> Verdict {
        let (group, hook) = wanted(method, fields)?;
        tried?;
        pg.with(NoticePlan::default(), |store, _| {
            let hooks = store.hooks.entry(call.merchant.mid.clone()).or_default();
            match (hooks.contains_key(group), existing) {
                (true, false) => return Err(Code::HOOK_EXISTS),
                (false, true) => return Err(Code::HOOK_NOT_FOUND),
                _ => hooks.insert(group, hook),
            };
            Ok(())
        })?;
        Ok(pg.hooks(call))
    })
    .await
}

fn wanted(method: &str, fields: &Fields) -> Result<(&'static str, Hook), Code> {
    let group = GROUPS.into_iter().find(|group| *group == method);
    let group = group.ok_or(Code::FIELD_NOT_OF_LIST)?;
    let url = fields.needed("url")?;
    if url.len() > URL_BYTES_MAX {
        return Err(Code::HOOK_TOO_LONG);
    }
    let is_address = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !is_address {
        return Err(Code::FIELD_NOT_OF_TYPE);
    }
    let hook = Hook {
        url: url.to_owned(),
        manager_email: fields.text("managerEmail", MAIL_BYTES_MAX)?,
    };
    Ok((group, hook))
}

impl Pg {
    /// The PG's trial notice. Its signature does not fit the merchant's secret key, as at the PG.
    async fn try_out(&self, hook: &Hook) -> Result<(), Code> {
        let reader = crate::nice::wire::Reader {
            now: self.now(),
            skew: Duration::ZERO,
            public_url: "",
        };
        let (tid, edi_date) = ("UTWEBHOOKm01012111051714341073", reader.edi_date());
        let body = json!({
            "resultCode": "0000", "resultMsg": "TEST", "tid": tid, "cancelledTid": null, "orderId": "TEST",
            "ediDate": edi_date, "signature": sign(&[tid, "10000", &edi_date, "TEST"]), "status": "",
            "paidAt": "0", "failedAt": "0", "cancelledAt": "0", "payMethod": "card", "amount": 10000,
            "balanceAmt": 10000, "goodsName": "TEST", "currency": "KRW",
        });
        let headers = [("content-type", "application/json;charset=utf-8".to_owned())];
        let answer = self
            .0
            .notices
            .ask_now(&hook.url, &headers, notice::json(&body), ANSWER_WITHIN)
            .await
            .ok_or(Code::HOOK_NO_ANSWER)?;
        if answer.status != 200 {
            Err(Code::HOOK_NOT_200)
        } else if !notice::is_ok(&answer) {
            Err(Code::HOOK_NOT_OK)
        } else {
            Ok(())
        }
    }

    fn hooks(&self, call: &Call) -> Bytes {
        let urls = self.with(NoticePlan::default(), |store, _| {
            let hooks = store.hooks.get(&call.merchant.mid).into_iter().flatten();
            let view = |(method, hook): (&&'static str, &Hook)| HookView {
                method,
                url: hook.url.clone(),
                manager_email: hook.manager_email.clone(),
            };
            hooks.map(view).collect()
        });
        notice::json(&Hooks {
            result_code: Code::SUCCESS.as_str(),
            result_msg: Code::SUCCESS.message(),
            urls,
            message_source: "nicepay",
        })
    }
}
