package io.aerodb.functions.worker.database;

import io.aerodb.functions.lifecycle.StartRefusedException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A database in which guests could leave their caller's rights. */
public final class DatabaseNotHardenedException extends StartRefusedException {

    private static final long serialVersionUID = 1L;

    DatabaseNotHardenedException(List<Finding> findings) {
        super(Stream.concat(
                Stream.of("the functions' database is not safe for them; 'aerofn database harden' mends it, see docs/database-access.md"),
                findings.stream().map(finding -> finding.layer().name().toLowerCase(Locale.ROOT) + ": " + finding)).toList());
    }
}
