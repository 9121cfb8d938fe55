package io.aerodb.functions.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Prints how the platform as a whole does under load, on this machine: calls of a function that says hello beside a bare request and
 * reply on the same broker, by turns; calls at fixed rates; events; and many callers of a function that waits.
 */
final class InvocationLoad {

    private static final List<String> PARTS = List.of("calls", "waiting", "events");
    private static final String HELLO = "hello";
    private static final String WAITING = "waiting";
    private static final int WARM_UP_CALLS = 4_000;
    private static final int WARM_UP_CALLS_EACH = 100;
    private static final Duration SLICE = Duration.ofSeconds(3);
    private static final int ROUNDS = 4;
    private static final int[] AT_ONCE = {1, 16, 64, 512};
    private static final int[] PERCENT_OF_MOST = {25, 50, 75};
    private static final int EVENTS = 100_000;
    private static final int CALLERS = 1_000;

    /** Sleeps for a second, which takes no processor time, and succeeds. */
    private static final String WAIT = """
            (module
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "handler") (result i32)
                (i32.store (i32.const 16) (i32.const 1))
                (i64.store (i32.const 24) (i64.const 1000000000))
                (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))""";

    private final LocalApi api;
    private final LoadProcess client;
    private final Tables tables;
    private final CpuTimes cpu;

    private InvocationLoad(LocalApi api, LoadProcess client, Tables tables) {
        this.api = api;
        this.client = client;
        this.tables = tables;
        this.cpu = new CpuTimes(client.pid(), api.workerPid());
    }

    /** @param arguments some of {@link #PARTS}; all of them without any */
    public static void main(String[] arguments) throws Exception {
        var parts = arguments.length == 0 ? PARTS : List.of(arguments);
        if (!PARTS.containsAll(parts)) {
            throw new IllegalArgumentException("there are the parts " + PARTS + ", and not all of " + parts);
        }
        try (var api = new LocalApi();
                var client = new LoadProcess(api.url(), api.token(), api.kafkaBootstrap());
                var tables = new Tables(api.connectionString())) {
            api.deploy(HELLO, hello());
            api.deploy(WAITING, WAIT.getBytes(StandardCharsets.US_ASCII));
            var load = new InvocationLoad(api, client, tables);
            for (var part : parts) {
                switch (part) {
                    case "calls" -> load.calls();
                    case "events" -> load.events();
                    default -> load.waiting();
                }
            }
        }
    }

    private void calls() throws Exception {
        warmUp();
        LoadRow.printHead();
        var most = 0.0;
        for (var atOnce : AT_ONCE) {
            var kafka = new LoadRow("bare Kafka", Load.kafka(atOnce, SLICE));
            var http = new LoadRow("HTTP without Kafka", Load.gateway(atOnce, SLICE));
            var hello = new LoadRow("hello", Load.function(HELLO, atOnce, SLICE));
            measureByTurns(kafka, http, hello);
            most = Math.max(most, hello.samples().perSecond());
        }
        for (var percent : PERCENT_OF_MOST) {
            var rate = most * percent / 100;
            measureByTurns(new LoadRow("hello, %d/s are due".formatted(Math.round(rate)), Load.atRate(HELLO, 512, rate, SLICE)));
        }
    }

    /** So many calls that the compilers of all JVMs have nothing left to do. */
    private void warmUp() throws Exception {
        for (var atOnce : AT_ONCE) {
            client.run(Load.kafka(atOnce, SLICE));
            client.run(Load.gateway(atOnce, SLICE));
            measure(new LoadRow("warming up", Load.times(HELLO, atOnce, WARM_UP_CALLS + WARM_UP_CALLS_EACH * atOnce)));
        }
    }

    /** So that whatever else the machine does meets all of them. */
    private void measureByTurns(LoadRow... rows) throws Exception {
        for (var round = 0; round < ROUNDS; round++) {
            for (var row : rows) {
                measure(row);
            }
        }
        Stream.of(rows).forEach(LoadRow::print);
    }

    private void measure(LoadRow row) throws Exception {
        var load = row.load();
        var since = now();
        var before = cpu.now();
        var slice = client.run(load);
        var logged = load.target() == Load.Target.FUNCTION ? tables.await(HELLO, since, slice.size()) : Duration.ZERO;
        row.add(slice, before, cpu.now(), logged);
    }

    private void events() throws Exception {
        System.out.printf("%n%-22s %8s %10s %12s %10s%n", "", "events", "on log s", "all rows s", "events/s");
        try (var events = new EventsLoad(api.kafkaBootstrap(), api.recordKeys())) {
            var function = tables.deployed(HELLO);
            for (var name : List.of("warming up", "events of hello")) {
                var since = now();
                var start = System.nanoTime();
                events.send(function, EVENTS);
                var sent = System.nanoTime() - start;
                tables.await(HELLO, since, EVENTS);
                var seconds = (System.nanoTime() - start) / 1e9;
                System.out.printf("%-22s %8d %10.1f %12.1f %10.0f%n", name, EVENTS, sent / 1e9, seconds, EVENTS / seconds);
            }
        }
    }

    private void waiting() throws Exception {
        System.out.printf("%n%-22s %8s %10s %10s %10s%n", "", "callers", "p50 s", "p99 s", "all s");
        for (var name : List.of("warming up", "waiting for 1 s")) {
            var since = now();
            var samples = client.run(Load.times(WAITING, CALLERS, CALLERS));
            tables.await(WAITING, since, samples.size());
            System.out.printf("%-22s %8d %10.2f %10.2f %10.2f%n", name, CALLERS, samples.millis(50) / 1e3, samples.millis(99) / 1e3, samples.seconds());
        }
    }

    /** As precise as rows are. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** The example of that name. */
    private static byte[] hello() throws IOException {
        try (var source = InvocationLoad.class.getResourceAsStream("/examples/hello/hello.wat")) {
            return Objects.requireNonNull(source, "the example is not in this build").readAllBytes();
        }
    }
}
