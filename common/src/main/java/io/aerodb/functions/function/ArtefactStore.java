package io.aerodb.functions.function;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.LargeValues;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The table of compiled modules, one row for a module and an engine. Rows go with their module. Methods throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
public final class ArtefactStore {

    private final Database database;

    public ArtefactStore(Database database) {
        this.database = database;
    }

    /** What is stored; whoever loads it opens its seal first. */
    public Optional<byte[]> find(ModuleHash module, String engine) {
        return database.run(connection -> {
            try (var select = LargeValues.inBinary(connection.prepareStatement(
                    "SELECT artefact FROM aerodb.module_artefacts WHERE module = ? AND engine = ?"))) {
                select.setString(1, module.hex());
                select.setString(2, engine);
                var rows = select.executeQuery();
                return rows.next() ? Optional.of(rows.getBytes(1)) : Optional.empty();
            }
        });
    }

    public boolean exists(ModuleHash module, String engine) {
        return database.run(connection -> {
            try (var select = connection.prepareStatement(
                    "SELECT FROM aerodb.module_artefacts WHERE module = ? AND engine = ?")) {
                select.setString(1, module.hex());
                select.setString(2, engine);
                return select.executeQuery().next();
            }
        });
    }

    /** Stores an artefact in place of one that is there; does nothing if the module is gone. */
    public void put(ModuleHash module, ModuleArtefact artefact) {
        database.run(connection -> {
            put(connection, module, artefact);
            return null;
        });
    }

    static void put(Connection connection, ModuleHash module, ModuleArtefact artefact) throws SQLException {
        try (var insert = connection.prepareStatement("""
                INSERT INTO aerodb.module_artefacts (module, engine, artefact)
                SELECT hash, ?, ? FROM aerodb.modules WHERE hash = ? FOR KEY SHARE
                ON CONFLICT (module, engine) DO UPDATE SET artefact = EXCLUDED.artefact, created_at = now()""")) {
            insert.setString(1, artefact.engine());
            insert.setBytes(2, artefact.bytes());
            insert.setString(3, module.hex());
            insert.executeUpdate();
        }
    }
}
