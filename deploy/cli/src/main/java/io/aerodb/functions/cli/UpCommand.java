package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.Layout;
import io.aerodb.functions.launcher.LocalPlatform;
import io.aerodb.functions.worker.database.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "up", description = "Run the whole platform on this machine until Ctrl-C; its data stays.", mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    private static final Duration TOKEN_LIFE = Duration.ofDays(30);

    @Option(names = "--data-dir", description = Target.DATA_DIRECTORY_HELP)
    private @Nullable Path dataDirectory;

    @Option(names = "--port", paramLabel = "PORT", description = "Port of the gateway (default: the one of the last run, or any free one).")
    private int port;

    @Option(names = "--processes", description = "Run every service as a process of its own, as in production: a gateway, two workers, a scheduler "
            + "and two trigger bridges (default: all but the worker in one process).")
    private boolean processes;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (port < 0 || port > 65_535) {
            throw CommandException.notPossible("--port must be from 1 to 65535");
        }
        var out = spec.commandLine().getOut();
        var main = Thread.currentThread();
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            main.interrupt();
            await(stopped);
        }));
        var directory = Target.dataDirectory(dataDirectory);
        out.println("Starting on " + directory);
        try (var platform = LocalPlatform.start(directory, port, System.getenv(), processes ? Layout.PROCESSES : Layout.TOGETHER, new Progress(out))) {
            deployMissingExamples(platform, out);
            if (processes) {
                printProcesses(platform, out);
            }
            printWelcome(platform, out);
            new CountDownLatch(1).await();
            return 0;
        } catch (InterruptedException e) {
            out.println("Stopped; 'aerofn up' goes on from here.");
            out.flush();
            return 0;
        } finally {
            stopped.countDown();
        }
    }

    private static void deployMissingExamples(LocalPlatform platform, PrintWriter out) throws IOException, InterruptedException {
        var client = new ApiClient(platform.url(), platform.tokens().token(Role.SERVICE, null, TOKEN_LIFE));
        var there = new HashSet<String>();
        client.list("").path("functions").forEach(function -> there.add(function.path("name").asText()));
        for (var name : Examples.NAMES) {
            if (!there.contains(name)) {
                client.deploy(name, name + ".wat", Examples.source(name), Optional.empty());
            }
        }
        out.println("Example functions: " + String.join(", ", Examples.NAMES));
    }

    private static void printProcesses(LocalPlatform platform, PrintWriter out) {
        out.printf("%n%-10s  %-8s  %-24s  %s%n", "process", "pid", "health and metrics", "log");
        for (var service : platform.services()) {
            out.printf("%-10s  %-8d  %-24s  %s%n", service.name(), service.pid(), service.url(), service.log());
        }
    }

    private static void printWelcome(LocalPlatform platform, PrintWriter out) {
        var tokens = platform.tokens();
        out.printf("""

                Gateway     %1$s
                Kafka       %2$s
                PostgreSQL  %3$s

                Paste this into another terminal:

                  export AEROFN_URL=%1$s
                  export ANON_TOKEN=%4$s
                  export SERVICE_TOKEN=%5$s
                  export DATABASE_URL=%3$s

                  # call a function
                  curl -i $AEROFN_URL/functions/v1/invoke/hello -H "Authorization: Bearer $ANON_TOKEN" -d '{"name": "World"}'

                  # look at the database as its owner; functions query it as anon, authenticated or service_role
                  psql $DATABASE_URL

                  # deploy your own
                  curl $AEROFN_URL/functions/v1/deploy -H "Authorization: Bearer $SERVICE_TOKEN" -F name=mine -F wasm=@examples/echo/echo.wat

                  # see what happened
                  curl $AEROFN_URL/functions/v1/hello/logs -H "Authorization: Bearer $SERVICE_TOKEN"

                The tokens are for development and expire in %6$d days. Ctrl-C stops everything; the data stays.
                """, platform.url(), platform.kafkaBootstrap(), platform.connectionString(),
                tokens.token(Role.ANON, null, TOKEN_LIFE), tokens.token(Role.SERVICE, null, TOKEN_LIFE), TOKEN_LIFE.toDays());
        out.flush();
    }

    private record Progress(PrintWriter out) implements LocalPlatform.Progress {

        @Override
        public void started(String part, Duration took) {
            Console.step(out, part + " is up", took);
        }

        @Override
        public void waitsUntilMended(List<Finding> findings, String connectionString) {
            out.println("\nFunctions could leave their caller's rights in the database:");
            AuditReport.printFindings(findings, out);
            out.printf("Mend it in another terminal, with psql %s%nThe start goes on then.%n", connectionString);
            out.flush();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
