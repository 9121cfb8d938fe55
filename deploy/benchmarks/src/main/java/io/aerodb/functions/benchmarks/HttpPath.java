package io.aerodb.functions.benchmarks;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Prints how long a call of a function takes from HTTP to HTTP, one in flight, on the whole platform on this machine, beside a bare
 * request and reply on the same broker and a request that the gateway answers by itself, in the same minutes.
 */
final class HttpPath {

    private static final int WARM_UP = 5_000;
    private static final int ROUNDS = 20;
    private static final int CALLS = 250;
    private static final byte[] PAYLOAD = "x".repeat(1024).getBytes(StandardCharsets.US_ASCII);
    private static final String ECHO = """
            (module
              (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
              (memory (export "memory") 1)
              (func (export "handler") (result i32) %s))""".formatted(Guests.ECHO);

    private HttpPath() {}

    public static void main(String[] arguments) throws Exception {
        try (var api = new LocalApi(); var kafka = KafkaEcho.start(api.kafkaBootstrap())) {
            api.deploy("echo", ECHO.getBytes(StandardCharsets.US_ASCII));
            var invocation = api.invocation("echo", PAYLOAD);
            var health = api.health();
            measure(
                    () -> {
                        kafka.call(PAYLOAD);
                        return true;
                    },
                    () -> api.send(200, health),
                    () -> api.send(200, invocation));
        }
    }

    /** By turns, so that whatever else the machine does meets all of them. */
    private static void measure(Callable<?> kafka, Callable<?> http, Callable<?> function) throws Exception {
        var works = List.of(kafka, http, function);
        for (var work : works) {
            time(work, WARM_UP);
        }
        var nanos = new long[works.size()][ROUNDS * CALLS];
        for (var round = 0; round < ROUNDS; round++) {
            for (var i = 0; i < works.size(); i++) {
                System.arraycopy(time(works.get(i), CALLS), 0, nanos[i], round * CALLS, CALLS);
            }
        }
        System.out.printf("%-6s %22s %22s %22s %10s%n", "ms", "Kafka request, reply", "HTTP without Kafka", "HTTP call of echo", "added");
        for (var percent : new int[] {50, 95, 99}) {
            var millis = Arrays.stream(nanos).mapToDouble(sample -> percentile(sample, percent) / 1e6).toArray();
            System.out.printf("p%-5d %22.2f %22.2f %22.2f %10.2f%n", percent, millis[0], millis[1], millis[2], millis[2] - millis[0]);
        }
    }

    private static long percentile(long[] nanos, int percent) {
        var sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length * percent / 100];
    }

    private static long[] time(Callable<?> work, int times) throws Exception {
        var nanos = new long[times];
        for (var i = 0; i < times; i++) {
            var start = System.nanoTime();
            work.call();
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }
}
