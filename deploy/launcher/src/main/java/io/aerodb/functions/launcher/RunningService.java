package io.aerodb.functions.launcher;

import java.net.URI;
import java.nio.file.Path;

/**
 * A service that runs as a process of its own.
 *
 * @param name such as {@code worker-2}
 * @param pid of the process that runs now; another one after it has died
 * @param url where it tells of its health and its metrics
 */
public record RunningService(String name, long pid, URI url, Path log) {}
