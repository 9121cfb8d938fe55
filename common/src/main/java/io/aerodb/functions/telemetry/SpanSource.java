package io.aerodb.functions.telemetry;

import io.aerodb.functions.telemetry.TraceSpan.Kind;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Makes spans with OpenTelemetry's SDK and sends those that have ended in batches, on a thread of its own. */
final class SpanSource implements AutoCloseable {

    /** It writes past our logs; what fails is told by {@link ToldExporter}. Held here, for the JDK forgets loggers that nobody holds. */
    private static final Logger SDK_LOG = Logger.getLogger("io.opentelemetry");

    /** What waits to be sent; more is dropped, so that a collector that is away never holds up an invocation. */
    private static final int MAX_WAITING = 4096;
    private static final Duration BATCH_INTERVAL = Duration.ofSeconds(1);
    private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    private SpanSource(SdkTracerProvider provider) {
        this.provider = provider;
        this.tracer = provider.get("io.aerodb.functions");
    }

    static SpanSource open(TracingSettings settings, URI endpoint, String service, String instance) {
        SDK_LOG.setLevel(Level.OFF);
        var exporter = OtlpHttpSpanExporter.builder().setEndpoint(endpoint.toString()).setTimeout(EXPORT_TIMEOUT);
        settings.headers().forEach(exporter::addHeader);
        var told = new ToldExporter(exporter.build(), MAX_WAITING, System::nanoTime);
        var processor = BatchSpanProcessor.builder(told)
                .setMaxQueueSize(MAX_WAITING).setScheduleDelay(BATCH_INTERVAL).setExporterTimeout(EXPORT_TIMEOUT.multipliedBy(2)).build();
        var resource = Attributes.builder().put("service.namespace", "aerodb-functions").put("service.name", "aerofn-" + service)
                .put("service.instance.id", instance).build();
        return new SpanSource(SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(Resource.create(resource)))
                .setSampler(Sampler.parentBased(new OriginSampler(Sampler.traceIdRatioBased(settings.ratio()))))
                .addSpanProcessor(new BoundedSpans(processor, told))
                .build());
    }

    TraceSpan begin(String name, Kind kind, @Nullable TraceContext parent, @Nullable TraceContext origin, @Nullable Instant since) {
        var builder = tracer.spanBuilder(name).setSpanKind(kind(kind)).setParent(parent == null ? Context.root() : context(parent));
        if (origin != null) {
            builder.addLink(Span.fromContext(context(origin)).getSpanContext());
        }
        if (since != null) {
            builder.setStartTimestamp(since);
        }
        return new RecordedSpan(builder.startSpan());
    }

    private static Context context(TraceContext context) {
        return W3CTraceContextPropagator.getInstance().extract(Context.root(), context, Headers.GETTER);
    }

    private static SpanKind kind(Kind kind) {
        return switch (kind) {
            case SERVER -> SpanKind.SERVER;
            case CLIENT -> SpanKind.CLIENT;
            case PRODUCER -> SpanKind.PRODUCER;
            case CONSUMER -> SpanKind.CONSUMER;
            case INTERNAL -> SpanKind.INTERNAL;
        };
    }

    @Override
    public void close() {
        provider.shutdown().join(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private enum Headers implements TextMapGetter<TraceContext> {
        GETTER;

        @Override
        public Iterable<String> keys(TraceContext context) {
            return List.of("traceparent", "tracestate");
        }

        @Override
        public @Nullable String get(@Nullable TraceContext context, String key) {
            if (context == null) {
                return null;
            }
            return switch (key) {
                case "traceparent" -> context.traceparent();
                case "tracestate" -> context.tracestate();
                default -> null;
            };
        }
    }
}
