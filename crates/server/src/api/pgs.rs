use flows::Account;
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::Method;

use super::View;
use crate::auth::Shop;

#[derive(Serialize, ToSchema)]
#[schema(as = PgList)]
pub(crate) struct PgList {
    /// In the shop's order of preference.
    items: Vec<PgAccountView>,
}

/// One contract with one PG.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PgAccount)]
pub(crate) struct PgAccountView {
    id: String,
    name: String,
    #[schema(example = "toss")]
    pg: &'static str,
    /// Money is play money: the PG is a simulator.
    simulated: bool,
    api_version: &'static str,
    cash_receipts: bool,
    escrow: bool,
    methods: Vec<MethodView>,
    health: HealthView,
    /// What an operator should know about the account.
    remarks: Vec<String>,
}

/// How the PG account did lately.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PgHealth)]
pub(crate) struct HealthView {
    /// `closed`: as ever. `open`: new attempts go elsewhere where they can, and no approve is sent. `half_open`: a few are tried.
    #[schema(example = "closed")]
    breaker: &'static str,
    since: String,
    /// Of the last minute's questions to the PG, those without a proper answer.
    failed: u32,
    asked: u32,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PgMethod)]
pub(crate) struct MethodView {
    method: &'static str,
    currencies: Vec<&'static str>,
    amount_min: i64,
    partial_cancel: bool,
    /// Smallest amount for instalments; `null`: none are possible.
    instalment_amount_min: Option<i64>,
    instalment_months_max: u8,
    /// Easy-pay providers or voucher kinds.
    kinds: Vec<&'static str>,
}

/// List the PG accounts that the key's shop and mode has, with what each can do.
#[utoipa::path(get, path = "/v1/pgs", tag = "pgs", responses((status = 200, description = "All of them", body = PgList)))]
pub(crate) async fn list_pgs(Shop(side): Shop) -> View<PgList> {
    View(PgList {
        items: side.accounts.iter().map(|account| account_view(account)).collect(),
    })
}

fn account_view(account: &Account) -> PgAccountView {
    let capabilities = account.connector.capabilities();
    let health = account.health();
    PgAccountView {
        id: account.id.to_string(),
        name: account.slug.clone(),
        pg: account.connector.pg(),
        simulated: account.simulator.is_some(),
        api_version: capabilities.api_version,
        cash_receipts: capabilities.cash_receipts,
        escrow: capabilities.escrow,
        methods: Method::ALL
            .into_iter()
            .filter_map(|method| method_view(account, method))
            .collect(),
        health: HealthView {
            breaker: health.breaker.as_str(),
            since: health.since.in_korea(),
            failed: health.failed,
            asked: health.asked,
        },
        remarks: account.connector.remarks(),
    }
}

fn method_view(account: &Account, method: Method) -> Option<MethodView> {
    let rules = account.rules(method)?;
    Some(MethodView {
        method: method.as_str(),
        currencies: rules.currencies.iter().map(|currency| currency.code()).collect(),
        amount_min: rules.amount_min.minor,
        partial_cancel: rules.partial_cancel,
        instalment_amount_min: rules.instalment_min.map(|min| min.minor),
        instalment_months_max: if rules.instalment_min.is_some() {
            rules.instalment_months_max
        } else {
            0
        },
        kinds: rules.kinds.to_vec(),
    })
}
