package io.aerodb.functions.worker.database;

import java.util.List;
import java.util.stream.Collectors;

/** A database in which guests could leave their caller's rights. */
public final class DatabaseNotHardenedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DatabaseNotHardenedException(List<Finding> findings) {
        super("the functions' database is not safe for them (all of it is mended by harden.sql, see docs/database-access.md): "
                + findings.stream().map(Finding::toString).collect(Collectors.joining("\n  - ", "\n  - ", "")));
    }
}
