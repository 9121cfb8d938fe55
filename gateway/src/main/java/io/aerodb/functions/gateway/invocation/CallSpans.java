package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.telemetry.TraceSpan;
import io.aerodb.functions.telemetry.TraceSpan.Kind;
import io.aerodb.functions.telemetry.Tracing;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The span of a call, from its headers to the end of its answer, named as OpenTelemetry's conventions for HTTP have it. Thread-safe. */
final class CallSpans {

    private static final String SPAN = "span";
    private static final Pattern SLASH_AT_END = Pattern.compile("/$");

    private final Tracing tracing;

    CallSpans(Tracing tracing) {
        this.tracing = tracing;
    }

    /** Begins the span of a call. */
    void begin(RoutingContext context, FunctionName function) {
        if (!tracing.isOn()) {
            return;
        }
        var request = context.request();
        var route = SLASH_AT_END.matcher(String.valueOf(context.currentRoute().getPath())).replaceFirst(""); // of the form with a path behind the name
        var span = tracing.begin(request.method().name() + " " + route, Kind.SERVER, sent(request));
        if (span.isRecording()) {
            span.put("http.request.method", request.method().name())
                    .put("http.route", route)
                    .put("url.scheme", String.valueOf(request.scheme()))
                    .put("faas.invoked_name", function.value());
        }
        context.put(SPAN, span);
        context.addEndHandler(ended -> {
            var status = context.response().getStatusCode();
            span.put("http.response.status_code", status);
            if (ended.failed()) {
                span.failed("connection_closed");
            } else if (status >= 500) {
                span.failed(String.valueOf(status));
            }
            span.end();
        });
    }

    /** What a request to run a function belongs to: the span of its call, or the caller's where nothing is traced here. */
    @Nullable TraceContext of(RoutingContext context) {
        if (!tracing.isOn()) {
            return sent(context.request());
        }
        TraceSpan span = context.get(SPAN);
        return span.contextOr(null);
    }

    /** Notes which invocation a call starts. */
    void started(RoutingContext context, InvocationId id) {
        if (tracing.isOn()) {
            TraceSpan span = context.get(SPAN);
            span.put("faas.invocation_id", id.toString());
        }
    }

    private static @Nullable TraceContext sent(HttpServerRequest request) {
        var traceparent = request.getHeader("traceparent");
        return traceparent == null ? null
                : TraceContext.of(traceparent, String.join(",", request.headers().getAll("tracestate"))).orElse(null);
    }
}
