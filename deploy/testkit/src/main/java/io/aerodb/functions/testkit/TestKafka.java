package io.aerodb.functions.testkit;

import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker for tests. Topics are not created by merely being named. Use names of your own on the shared one:
 * other tests of the same JVM see them.
 */
public final class TestKafka implements AutoCloseable {

    /** The one exception from "no static state": tests have no other place that lives as long as their JVM. */
    private static @Nullable TestKafka shared;

    private final Broker broker;
    private final boolean isShared;

    private TestKafka(Broker broker, boolean isShared) {
        this.broker = broker;
        this.isShared = isShared;
    }

    /** The broker of this JVM, started by whoever asks first and removed when the JVM ends. Nobody may stop it. */
    public static synchronized TestKafka shared() {
        if (shared == null) {
            shared = started(true);
            Runtime.getRuntime().addShutdownHook(new Thread(shared.broker::remove, "remove-shared-kafka"));
        }
        return shared;
    }

    /** A running broker for one test, which may stop and start it and must close it. */
    public static TestKafka own() {
        return started(false);
    }

    /** Where clients connect, {@code host:port}; the same over stop and start. */
    public String bootstrap() {
        return broker.bootstrap();
    }

    /** Returns once the broker is gone; its records stay. */
    public void stop() {
        checkOwn();
        broker.stop();
    }

    /** After {@link #stop()}. Returns once clients are served again, at the same address. */
    public void start() {
        checkOwn();
        broker.start();
    }

    /** Stops the broker and removes its records. */
    @Override
    public void close() {
        checkOwn();
        broker.remove();
    }

    private static TestKafka started(boolean isShared) {
        var broker = Broker.create();
        try {
            broker.start();
        } catch (RuntimeException failure) {
            broker.remove();
            throw failure;
        }
        return new TestKafka(broker, isShared);
    }

    private void checkOwn() {
        if (isShared) {
            throw new IllegalStateException("other tests use this broker too: take TestKafka.own()");
        }
    }
}
