package io.aerodb.functions.launcher;

/** Which processes the services of a local platform are. */
public enum Layout {
    /** As few as can be: all services but one worker share the launcher's JVM. */
    TOGETHER,
    /** As in production: every service is a process, there are two workers, and a trigger bridge stands by. */
    PROCESSES
}
