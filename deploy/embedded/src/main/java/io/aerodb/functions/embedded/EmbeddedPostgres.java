package io.aerodb.functions.embedded;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server as a child of this JVM, reachable on loopback only, with logical decoding switched on. Its
 * data survives restarts; the server does not survive this JVM, however that ends.
 *
 * <p>Everything lies in one home directory: {@code data}, {@code postgres.log} of this run and
 * {@code postgres.previous.log} of the one before. PostgreSQL refuses to run as root, so as root it runs without root's
 * powers. Thread-safe.
 */
public final class EmbeddedPostgres implements AutoCloseable {

    /** The role that may do everything; its password is the caller's. */
    public static final String SUPERUSER = "postgres";

    private final Path home;
    private final int port;
    private final String superuserPassword;
    private final Path binariesCache;
    private @Nullable Process process;
    private @Nullable DirectoryLock lock;

    /** Like the other constructor, with the programs unpacked (60 MB) into {@code home/binaries}. */
    public EmbeddedPostgres(Path home, int port, String superuserPassword) {
        this(home, port, superuserPassword, home.resolve("binaries"));
    }

    /**
     * @param home created at the first start; belongs to one running server at a time
     * @param port 0 picks a free one now, which stays the same over every stop and start
     * @param superuserPassword becomes that of {@link #SUPERUSER} when the data directory is created, and must be the
     *     same ever after
     * @param binariesCache where the programs are unpacked unless they are there; JVMs of one user may share it
     */
    public EmbeddedPostgres(Path home, int port, String superuserPassword, Path binariesCache) {
        if (superuserPassword.isBlank() || superuserPassword.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("The superuser's password must be one line of text that is not blank");
        }
        this.home = home.toAbsolutePath().normalize();
        this.port = port == 0 ? FreePort.find() : port;
        this.superuserPassword = superuserPassword;
        this.binariesCache = binariesCache.toAbsolutePath().normalize();
    }

    public int port() {
        return port;
    }

    /** Without credentials; the database need not exist yet, {@code postgres} always does. */
    public String jdbcUrl(String database) {
        return PostgresStart.jdbcUrl(port, database);
    }

    /**
     * Returns once the server accepts connections. Does nothing if it runs.
     *
     * @throws EmbeddedServerException if it cannot start; nothing is left running then
     */
    public void start() {
        start(ServerUser.choose(), Lifeline.available());
    }

    synchronized void start(ServerUser user, Lifeline lifeline) {
        if (process != null && process.isAlive()) {
            return;
        }
        stop(); // lets go of a server that ended by itself
        var acquired = DirectoryLock.acquire(home);
        try {
            process = new PostgresStart(home, port, superuserPassword, binariesCache).run(user, lifeline);
            lock = acquired;
        } catch (IOException failure) {
            acquired.close();
            throw new EmbeddedServerException(
                    "PostgreSQL cannot be started in %s: %s. This user must be able to write there and find space."
                            .formatted(home, failure),
                    failure);
        } catch (RuntimeException failure) {
            acquired.close();
            throw failure;
        }
    }

    /** Ends all sessions, writes a checkpoint and returns once the server is gone. Does nothing if it does not run. */
    public synchronized void stop() {
        if (process != null && lock != null) {
            new Postmaster(process.toHandle()).stop();
            process = null;
            lock.close();
            lock = null;
        }
    }

    /** As if the machine had crashed: the server has no chance to write anything. Does nothing if it does not run. */
    public synchronized void kill() {
        if (process != null) {
            new Postmaster(process.toHandle()).kill();
            stop();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
