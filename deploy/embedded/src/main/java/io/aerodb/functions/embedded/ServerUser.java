package io.aerodb.functions.embedded;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** As whom PostgreSQL runs, which refuses to run as root. */
sealed interface ServerUser {

    String FIRST_CLOSED_DIRECTORY = "for d; do [ -x \"$d\" ] || { echo \"$d\"; exit 1; }; done";

    /** {@code command}, changed so that it runs as this user. */
    List<String> as(List<String> command);

    /** Who owns the files that this user writes. */
    long owner();

    /** For messages. */
    String description();

    /** @throws EmbeddedServerException as root, where there is no way to become anyone else */
    static ServerUser choose() {
        long me = currentUid();
        if (me != 0) {
            return new Caller(me);
        }
        if (Command.succeeds("unshare", "-U", "true")) {
            return new UserNamespace();
        }
        if (Command.succeeds(new Nobody().as(List.of("true")).toArray(String[]::new))) {
            return new Nobody();
        }
        throw new EmbeddedServerException(
                "PostgreSQL does not run as root, and neither 'unshare -U' nor 'setpriv --reuid' works here:"
                        + " run this as an ordinary user, or install util-linux.");
    }

    static long currentUid() {
        return new UnixSystem().getUid();
    }

    /**
     * Makes sure that this user can reach {@code directory}.
     *
     * @throws EmbeddedServerException naming the first directory on the way that shuts this user out
     */
    default void checkReaches(Path directory) {
        var command = new ArrayList<>(List.of("/bin/sh", "-c", FIRST_CLOSED_DIRECTORY, "sh"));
        for (int names = 1; names <= directory.getNameCount(); names++) {
            command.add(directory.getRoot().resolve(directory.subpath(0, names)).toString());
        }
        try {
            var check = Command.run(as(command));
            if (!check.succeeded()) {
                throw new EmbeddedServerException(
                        ("PostgreSQL runs as %s, which may not enter %s on the way to %s: allow it (chmod o+x), or"
                                        + " choose a directory elsewhere, such as below /var/lib.")
                                .formatted(description(), check.output(), directory));
            }
        } catch (IOException failure) {
            throw new EmbeddedServerException("Cannot run /bin/sh: " + failure.getMessage(), failure);
        }
    }

    /**
     * Makes {@code path}, with all that is in it, this user's. Takes nothing from an ordinary user.
     *
     * @throws EmbeddedServerException if it belongs to someone else
     */
    default void takeOver(Path path) {
        try {
            long found = ((Integer) Files.getAttribute(path, "unix:uid")).longValue();
            if (found == owner()) {
                return;
            }
            boolean oursUnderAnotherName = currentUid() == 0 && (found == 0 || found == Nobody.UID);
            if (!oursUnderAnotherName) {
                throw new EmbeddedServerException(
                        "%s belongs to the user with id %d: run this as that user, or choose another directory."
                                .formatted(path, found));
            }
            var chown = Command.run(List.of("chown", "-R", owner() + ":" + owner(), path.toString()));
            if (!chown.succeeded()) {
                throw new IOException(chown.output());
            }
        } catch (IOException failure) {
            throw new EmbeddedServerException(
                    "The owner of %s cannot be changed (%s): choose another directory."
                            .formatted(path, failure.getMessage()),
                    failure);
        }
    }

    /** Whoever runs this JVM, not root. */
    record Caller(long owner) implements ServerUser {
        @Override
        public List<String> as(List<String> command) {
            return command;
        }

        @Override
        public String description() {
            return "the user with id " + owner;
        }
    }

    /** Root without its powers, in a namespace where it goes by another name. Files stay root's. */
    record UserNamespace() implements ServerUser {
        @Override
        public List<String> as(List<String> command) {
            return prefixed(List.of("unshare", "-U"), command);
        }

        @Override
        public long owner() {
            return 0;
        }

        @Override
        public String description() {
            return "root without its powers";
        }
    }

    /** The user that owns nothing; initdb insists on one that has a name. */
    record Nobody() implements ServerUser {
        static final int UID = 65534;

        @Override
        public List<String> as(List<String> command) {
            String id = String.valueOf(UID);
            return prefixed(List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups"), command);
        }

        @Override
        public long owner() {
            return UID;
        }

        @Override
        public String description() {
            return "nobody, the user with id " + UID + ",";
        }
    }

    private static List<String> prefixed(List<String> prefix, List<String> command) {
        var all = new ArrayList<>(prefix);
        all.addAll(command);
        return all;
    }
}
