package io.aerodb.functions.worker;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.lifecycle.ServiceMain;

/** Runs a worker as a process of its own, configured by the environment. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        ServiceMain.run("worker", () -> Worker.start(WorkerSettings.read(Settings.of("worker", System.getenv()))));
    }
}
