package io.aerodb.functions.testkit;

import io.aerodb.functions.embedded.FreePort;
import java.util.List;
import org.testcontainers.containers.GenericContainer;

/**
 * A container that can be stopped and started again at the same address. Testcontainers itself would remove it, and
 * Docker would give a port of its own choice another number.
 */
final class StableContainer {

    private static final int STOP_SECONDS = 30;

    private final GenericContainer<?> container;
    private boolean created;

    StableContainer(GenericContainer<?> container, int innerPort) {
        this.container = container;
        container.setPortBindings(List.of(FreePort.find() + ":" + innerPort));
    }

    /** The first time until the container is ready, later until it was started. */
    void start() {
        if (created) {
            container.getDockerClient().startContainerCmd(container.getContainerId()).exec();
        } else {
            container.start();
            created = true;
        }
    }

    void stop() {
        container
                .getDockerClient()
                .stopContainerCmd(container.getContainerId())
                .withTimeout(STOP_SECONDS)
                .exec();
    }

    void kill() {
        container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
    }

    void pause() {
        container.getDockerClient().pauseContainerCmd(container.getContainerId()).exec();
    }

    void resume() {
        container.getDockerClient().unpauseContainerCmd(container.getContainerId()).exec();
    }

    void remove() {
        container.stop();
    }
}
