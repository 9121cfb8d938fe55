package io.aerodb.functions.worker.database;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.worker.database.wire.PostgresAddress;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** A hardened database with a table of two owners' rows, and settings to query it as a guest. */
record GuestTestDatabase(TestDatabase database, GuestDatabaseSettings settings) {

    static final String ALICE = "00000000-0000-4000-8000-00000000a11c";
    static final String BOB = "00000000-0000-4000-8000-000000000b0b";
    static final Duration PLENTY = Duration.ofSeconds(30);
    static final String KEY = "k1:" + Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

    /** Roles are shared by all databases of a server, so the passwords have to be as well. */
    static final Map<Role, Secret> PASSWORDS = Map.of(
            Role.ANON, new Secret("anon's password"),
            Role.AUTHENTICATED, new Secret("authenticated's password"),
            Role.SERVICE, new Secret("service's password"));

    private static final String SCHEMA = """
            CREATE TABLE notes (id int PRIMARY KEY, owner uuid NOT NULL, body text NOT NULL DEFAULT '');
            INSERT INTO notes SELECT i, CASE WHEN i %% 2 = 0 THEN '%1$s' ELSE '%2$s' END::uuid, 'note ' || i FROM generate_series(1, 100) i;
            ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
            ALTER TABLE notes FORCE ROW LEVEL SECURITY;
            CREATE POLICY own ON notes TO authenticated
                USING (owner = (SELECT auth.uid())) WITH CHECK (owner = (SELECT auth.uid()));
            GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO authenticated;
            GRANT SELECT ON notes TO anon;
            """.formatted(ALICE, BOB);

    static GuestTestDatabase shared(int poolSize) {
        return on(TestPostgres.shared(), poolSize);
    }

    static GuestTestDatabase on(TestPostgres postgres, int poolSize) {
        var database = postgres.newDatabase();
        var address = PostgresAddress.parse(database.jdbcUrl());
        var keys = ClaimKeys.parse(new Secret(KEY));
        var settings = new GuestDatabaseSettings(address, PASSWORDS, keys, poolSize, 10_000, 6 << 20, false);
        var made = new GuestTestDatabase(database, settings);
        try (var admin = database.connectAsAdmin()) {
            HardeningScript.apply(admin);
            HardeningScript.setPasswords(admin, PASSWORDS);
            HardeningScript.installKeys(admin, keys);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        made.asOwner(SCHEMA);
        return made;
    }

    GuestDatabase open() {
        return open(new SimpleMeterRegistry());
    }

    GuestDatabase open(MeterRegistry metrics) {
        return new GuestDatabase(Optional.of(settings), metrics);
    }

    void asOwner(String sql) {
        try (var connection = database.connect(); var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void asAdmin(String sql) {
        try (var connection = database.connectAsAdmin(); var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static Identity user(String subject) {
        return new Identity(Role.AUTHENTICATED, subject, "{\"sub\":\"" + subject + "\",\"role\":\"authenticated\"}");
    }

    static Identity service() {
        return new Identity(Role.SERVICE, null, "{\"role\":\"service_role\"}");
    }

    static String text(QueryAnswer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    static byte[] json(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
