package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.Layout;
import io.aerodb.functions.launcher.LocalPlatform;
import io.aerodb.functions.system.Api.Part;
import io.aerodb.functions.worker.database.Finding;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database of {@code aerofn up}: functions can query it from the first start on. */
class DatabaseLocalPlatformIT {

    private static final String USER = "00000000-0000-4000-8000-00000000a11c";
    private static final String OTHER = "00000000-0000-4000-8000-000000000b0b";
    private static final String NOTES = "SELECT body FROM notes";

    @TempDir
    private Path directory;

    @Test
    void functionsQueryItAndGoOnAfterARestartOfADirectoryThatAnOlderVersionMade() throws Exception {
        String connection;
        try (var platform = start(new Told())) {
            connection = platform.connectionString();
            execute(connection, """
                    CREATE TABLE notes (owner uuid DEFAULT auth.uid(), body text);
                    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
                    CREATE POLICY own ON notes TO authenticated USING (owner = (SELECT auth.uid())) WITH CHECK (owner = (SELECT auth.uid()));
                    GRANT SELECT, INSERT ON notes TO authenticated;
                    """);
            assertEquals(201, deployQuery(platform).statusCode());
            assertTrue(query(platform, USER, "INSERT INTO notes (body) VALUES ('mine') RETURNING body").contains("mine"));
            assertTrue(query(platform, OTHER, NOTES).contains("\"rowCount\":0"));
            var doctor = AerofnCommand.run(Map.of(), "doctor", "--data-dir", directory.toString());
            assertEquals(0, doctor.status(), doctor.output());
        }
        forgetWhatOlderVersionsDidNotHave(directory.resolve("secrets.properties"));
        try (var platform = start(new Told())) {
            assertEquals(connection, platform.connectionString());
            assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(directory.resolve("secrets.properties")));
            assertTrue(query(platform, USER, NOTES).contains("mine"));
            assertTrue(query(platform, OTHER, NOTES).contains("\"rowCount\":0"));
        }
        var secrets = Files.readString(directory.resolve("secrets.properties"));
        try (var platform = start(new Told())) {
            assertEquals(secrets, Files.readString(directory.resolve("secrets.properties")));
            assertTrue(query(platform, USER, NOTES).contains("mine"));
        }
    }

    @Test
    void waitsUntilTheUserHasMendedWhatTheUserMade() throws Exception {
        try (var platform = start(new Told())) {
            execute(platform.connectionString(), """
                    CREATE TABLE notes (owner uuid, body text);
                    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
                    CREATE MATERIALIZED VIEW all_notes AS SELECT * FROM notes;
                    GRANT SELECT ON all_notes TO anon;
                    """);
        }
        var told = new Told();
        try (var _ = start(told)) {
            assertEquals(1, told.findings.size(), told.findings.toString());
            assertTrue(told.findings.getFirst().problem().contains("anon may read all_notes"), told.findings.toString());
        }
    }

    /** Mends what it is told of, as a user would in another terminal. */
    private static final class Told implements LocalPlatform.Progress {

        private final List<Finding> findings = new ArrayList<>();

        @Override
        public void started(String part, Duration took) {}

        @Override
        public void waitsUntilMended(List<Finding> found, String connectionString) {
            findings.addAll(found);
            try {
                for (var finding : found) {
                    execute(connectionString, finding.mend());
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private LocalPlatform start(Told told) throws InterruptedException {
        return LocalPlatform.start(directory, 0, Map.of(), Layout.TOGETHER, told);
    }

    private static void forgetWhatOlderVersionsDidNotHave(Path secrets) throws Exception {
        var values = new Properties();
        try (var reader = Files.newBufferedReader(secrets)) {
            values.load(reader);
        }
        assertTrue(values.keySet().removeIf(name -> name.toString().startsWith("guest.")));
        try (var writer = Files.newBufferedWriter(secrets)) {
            values.store(writer, null);
        }
    }

    private static HttpResponse<byte[]> deployQuery(LocalPlatform platform) {
        var api = new Api(platform.url());
        var body = Api.multipart(List.of(Part.field("name", "query"), Part.file("wasm", Functions.QUERY.getBytes(StandardCharsets.UTF_8))));
        return api.send(api.request("/functions/v1/deploy").header("Authorization", "Bearer " + platform.tokens().token(Role.SERVICE, null, Duration.ofMinutes(5)))
                .header("Content-Type", "multipart/form-data; boundary=the-boundary").POST(BodyPublishers.ofByteArray(body)));
    }

    private static String query(LocalPlatform platform, String subject, String sql) {
        var api = new Api(platform.url());
        var token = platform.tokens().token(Role.AUTHENTICATED, subject, Duration.ofMinutes(5));
        var response = api.send(api.request("/functions/v1/invoke/query").header("Authorization", "Bearer " + token).POST(BodyPublishers.ofString(sql)));
        assertEquals(200, response.statusCode(), () -> Api.text(response));
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static void execute(String connectionString, String sql) throws SQLException {
        var uri = URI.create(connectionString);
        var credentials = uri.getUserInfo().split(":", 2);
        try (var connection = DriverManager.getConnection("jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), credentials[0], credentials[1]);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
