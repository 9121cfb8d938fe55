package io.aerodb.functions.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.Layout;
import io.aerodb.functions.launcher.LocalPlatform;
import io.aerodb.functions.launcher.TemporaryDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "demo", description = "Start everything in a temporary directory, run a function, show what happened, and clean up.", mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    private static final Duration TOKEN_LIFE = Duration.ofHours(1);
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(20);
    private static final String PAYLOAD = "{\"name\": \"World\"}";
    private static final String ALICE = "00000000-0000-4000-8000-00000000a11c";
    private static final String BOB = "00000000-0000-4000-8000-000000000b0b";
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final int LAST_CALLS = 100;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var out = spec.commandLine().getOut();
        var startedAt = System.nanoTime();
        out.println("Starting Kafka, PostgreSQL, a gateway, a scheduler, a trigger bridge and a worker");
        try (var directory = TemporaryDirectory.create("aerofn-demo");
                var platform = LocalPlatform.start(directory.path(), 0, System.getenv(), Layout.TOGETHER, (part, took) -> Console.step(out, part + " is up", took))) {
            deployExamples(platform, out);
            var called = callHello(platform, out);
            showLogRow(platform, out, called);
            queryAsTwoUsers(platform, out);
            measureWarmCalls(platform, out);
            out.printf("%nEverything worked, in %s. 'aerofn up' starts one that stays.%n", Console.format(since(startedAt)));
            out.flush();
        }
        return 0;
    }

    private static void deployExamples(LocalPlatform platform, PrintWriter out) throws IOException, InterruptedException {
        out.println("\nDeploying the example functions");
        var client = client(platform, Role.SERVICE);
        for (var name : Examples.NAMES) {
            var startedAt = System.nanoTime();
            var deployed = client.deploy(name, name + ".wat", Examples.source(name), Optional.empty());
            Console.step(out, "%s v%d, %d bytes".formatted(name, deployed.path("version").asInt(), deployed.path("wasm_bytes").asInt()), since(startedAt));
        }
    }

    /** @return the invocation's id */
    private static String callHello(LocalPlatform platform, PrintWriter out) throws IOException, InterruptedException {
        out.printf("%nPOST %s/functions/v1/invoke/hello%n  %s%n", platform.url(), PAYLOAD);
        var startedAt = System.nanoTime();
        var response = call(client(platform, Role.ANON), "hello", PAYLOAD);
        var took = since(startedAt);
        out.printf("%n%d  %s%n", response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
        for (var header : List.of("content-type", "x-invocation-id", "x-function-version", "server-timing")) {
            out.printf("  %s: %s%n", header, response.headers().firstValue(header).orElse(""));
        }
        out.println();
        Console.step(out, "first call, from HTTP to HTTP", took);
        return response.headers().firstValue("x-invocation-id").orElseThrow(() -> new CommandException("the answer names no invocation"));
    }

    private static void showLogRow(LocalPlatform platform, PrintWriter out, String id) throws IOException, InterruptedException {
        var startedAt = System.nanoTime();
        var client = client(platform, Role.SERVICE);
        Optional<JsonNode> row = Optional.empty();
        while (row.isEmpty()) {
            if (since(startedAt).compareTo(LOG_PATIENCE) > 0) {
                throw new CommandException("the invocation " + id + " has no row in the log after " + LOG_PATIENCE.toSeconds() + " s");
            }
            row = client.logs("hello", 10).path("invocations").valueStream().filter(one -> one.path("id").asText().equals(id)).findFirst();
        }
        Console.step(out, "its row is in function_invocations", since(startedAt));
        out.println();
        LogsCommand.print(out, row.get());
    }

    /** The function does not say whose notes: row-level security does. */
    private static void queryAsTwoUsers(LocalPlatform platform, PrintWriter out) throws IOException, InterruptedException {
        out.println("\nTwo users of one function, and of one table with row-level security");
        platform.execute(Examples.schema("notes"));
        client(platform, Role.SERVICE).deploy("notes", "notes.wat", Examples.source("notes"), Optional.empty());
        invokeNotes(platform, out, "alice", ALICE, "[\"buy milk\"]");
        invokeNotes(platform, out, "alice", ALICE, "");
        invokeNotes(platform, out, "bob", BOB, "");
    }

    private static void invokeNotes(LocalPlatform platform, PrintWriter out, String who, String subject, String payload)
            throws IOException, InterruptedException {
        var client = new ApiClient(platform.url(), platform.tokens().token(Role.AUTHENTICATED, subject, TOKEN_LIFE));
        var answer = new String(call(client, "notes", payload).body(), StandardCharsets.UTF_8);
        out.printf("  %-5s  %-12s  %s%n", who, payload.isEmpty() ? "(all notes)" : payload, answer);
    }

    /** The two JVMs are young: they get faster with every call for some thousands of calls. */
    private static void measureWarmCalls(LocalPlatform platform, PrintWriter out) throws IOException, InterruptedException {
        var client = client(platform, Role.ANON);
        var times = new ArrayList<Duration>();
        var startedAt = System.nanoTime();
        while (times.size() < LAST_CALLS || since(startedAt).compareTo(WARM_UP) < 0) {
            var calledAt = System.nanoTime();
            call(client, "hello", PAYLOAD);
            times.add(since(calledAt));
        }
        var last = times.subList(times.size() - LAST_CALLS, times.size());
        Collections.sort(last);
        out.println();
        Console.step(out, "after %d calls, median".formatted(times.size()), last.get(LAST_CALLS / 2));
    }

    private static HttpResponse<byte[]> call(ApiClient client, String name, String payload) throws IOException, InterruptedException {
        var response = client.invoke(name, payload.getBytes(StandardCharsets.UTF_8));
        if (response.statusCode() != 200) {
            throw new CommandException(name + " answered " + response.statusCode() + ": " + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response;
    }

    private static ApiClient client(LocalPlatform platform, Role role) {
        return new ApiClient(platform.url(), platform.tokens().token(role, null, TOKEN_LIFE));
    }

    private static Duration since(long startedAt) {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }
}
