//! What a person sees when the demo is ready.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

/// Everything one needs to begin; printed as one line with `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    pub api_url: String,
    pub shop_url: String,
    pub docs_url: String,
    pub secret_key: String,
    pub client_key: String,
    /// PG name to base address.
    pub simulators: BTreeMap<&'static str, String>,
    pub data_dir: String,
}

impl Ready {
    pub fn text(&self, traffic: u32, config: &Path) -> String {
        let Ready {
            api_url,
            shop_url,
            docs_url,
            secret_key,
            client_key,
            data_dir,
            ..
        } = self;
        let simulator = self.simulators.get("toss").map_or("", String::as_str);
        let shoppers = match traffic {
            0 => String::new(),
            count => format!("\n  손님 / shoppers       {count} a minute buy by themselves"),
        };
        let config = config.display();
        format!(
            "
  나루페이가 준비되었습니다.  NaruPay is ready.

  가게 / shop           {shop_url}
  문서 / API docs       {docs_url}
  API                   {api_url}
  PG 시뮬레이터 / PG    {simulator}
  시크릿 키 / secret    {secret_key}
  클라이언트 키 / client {client_key}
  데이터 / data         {data_dir}{shoppers}

  1. 가게에서 물건을 사 보세요. 실제로 결제되지 않습니다.
     Buy something in the shop; no money moves.
  2. 서버에서 결제를 만들어 보세요. Create a payment from a server:
     curl -u {secret_key}: -H 'Idempotency-Key: try-1' -H 'Content-Type: application/json' \\
       -d '{{\"orderId\":\"order-0001\",\"orderName\":\"나룻배\",\"amount\":15000}}' {api_url}/v1/payments
  3. 장부를 맞춰 보세요. Check the books:
     narupay books --config {config}

  Ctrl-C 로 멈춥니다. Stop with Ctrl-C; the data stays.
"
        )
    }
}
