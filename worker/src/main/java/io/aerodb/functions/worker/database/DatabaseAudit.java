package io.aerodb.functions.worker.database;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.worker.database.Finding.Layer;
import io.aerodb.functions.worker.database.wire.PostgresConnection;
import io.aerodb.functions.worker.database.wire.ServerErrorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks, as the guests' own roles, whether a live database has all that keeps guests inside their caller's rights. */
public final class DatabaseAudit {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseAudit.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    /** The catalogs of a database with very many objects take a while. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    private final GuestDatabaseSettings settings;
    private final List<Finding> findings = new ArrayList<>();

    private DatabaseAudit(GuestDatabaseSettings settings) {
        this.settings = settings;
    }

    /** Everything that is missing; empty if nothing is. @throws UnavailableException if the database is away */
    public static List<Finding> of(GuestDatabaseSettings settings) {
        try {
            return new DatabaseAudit(settings).run();
        } catch (IOException e) {
            throw new UnavailableException("postgres", e);
        }
    }

    /**
     * For a worker that is starting. Findings that the settings tolerate become warnings.
     *
     * @throws DatabaseNotHardenedException naming all others
     * @throws UnavailableException if the database is away
     */
    public static void require(GuestDatabaseSettings settings) {
        var refused = new ArrayList<Finding>();
        for (var finding : of(settings)) {
            if (finding.isOftenForbidden() && settings.toleratesMissingRevokes()) {
                LOG.atWarn().addKeyValue("mend", finding.mend()).log("the functions' database lacks a revoke: {}", finding.problem());
            } else {
                refused.add(finding);
            }
        }
        if (!refused.isEmpty()) {
            throw new DatabaseNotHardenedException(refused);
        }
    }

    private List<Finding> run() throws IOException {
        var catalogsAreRead = false;
        for (var role : Role.values()) {
            var password = Objects.requireNonNull(settings.passwords().get(role)).value();
            try (var connection = PostgresConnection.open(settings.address(), role.claim(), password, CONNECT_TIMEOUT)) {
                connection.limitReads(ANSWER_TIMEOUT);
                if (!catalogsAreRead) {
                    readCatalogs(connection);
                    catalogsAreRead = true;
                }
                checkBounds(connection, role);
                checkClaims(connection, role);
            } catch (ServerErrorException e) {
                if (!e.error().sqlState().startsWith("28")) {
                    throw e;
                }
                findings.add(new Finding(Layer.ROLES, "the worker cannot log in as " + role.claim() + ": " + e.error().message(),
                        "run 'aerofn database harden' if there is no such role, then ALTER ROLE " + role.claim()
                                + " LOGIN PASSWORD '…' with the password that the worker is given", false));
            }
        }
        if (!catalogsAreRead) {
            for (var layer : List.of(Layer.SERVER, Layer.REVOKES, Layer.CLAIMS, Layer.BOUNDS)) {
                findings.add(new Finding(layer, "could not be looked at, because no role can log in", "let the roles log in", false));
            }
        }
        return List.copyOf(findings);
    }

    private void readCatalogs(PostgresConnection connection) throws IOException {
        for (var row : connection.query(catalogQuery())) {
            findings.add(new Finding(Layer.valueOf(text(row, 0)), text(row, 1), text(row, 2), text(row, 3).equals("t")));
        }
    }

    private static String catalogQuery() {
        try (var in = Objects.requireNonNull(DatabaseAudit.class.getResourceAsStream("audit.sql"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).formatted(HardeningScript.forbiddenFunctions());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkBounds(PostgresConnection connection, Role role) throws IOException {
        if (text(connection.query("SHOW temp_file_limit").getFirst(), 0).equals("-1")) {
            findings.add(new Finding(Layer.BOUNDS, "the role " + role.claim() + " has no limit on temporary files",
                    "ALTER ROLE " + role.claim() + " SET temp_file_limit = '64MB'", true));
        }
    }

    /** Every key that the worker knows must be known to the database, and a signature by none of them must not count. */
    private void checkClaims(PostgresConnection connection, Role role) throws IOException {
        if (findings.stream().anyMatch(finding -> finding.layer() == Layer.CLAIMS)) {
            return;
        }
        var caller = new Identity(role, "audit", "{}");
        var stranger = new ClaimKeys.ClaimKey(settings.claimKeys().signing().id(), new byte[ClaimKeys.MIN_KEY_BYTES]);
        if (subject(connection, caller, stranger).equals("audit")) {
            findings.add(new Finding(Layer.CLAIMS, "auth.jwt() believes claims that nobody has signed", "run 'aerofn database harden'", false));
        }
        for (var key : settings.claimKeys().all()) {
            if (!subject(connection, caller, key).equals("audit")) {
                findings.add(new Finding(Layer.CLAIMS, "the database does not know the worker's key '" + key.id() + "'",
                        "install the worker's keys in aerodb_guest.claim_keys", false));
            }
        }
    }

    /** What {@code auth.jwt()} tells after claims were handed in that are signed with this key. */
    private static String subject(PostgresConnection connection, Identity caller, ClaimKeys.ClaimKey key) throws IOException {
        try {
            var challenge = Long.parseLong(text(connection.query("BEGIN; SELECT auth.challenge()").getFirst(), 0));
            connection.query("SELECT auth.enter('%s', '10s')".formatted(new ClaimsSigner(key).sign(caller, challenge)));
            return Objects.requireNonNullElse(connection.query("SELECT auth.jwt() ->> 'sub'").getFirst().getFirst(), "");
        } catch (ServerErrorException e) {
            return e.error().message();
        } finally {
            connection.query("ROLLBACK");
        }
    }

    private static String text(List<@Nullable String> row, int index) {
        return Objects.requireNonNull(row.get(index));
    }
}
