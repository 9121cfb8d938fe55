package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.replay.BulkReplay.Wanted;
import io.aerodb.functions.invocation.InvocationStatus;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The body that asks for a bulk replay. */
final class BulkReplayBody {

    private static final Set<String> MEMBERS = Set.of("function", "status", "since", "until", "limit", "rate", "version");
    private static final Set<String> STATUSES = Arrays.stream(InvocationStatus.values())
            .filter(InvocationStatus::isTerminal).map(InvocationStatus::label).collect(Collectors.toUnmodifiableSet());
    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");
    private static final int DEFAULT_LIMIT = 1000;
    private static final int MAX_LIMIT = 1_000_000;
    private static final int DEFAULT_RATE = 10;
    private static final int MAX_RATE = 1000;

    private BulkReplayBody() {}

    /**
     * @param now where the time ends if the body names none: what is accepted later is not replayed
     * @throws ProblemException 400 naming the member that is wrong
     */
    static Wanted parse(byte[] body, Instant now) {
        var json = json(body);
        json.fieldNames().stream().filter(name -> !MEMBERS.contains(name)).findFirst().ifPresent(name -> {
            throw wrong(shortened(name), "is unknown; there are " + MEMBERS.stream().sorted().toList());
        });
        var function = text(json, "function");
        if (function == null) {
            throw wrong("function", "is missing");
        }
        var until = time(json, "until");
        return new Wanted(
                new FunctionName(function).value(),
                status(json),
                time(json, "since"),
                until == null || until.isAfter(now) ? now.truncatedTo(ChronoUnit.MICROS) : until, // or it would replay its own replays
                json.getValue("version") == null ? null : integer(json, "version", 0, Integer.MAX_VALUE),
                integer(json, "limit", DEFAULT_LIMIT, MAX_LIMIT),
                integer(json, "rate", DEFAULT_RATE, MAX_RATE));
    }

    private static JsonObject json(byte[] body) {
        try {
            return new JsonObject(Buffer.buffer(body));
        } catch (DecodeException | ClassCastException e) {
            throw new ProblemException(Problem.invalidRequest("send a JSON object such as {\"function\": \"hello\", \"status\": \"failed\"}"));
        }
    }

    private static @Nullable String status(JsonObject json) {
        var status = text(json, "status");
        if (status != null && !STATUSES.contains(status)) {
            throw wrong("status", "is none of " + STATUSES.stream().sorted().toList());
        }
        return status;
    }

    private static @Nullable String text(JsonObject json, String member) {
        var value = json.getValue(member);
        if (value != null && !(value instanceof String)) {
            throw wrong(member, "is not a text");
        }
        return (String) value;
    }

    private static @Nullable Instant time(JsonObject json, String member) {
        var text = text(json, member);
        if (text == null) {
            return null;
        }
        try {
            var time = Instant.parse(text).truncatedTo(ChronoUnit.MICROS);
            if (!time.isBefore(EARLIEST) && !time.isAfter(LATEST)) {
                return time;
            }
        } catch (DateTimeException e) {
            // answered below, like a time out of range
        }
        throw wrong(member, "is not a time such as 2026-01-31T12:00:00Z");
    }

    private static int integer(JsonObject json, String member, int otherwise, int max) {
        var value = json.getValue(member);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Integer number && number >= 1 && number <= max) {
            return number;
        }
        throw wrong(member, "is not an integer from 1 to " + max);
    }

    private static String shortened(String name) {
        return name.length() <= 80 ? name : name.substring(0, 80) + "…";
    }

    private static ProblemException wrong(String member, String what) {
        return new ProblemException(Problem.invalidRequest("the member '" + member + "' " + what));
    }
}
