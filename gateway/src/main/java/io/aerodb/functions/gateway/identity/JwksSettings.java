package io.aerodb.functions.gateway.identity;

import io.aerodb.functions.configuration.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the public keys of a token issuer are.
 *
 * @param url of its JSON Web Key Set; http or https
 * @param cache how long keys are used before they must be fetched again
 * @param outage how long after that they still serve while they cannot be fetched
 * @param interval the least time between two fetches, whoever asks for keys and however often; not longer than the cache time
 */
public record JwksSettings(URI url, Duration cache, Duration outage, Duration interval) {

    static final String URL_KEY = "gateway.jwt-jwks-url";
    private static final String CACHE_KEY = "gateway.jwt-jwks-cache";
    private static final String INTERVAL_KEY = "gateway.jwt-jwks-interval";

    static @Nullable JwksSettings read(Settings settings) {
        var text = settings.text(URL_KEY, "",
                "URL of the JSON Web Key Set for RS256, ES256 and EdDSA tokens; redirects are not followed; empty accepts only HS256");
        var cache = settings.duration(CACHE_KEY, Duration.ofMinutes(10), Duration.ofSeconds(10), Duration.ofDays(1),
                "How long fetched keys are used; they are renewed shortly before, so a withdrawn key is believed no longer than this");
        var outage = settings.duration("gateway.jwt-jwks-outage", Duration.ofHours(1), Duration.ZERO, Duration.ofDays(1),
                "How long the last keys still serve after that while the URL does not answer");
        var interval = settings.duration(INTERVAL_KEY, Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofMinutes(10),
                "Least time between two fetches of keys, however many tokens name unknown ones");
        if (interval.compareTo(cache) > 0) {
            settings.problem(INTERVAL_KEY, "must not be longer than " + Settings.variable(CACHE_KEY));
        }
        if (text.isEmpty()) {
            return null;
        }
        var url = url(text);
        if (url.isEmpty()) {
            settings.problem(URL_KEY, "must be an http or https URL without user and fragment");
            return null;
        }
        return new JwksSettings(url.get(), cache, outage, interval);
    }

    private static Optional<URI> url(String text) {
        try {
            var url = new URI(text);
            var http = "https".equalsIgnoreCase(url.getScheme()) || "http".equalsIgnoreCase(url.getScheme());
            return http && url.getHost() != null && url.getRawUserInfo() == null && url.getRawFragment() == null
                    ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
