package io.aerodb.functions.lifecycle;

import io.aerodb.functions.configuration.ConfigurationException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one service until the process is told to stop. */
public final class ServiceMain {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceMain.class);

    private static final String LOG_FORMAT = "AEROFN_LOG_FORMAT";

    private ServiceMain() {}

    /**
     * Starts the service and returns when it has been stopped by SIGTERM or SIGINT. A wrong configuration ends the process with
     * status 2 and one line for each problem, anything else that prevents the start with status 1; a refusal to start with its own
     * lines too.
     */
    public static void run(String name, Callable<? extends AutoCloseable> start) {
        var main = Thread.currentThread();
        var stopped = new CountDownLatch(1);
        var hook = Thread.ofPlatform().name("stop-" + name).unstarted(() -> {
            main.interrupt();
            await(stopped);
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try (var _ = started(start)) {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            LOG.atInfo().addKeyValue("service", name).log("stopped");
        } catch (ConfigurationException e) {
            e.problems().forEach(problem -> System.err.println(name + ": " + problem));
            stopped.countDown();
            Runtime.getRuntime().halt(2);
        } catch (StartRefusedException e) {
            e.lines().forEach(line -> System.err.println(name + ": " + line));
            stopped.countDown();
            Runtime.getRuntime().halt(1);
        } catch (Exception e) {
            LOG.atError().addKeyValue("service", name).setCause(e).log("cannot run");
            stopped.countDown();
            Runtime.getRuntime().halt(1);
        } finally {
            stopped.countDown();
        }
    }

    /** @throws ConfigurationException if it would run without a log, besides what the start finds wrong */
    private static AutoCloseable started(Callable<? extends AutoCloseable> start) throws Exception {
        var format = System.getenv().getOrDefault(LOG_FORMAT, "text");
        if (!format.equals("text") && !format.equals("json")) {
            throw new ConfigurationException(List.of(LOG_FORMAT + ": '" + format + "' is not allowed: text or json"));
        }
        return start.call();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
