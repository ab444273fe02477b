//! Logs, metrics and traces: set up once, before anything else happens. Nothing else in the
//! program names the crates used here, which break with every minor version.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::{Format, Log};
use crate::stop::Next;

/// Metrics nobody scrapes are tidied up this often, so that they do not grow.
const UPKEEP: Duration = Duration::from_secs(5);

/// What must be told at the end.
pub struct Telemetry {
    pub metrics: PrometheusHandle,
    traces: Option<SdkTracerProvider>,
}

/// Sets up all three; call it once, on the runtime. Logs go to standard error.
pub fn start(log: &Log, otlp_endpoint: Option<&str>) -> anyhow::Result<Telemetry> {
    let traces = otlp_endpoint.map(exporting).transpose()?;
    let filter = EnvFilter::try_new(&log.level)
        .with_context(|| format!("the log level `{}` is not one", log.level))
        .next("use error, warn, info, debug or a filter as `info,flows=debug`")?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        Format::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        Format::Text => lines.with_target(false).boxed(),
    };
    let spans = traces.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("narupay"))
            .boxed()
    });
    tracing_subscriber::registry()
        .with(lines)
        .with(spans)
        .with(filter)
        .try_init()
        .context("logging is set up twice")?;
    Ok(Telemetry {
        metrics: recording()?,
        traces,
    })
}

/// Buckets instead of quantiles, and regular upkeep: without them a histogram grows until somebody asks for it.
fn recording() -> anyhow::Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &server::SECONDS_BUCKETS)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).context("metrics are set up twice")?;
    server::describe_metrics();
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut every = tokio::time::interval(UPKEEP);
        loop {
            every.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

fn exporting(endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    let endpoint = format!(
        "{}/v1/traces",
        endpoint.trim_end_matches('/').trim_end_matches("/v1/traces")
    );
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(&endpoint)
        .build()
        .with_context(|| format!("traces cannot be sent to {endpoint}"))
        .next("mend telemetry.otlp_endpoint, or take it out")?;
    // The usual processor has a thread of its own, on which the HTTP client finds no runtime.
    let processor = BatchSpanProcessor::builder(exporter, opentelemetry_sdk::runtime::Tokio).build();
    let resource = Resource::builder().with_service_name("narupay").build();
    Ok(SdkTracerProvider::builder()
        .with_span_processor(processor)
        .with_resource(resource)
        .build())
}

impl Telemetry {
    /// Sends the traces that wait.
    pub async fn finish(self) {
        let Some(traces) = self.traces else { return };
        // It blocks until the runtime has sent them.
        let ended = tokio::task::spawn_blocking(move || traces.shutdown()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last traces were not sent");
        }
    }
}
