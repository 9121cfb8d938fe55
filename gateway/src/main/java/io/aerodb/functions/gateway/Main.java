package io.aerodb.functions.gateway;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.lifecycle.ServiceMain;

/** Runs a gateway as a process of its own, configured by the environment. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        ServiceMain.run("gateway", () -> Gateway.start(GatewaySettings.read(Settings.of("gateway", System.getenv()))));
    }
}
