package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.lifecycle.StartRefusedException;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the application's database, and our role in it, are set up to have changes captured. */
record SourceCheck(Database source) {

    private static final Logger LOG = LoggerFactory.getLogger(SourceCheck.class);
    private static final Duration PAUSE = Duration.ofMillis(250);

    private static final String FINDINGS = """
            SELECT format('wal_level is %s: set wal_level = logical in postgresql.conf and restart PostgreSQL', current_setting('wal_level'))
            WHERE current_setting('wal_level') <> 'logical'
            UNION ALL SELECT format('the role %I may not replicate: ALTER ROLE %I REPLICATION', current_user, current_user)
            FROM pg_roles WHERE rolname = current_user AND NOT rolreplication AND NOT rolsuper
              AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'rds_replication' AND pg_has_role(current_user, r.oid, 'MEMBER'))
            UNION ALL SELECT format('the role %I may not make a schema and a publication: GRANT CREATE ON DATABASE %I TO %I', current_user, current_database(), current_user)
            WHERE NOT has_database_privilege(current_database(), 'CREATE')
            UNION ALL SELECT format('the role %I may not call %s, which docs/database-access.md takes from most: GRANT aerodb_trusted TO %I', current_user, p.proname, current_user)
            FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
              AND p.proname IN ('pg_logical_emit_message', 'pg_try_advisory_lock', 'set_config') AND NOT has_function_privilege(p.oid, 'EXECUTE')
              AND p.pronargs IN (1, 3, 4) AND p.proargtypes[array_upper(p.proargtypes, 1)] <> 'bytea'::regtype""";

    /**
     * Waits for the database as long as it takes.
     *
     * @return what tells it from all others
     * @throws StartRefusedException with what must be mended
     */
    String await() throws InterruptedException {
        for (var attempt = 1; ; attempt++) {
            try {
                refuseFindings();
                return source.run(connection -> {
                    try (var statement = connection.createStatement();
                            var rows = statement.executeQuery("SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || oid FROM pg_database WHERE datname = current_database()")) {
                        rows.next();
                        return rows.getString(1);
                    }
                });
            } catch (UnavailableException e) {
                if (attempt % 20 == 1) {
                    LOG.atWarn().log("waiting for the application's database: {}", e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    private void refuseFindings() {
        List<String> findings = source.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery(FINDINGS)) {
                var found = new ArrayList<String>();
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
                return found;
            }
        });
        if (!findings.isEmpty()) {
            var lines = new ArrayList<String>();
            lines.add("the changes of the application's database cannot be captured:");
            lines.addAll(findings);
            throw new StartRefusedException(lines);
        }
    }
}
