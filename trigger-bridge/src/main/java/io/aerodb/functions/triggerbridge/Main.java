package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.lifecycle.ServiceMain;

/** Runs a trigger bridge as a process of its own, configured by the environment. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        ServiceMain.run("bridge", () -> TriggerBridge.start(BridgeSettings.read(Settings.of("bridge", System.getenv()))));
    }
}
