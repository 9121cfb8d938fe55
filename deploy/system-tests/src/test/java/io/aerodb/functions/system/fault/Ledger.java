package io.aerodb.functions.system.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Keeps what was accepted since it was opened, and checks in the end that every accepted id has exactly one terminal row, that no answer
 * was given twice, and that nothing is left on the log.
 */
final class Ledger implements AutoCloseable {

    static final String INVOKE = "functions.invoke";
    static final String EVENTS = "functions.events";
    static final String INVOCATIONS = "functions.invocations";
    static final String REPLIES = "functions.replies";
    static final String DEAD_LETTERS = "functions.dead-letters";
    private static final Map<String, String> GROUPS = Map.of("functions-invoke", INVOKE, "functions-events", EVENTS, "functions-recorder", INVOCATIONS);
    private static final Set<String> TERMINAL = Set.of(
            "succeeded", "failed", "timed_out", "memory_exceeded", "rejected", "expired", "cancelled", "dead_lettered", "replayed");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final ProcessPlatform platform;
    private final Log log;
    private final Map<TopicPartition, Long> starts;
    private final Instant openedAt = Instant.now();
    private final Set<String> unreadable = new HashSet<>();
    private final Set<String> expected = new TreeSet<>();
    private final Map<String, BooleanSupplier> atEnd = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    /** A platform whose topics have been made. */
    Ledger(ProcessPlatform platform) {
        this.platform = platform;
        log = new Log(platform.kafka().bootstrap());
        starts = log.ends(INVOKE, EVENTS, INVOCATIONS, REPLIES, DEAD_LETTERS);
    }

    Log log() {
        return log;
    }

    /** Where the topics ended when this was opened. */
    Map<TopicPartition, Long> starts() {
        return starts;
    }

    /** The request with this id on the log is none: it must not be run. */
    void forged(String id) {
        unreadable.add(id);
    }

    /** There is an invocation that was accepted without a request on the log of this broker. */
    void expect(String id) {
        expected.add(id);
    }

    /** The ids of all requests since. */
    Set<String> logged() {
        return Set.copyOf(requests());
    }

    /** The ids of all request records since. */
    List<String> requests() {
        return Stream.of(INVOKE, EVENTS).flatMap(topic -> log.since(starts, topic).stream())
                .map(record -> Log.header(record, "ce_id"))
                .filter(id -> !id.isEmpty() && !unreadable.contains(id))
                .toList();
    }

    /** Waits until that many calls are on the log, or have been refused. */
    void awaitLogged(Load load, int count) {
        Awaitility.await(count + " calls are on the log").atMost(PATIENCE).until(() -> logged().size() + load.ended() >= count);
    }

    /** Has the verdict say so if something else is wrong. */
    void require(boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }

    /** No invocation has ended twice, whoever was killed. */
    void requireRunOnce() {
        requireRunOnceBut(Set.of());
    }

    /** Only these may have ended twice. */
    void requireRunOnceBut(Set<String> ids) {
        requireAtEnd(() -> ids.containsAll(runTwice()), "invocations were run twice");
    }

    /** The row of everything that was accepted says this in the end. */
    void requireStatus(String status) {
        requireAtEnd(() -> rows().stream().filter(row -> expected.contains(row.id())).allMatch(row -> row.status().equals(status)),
                "some did not end as " + status);
    }

    /** Checked when everything has ended. */
    void requireAtEnd(BooleanSupplier holds, String problem) {
        atEnd.put(problem, holds);
    }

    /** In a build, where the processors are short of time, Kafka may be too slow for a gateway; then 503 is the answer that is promised. */
    void requireSuccess(Collection<Call> calls) {
        var failed = calls.stream().filter(call -> !call.isSuccess() && (Scale.isLong() || !call.isRefusedInPatience())).toList();
        require(calls.stream().anyMatch(Call::isSuccess), "no call succeeded");
        require(failed.isEmpty(), failed.size() + " calls failed" + failed.stream().findFirst().map(call -> ", such as " + call).orElse(""));
    }

