package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.DevelopmentTokens;
import io.aerodb.functions.launcher.RunningPlatform;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which gateway a command talks to, and with which token: given, or found from a platform that {@code aerofn up} runs. */
final class Target {

    static final String DATA_DIRECTORY_HELP = "Data directory of the local platform (default: $AEROFN_DATA_DIR or .aerofn).";
    private static final Duration TOKEN_LIFE = Duration.ofHours(1);

    @Option(names = "--url", description = "Gateway, such as http://127.0.0.1:8080 (default: $AEROFN_URL, or the running local platform).")
    private @Nullable String url;

    @Option(names = "--token", description = "Bearer token (default: $AEROFN_TOKEN, or one made for the local platform).")
    private @Nullable String token;

    @Option(names = "--data-dir", description = DATA_DIRECTORY_HELP)
    private @Nullable Path dataDirectory;

    ApiClient client(Role role) {
        return new ApiClient(url(), token(role));
    }

    static Path dataDirectory(@Nullable Path given) {
        return Optional.ofNullable(given)
                .or(() -> Optional.ofNullable(System.getenv("AEROFN_DATA_DIR")).map(Path::of))
                .orElse(Path.of(".aerofn"))
                .toAbsolutePath();
    }

    RunningPlatform localPlatform() {
        var directory = dataDirectory(dataDirectory);
        return RunningPlatform.find(directory).orElseThrow(() -> CommandException.away(
                "no local platform runs on " + directory + "; start one with 'aerofn up', or give --url and --token"));
    }

    private URI url() {
        return Optional.ofNullable(url)
                .or(() -> Optional.ofNullable(System.getenv("AEROFN_URL")))
                .map(Target::gateway)
                .orElseGet(() -> localPlatform().url());
    }

    private static URI gateway(String given) {
        try {
            var url = new URI(given);
            if (url.getHost() != null && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
                return url;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw CommandException.notPossible("'" + given + "' is no address of a gateway: give one such as http://127.0.0.1:8080 as --url or AEROFN_URL");
    }

    private String token(Role role) {
        return Optional.ofNullable(token)
                .or(() -> Optional.ofNullable(System.getenv("AEROFN_TOKEN")))
                .orElseGet(() -> new DevelopmentTokens(localPlatform().secrets().jwtSecret()).token(role, null, TOKEN_LIFE));
    }
}
