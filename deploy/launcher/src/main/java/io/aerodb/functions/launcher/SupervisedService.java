package io.aerodb.functions.launcher;

import java.io.IOException;

/** The program of a service that never outlives who started it. */
final class SupervisedService {

    private SupervisedService() {}

    /** @param arguments the service's main class */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Thread.ofPlatform().name("supervision").daemon().start(SupervisedService::exitWithStandardInput);
        Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
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
