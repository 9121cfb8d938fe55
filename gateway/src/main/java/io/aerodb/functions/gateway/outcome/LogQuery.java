package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationLog.Cursor;
import io.aerodb.functions.invocation.InvocationLog.Search;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.TriggerType;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The query string of a search in the invocation log, and the cursor that leads to the next page. */
public final class LogQuery {

    /** Rows are not stored as running: whether one runs follows from the claims. */
    private static final Set<String> STATUSES = Arrays.stream(InvocationStatus.values())
            .filter(status -> status != InvocationStatus.RUNNING)
            .map(InvocationStatus::label)
            .collect(Collectors.toUnmodifiableSet());

    private static final Set<String> FILTERS = Set.of("status", "trigger", "cause", "replay_of", "since", "until", "after", "limit");

    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private LogQuery() {}

    /** @throws ProblemException 400 naming the parameter that is wrong */
    public static Search parse(FunctionName function, QueryParameters query) {
        query.allowOnly(FILTERS);
        return filtered(function, query);
    }

    /** Of all functions, or the one that the parameter {@code function} names. @throws ProblemException 400 naming the parameter that is wrong */
    public static Search parse(QueryParameters query) {
        var allowed = new HashSet<>(FILTERS);
        allowed.add("function");
        query.allowOnly(allowed);
        return filtered(query.text("function").map(FunctionName::new).orElse(null), query);
    }

    private static Search filtered(@Nullable FunctionName function, QueryParameters query) {
        return new Search(
                function,
                query.text("status").map(LogQuery::status).orElse(null),
                query.text("trigger").map(LogQuery::trigger).orElse(null),
                query.text("cause").map(text -> id("cause", text)).orElse(null),
                query.text("replay_of").map(text -> id("replay_of", text)).orElse(null),
                query.text("since").map(text -> time("since", text)).orElse(null),
                query.text("until").map(text -> time("until", text)).orElse(null),
                query.text("after").map(LogQuery::cursor).orElse(null),
                query.limit());
    }

    /** The cursor behind this page; null where it was the last one. */
    static @Nullable String next(List<InvocationEntry> page, int limit) {
        if (page.size() < limit) {
            return null;
        }
        var last = page.getLast();
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString((last.acceptedAt() + "|" + last.id()).getBytes(StandardCharsets.US_ASCII));
    }

    private static String status(String text) {
        if (!STATUSES.contains(text)) {
            throw wrong("status", "is none of " + STATUSES.stream().sorted().toList());
        }
        return text;
    }

    private static TriggerType trigger(String text) {
        return TriggerType.fromLabel(text).orElseThrow(() -> wrong("trigger", "is none of http, database, schedule, webhook"));
    }

    private static InvocationId id(String parameter, String text) {
        return InvocationId.parse(text).orElseThrow(() -> wrong(parameter, "is not the id of an invocation"));
    }

    private static Instant time(String parameter, String text) {
        try {
            return storable(Instant.parse(text));
        } catch (DateTimeException e) {
            throw wrong(parameter, "is not a time such as 2026-01-31T12:00:00Z");
        }
    }

    private static Cursor cursor(String text) {
        try {
            var parts = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII).split("\\|", 2);
            var id = InvocationId.parse(parts.length == 2 ? parts[1] : "").orElseThrow(() -> wrong("after", "is not a cursor of ours"));
            return new Cursor(storable(Instant.parse(parts[0])), id.value());
        } catch (IllegalArgumentException | DateTimeException e) {
            throw wrong("after", "is not a cursor of ours");
        }
    }

    /** PostgreSQL's timestamps end before Java's do. */
    private static Instant storable(Instant time) {
        if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
            throw new DateTimeException("out of range");
        }
        return time;
    }

    private static ProblemException wrong(String parameter, String what) {
        return new ProblemException(Problem.invalidRequest("the query parameter '" + parameter + "' " + what));
    }
}
