package io.aerodb.functions.worker;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.lifecycle.ServiceMain;
import java.io.IOException;

/** Runs a worker as a process of its own, configured by the environment. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        ServiceMain.run("worker", () -> {
            var settings = WorkerSettings.read(Settings.of("worker", System.getenv()));
            if (settings.supervised()) {
                Thread.ofPlatform().name("supervision").daemon().start(Main::exitWithStandardInput);
            }
            return Worker.start(settings);
        });
    }

    /** Standard input is a pipe from the supervisor: when that process is gone, however it went, the pipe ends. */
    private static void exitWithStandardInput() {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever sent
            }
        } catch (IOException e) {
            // the same as its end
        }
        System.exit(0);
    }
}
