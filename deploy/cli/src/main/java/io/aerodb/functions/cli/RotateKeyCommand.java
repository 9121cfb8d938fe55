package io.aerodb.functions.cli;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.worker.database.ClaimKeys;
import io.aerodb.functions.worker.database.HardeningScript;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "rotate-key",
        description = {
            "Change the key that signs callers' claims; functions go on running meanwhile.",
            "1. Without --retire: adds a new key to the database, beside those it knows, and puts it into the settings file, or prints it.",
            "2. Restart all workers with the new setting, one after another.",
            "3. With --retire and the new setting: the database forgets all other keys."
        },
        mixinStandardHelpOptions = true)
final class RotateKeyCommand implements Callable<Integer> {

    private static final String NEWEST = "SELECT kid FROM aerodb_guest.claim_keys ORDER BY installed_at DESC, kid LIMIT 1";
    private static final String NO_TABLE = "42P01";

    @Option(names = "--retire", description = "Forget every key that is not in the worker's settings.")
    private boolean retire;

    @Mixin
    private AdminDatabase database = new AdminDatabase();

    @Mixin
    private WorkerConfiguration configuration = new WorkerConfiguration();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, SQLException {
        var out = spec.commandLine().getOut();
        var current = configuration.require().claimKeys();
        try (var admin = database.connect()) {
            if (retire) {
                retire(admin, current, out);
            } else {
                add(admin, out);
            }
        } catch (SQLException e) {
            throw new CommandException(NO_TABLE.equals(e.getSQLState())
                    ? "the database has no table of keys: run 'aerofn database harden' first"
                    : "the database refused a statement (" + e.getSQLState() + " " + AdminDatabase.oneLine(e) + ")");
        }
        out.flush();
        return 0;
    }

    private void add(Connection admin, PrintWriter out) throws SQLException, IOException {
        var setting = RandomSecret.claimKey();
        var key = ClaimKeys.parse(new Secret(setting));
        HardeningScript.addKeys(admin, key);
        out.printf("The database knows the new key %s, beside those it knew.%n%n", key.ids().getFirst());
        var file = configuration.replaceClaimKeys(setting);
        out.println(file.isPresent()
                ? file.get() + " has it now, and the old one no longer. Restart the workers with it, one after another."
                : "Restart the workers with this setting, one after another:\n\n  " + WorkerConfiguration.KEYS_VARIABLE + "=" + setting + "\n");
        out.println("When all have restarted, run this again with --retire and that setting.");
    }

    private static void retire(Connection admin, ClaimKeys current, PrintWriter out) throws SQLException {
        try (var statement = admin.createStatement(); var rows = statement.executeQuery(NEWEST)) {
            if (rows.next() && !current.ids().contains(rows.getString(1))) {
                throw new CommandException("the database has a newer key, " + rows.getString(1) + ", that is not in the worker's settings: "
                        + "these are the old settings; --retire needs the new ones");
            }
        }
        HardeningScript.installKeys(admin, current);
        out.println("The database knows no other key than " + String.join(", ", current.ids()) + ".");
    }
}
