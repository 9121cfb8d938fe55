package io.aerodb.functions.system.fault;

import java.io.IOException;

/**
 * Runs another program's {@code main} in this JVM, and ends with the process that holds the other end of the standard input, however that
 * goes. Knows nothing of ours, so that it can run any version.
 */
final class Supervised {

    private Supervised() {}

    /** @param arguments the name of the class with that {@code main} */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Thread.ofPlatform().name("supervision").daemon().start(Supervised::haltWithStandardInput);
        Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    }

    private static void haltWithStandardInput() {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever sent
            }
        } catch (IOException e) {
            // the same as its end
        }
        Runtime.getRuntime().halt(1);
    }
}