    /** Insists that everything is as it should be. @param fault for the table */
    Report settle(String fault, Collection<Call> calls) {
        expected.addAll(logged());
        calls.stream().filter(Call::isAccepted).flatMap(call -> call.invocation().stream()).forEach(expected::add);
        awaitEnd();
        atEnd.forEach((problem, holds) -> require(holds.getAsBoolean(), problem));

        var rows = rows();
        var ended = rows.stream().filter(Row::isTerminal).map(Row::id).collect(Collectors.toSet());
        var missing = expected.stream().filter(id -> !ended.contains(id)).toList();
        var doubled = new TreeSet<>(repeated(rows.stream().map(Row::id).toList()));
        doubled.addAll(repeated(calls.stream().flatMap(call -> call.invocation().stream()).toList()));
        calls.stream().filter(Call::isMixedUp).map(Call::toString).forEach(doubled::add);
        var unknown = ended.stream().filter(id -> !expected.contains(id)).toList();
        require(missing.isEmpty(), "no terminal row: " + some(missing));
        require(doubled.isEmpty(), "doubled: " + some(doubled));
        require(unknown.isEmpty(), "rows that nobody asked for: " + some(unknown));
        var answered = (int) calls.stream().filter(Call::isAnswered).count();
        var report = new Report(fault, expected.size(), answered, ended.size(), missing.size(), doubled.size(), runTwice().size(), longestGap(calls), problems);
        Summary.add(report.line());
        assertTrue(problems.isEmpty(), report::line);
        return report;
    }

    /** All rows are there, and no group has anything left to do. */
    private void awaitEnd() {
        try {
            Awaitility.await().atMost(PATIENCE).pollInterval(LOOK_AGAIN).ignoreExceptions().until(() ->
                    rows().stream().filter(Row::isTerminal).map(Row::id).collect(Collectors.toSet()).containsAll(expected));
            GROUPS.forEach((group, topic) -> {
                try {
                    Awaitility.await().atMost(PATIENCE).pollInterval(LOOK_AGAIN).until(() -> log.lag(group, topic) == 0);
                } catch (ConditionTimeoutException e) {
                    problems.add(group + " has " + log.lag(group, topic) + " records left");
                }
            });
        } catch (ConditionTimeoutException e) {
            // the report says what is missing
        }
    }

    /**
     * Those that have ended more than once on the outcome log, of which one end became the row. Whoever takes over a partition gives what
     * runs on elsewhere up as expired, after its deadline; nothing was run for such an end.
     */
    private Set<String> runTwice() {
        return repeated(log.since(starts, INVOCATIONS).stream().map(Ledger::entry)
                .filter(end -> end.isTerminal() && !end.status().equals("expired")).map(Row::id).toList());
    }

    /** Those that stand there more than once. */
    static Set<String> repeated(Collection<String> ids) {
        return ids.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting())).entrySet().stream()
                .filter(group -> group.getValue() > 1).map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    static Duration longestGap(Collection<Call> calls) {
        var ends = calls.stream().filter(Call::isSuccess).mapToLong(Call::endedNanos).sorted().toArray();
        var longest = 0L;
        for (var i = 1; i < ends.length; i++) {
            longest = Math.max(longest, ends[i] - ends[i - 1]);
        }
        return Duration.ofNanos(longest);
    }

    /** Where the request stands that an outcome is about. */
    record Request(TopicPartition partition, long offset) {}

    static Request request(ConsumerRecord<byte[], byte[]> outcome) {
        var request = json(outcome).path("request");
        return new Request(new TopicPartition(request.path("topic").asText(), request.path("partition").asInt()), request.path("offset").asLong());
    }

    private record Row(String id, String status) {

        boolean isTerminal() {
            return TERMINAL.contains(status);
        }
    }

    private List<Row> rows() {
        return platform.query("SELECT id || ' ' || status FROM aerodb.function_invocations WHERE accepted_at >= ?", openedAt.atOffset(ZoneOffset.UTC))
                .stream().map(text -> text.split(" ")).map(parts -> new Row(parts[0], parts[1])).toList();
    }

    /** The status that an outcome tells. */
    static String status(ConsumerRecord<byte[], byte[]> outcome) {
        return entry(outcome).status();
    }

    private static Row entry(ConsumerRecord<byte[], byte[]> outcome) {
        var json = json(outcome);
        return new Row(json.path("id").asText(), json.path("status").asText());
    }

    private static JsonNode json(ConsumerRecord<byte[], byte[]> record) {
        try {
            return MAPPER.readTree(Objects.requireNonNullElse(record.value(), new byte[0]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String some(Collection<String> ids) {
        return ids.size() + " " + ids.stream().limit(3).toList();
    }

    @Override
    public void close() {
        log.close();
    }
}
