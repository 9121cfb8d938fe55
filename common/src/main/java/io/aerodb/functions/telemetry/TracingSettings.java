package io.aerodb.functions.telemetry;

import io.aerodb.functions.configuration.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where spans go.
 *
 * @param endpoint the whole URL; empty where nothing is traced
 * @param headers sent along, such as a token of the collector's
 * @param ratio of the traces that begin here, how many are kept: 0 to 1
 */
public record TracingSettings(Optional<URI> endpoint, Map<String, String> headers, double ratio) {

    private static final String ENDPOINT = "tracing.endpoint";
    private static final String HEADERS = "tracing.headers";
    private static final Pattern HEADER = Pattern.compile("\\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\\s*=\\s*([\\x21-\\x7e][\\x20-\\x7e]*?)\\s*");

    public TracingSettings {
        headers = Map.copyOf(headers);
    }

    public static TracingSettings read(Settings settings) {
        var endpoint = settings.text(ENDPOINT, "",
                "Collector that takes spans by OTLP over HTTP with protobuf, such as http://collector:4318; /v1/traces is added where the URL has no path. Empty: nothing is traced");
        var headers = settings.secret(HEADERS, "Headers for the collector as name=value, several separated by commas");
        var ratio = settings.ratio("tracing.ratio", 1, "How many of the traces that begin here are kept; callers that send a traceparent decide on theirs");
        return new TracingSettings(endpoint.isEmpty() ? Optional.empty() : url(settings, endpoint), headers(settings, headers.value()), ratio);
    }

    private static Optional<URI> url(Settings settings, String endpoint) {
        try {
            var url = new URI(endpoint);
            if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null && url.getUserInfo() == null) {
                return Optional.of(url.getPath().isEmpty() || url.getPath().equals("/") ? url.resolve("/v1/traces") : url);
            }
        } catch (URISyntaxException e) {
            // told below
        }
        settings.problem(ENDPOINT, "must be a URL such as http://collector:4318, without a user");
        return Optional.empty();
    }

    private static Map<String, String> headers(Settings settings, String text) {
        var headers = new LinkedHashMap<String, String>();
        if (text.isBlank()) {
            return headers;
        }
        for (var each : text.split(",", -1)) {
            var header = HEADER.matcher(each);
            if (!header.matches()) {
                settings.problem(HEADERS, "must be name=value, several separated by commas");
                return Map.of();
            }
            headers.put(header.group(1), header.group(2));
        }
        return headers;
    }

    /** Leaves the headers' values out. */
    @Override
    public String toString() {
        return "TracingSettings[endpoint=" + endpoint + ", headers=" + headers.keySet() + ", ratio=" + ratio + "]";
    }
}
