package io.aerodb.functions.cli;

import io.aerodb.functions.worker.database.HardeningScript;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "harden",
        description = {
            "Make a database safe for functions to query: roles, revokes, signed claims. It may be run again at any time.",
            "Sets the passwords of the roles anon, authenticated and service_role and adds the keys that sign claims; both are those of the "
                    + "worker's settings. If --settings names a file that does not exist, it is made with new ones, for workers to use."
        },
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:workers start on it", "1:something is still missing, or failed", "2:the database cannot be reached, or is not known"},
        mixinStandardHelpOptions = true)
final class HardenCommand implements Callable<Integer> {

    private static final String USED_ROLES = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname IN ('anon', 'authenticated', 'service_role') ORDER BY 1";

    @Option(names = "--print", description = "Print the SQL of the roles, revokes and functions, for a DBA to read and run with psql, and do nothing.")
    private boolean print;

    @Option(names = "--trust", paramLabel = "ROLE", split = ",",
            description = "Let this login role keep what PUBLIC loses, such as advisory locks and PL/pgSQL; the database's owner always keeps it.")
    private List<String> trusted = List.of();

    @Mixin
    private AdminDatabase database = new AdminDatabase();

    @Mixin
    private WorkerConfiguration configuration = new WorkerConfiguration();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws SQLException {
        var out = spec.commandLine().getOut();
        if (print) {
            out.print(HardeningScript.text());
            out.flush();
            return 0;
        }
        var missing = configuration.missingFile();
        if (missing.isEmpty()) {
            configuration.require(); // before anything is changed
        }
        try (var admin = database.connect()) {
            if (missing.isPresent()) {
                requireUnusedRoles(admin);
                WorkerConfiguration.create(missing.get(), database.jdbcUrl());
                out.printf("%s has the settings for workers, with new passwords and a new key. Give it to them as AEROFN_CONFIG_FILE.%n%n", missing.get());
            }
            harden(admin);
        }
        return AuditReport.print(configuration.require(), out) ? 0 : 1;
    }

    private static void trust(String role, Connection admin) throws SQLException {
        // before that version, whether a role inherits is its own attribute
        var inherits = admin.getMetaData().getDatabaseMajorVersion() < 16 ? "" : " WITH INHERIT TRUE";
        try (var grant = admin.createStatement()) {
            grant.execute("GRANT aerodb_trusted TO " + grant.enquoteIdentifier(role, true) + inherits);
        }
    }

    /** Roles are shared by all databases of a server, and so are their passwords. */
    private static void requireUnusedRoles(Connection admin) throws SQLException {
        try (var statement = admin.createStatement(); var rows = statement.executeQuery(USED_ROLES)) {
            if (rows.next()) {
                throw new CommandException(("the role %1$s logs in already, perhaps for another database of this server: give the settings with its "
                        + "password, or, if nobody uses it, ALTER ROLE %1$s NOLOGIN first").formatted(rows.getString(1)));
            }
        }
    }

    private void harden(Connection admin) {
        var settings = configuration.require();
        try {
            HardeningScript.apply(admin);
            for (var role : trusted) {
                trust(role, admin);
            }
            HardeningScript.setPasswords(admin, settings.passwords());
            HardeningScript.addKeys(admin, settings.claimKeys());
        } catch (SQLException e) {
            throw new CommandException("the database refused a statement (" + e.getSQLState() + " " + AdminDatabase.oneLine(e)
                    + "); run this as a superuser, or at least as the database's owner with CREATEROLE");
        }
    }
}
