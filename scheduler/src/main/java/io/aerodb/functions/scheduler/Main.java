package io.aerodb.functions.scheduler;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.lifecycle.ServiceMain;

/** Runs a scheduler as a process of its own, configured by the environment. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        ServiceMain.run("scheduler", () -> Scheduler.start(SchedulerSettings.read(Settings.of("scheduler", System.getenv()))));
    }
}
