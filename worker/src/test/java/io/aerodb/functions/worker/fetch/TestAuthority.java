package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate authority of the tests' own, by the keytool of the JDK that runs them. */
final class TestAuthority {

    private static final String PASSWORD = "changeit";

    private final Path store;
    private final List<X509Certificate> certificates;

    TestAuthority(Path directory) throws Exception {
        store = directory.resolve("authority.p12");
        keytool("-genkeypair", "-alias", "authority", "-dname", "CN=Test authority", "-ext", "bc:c");
        try (var stream = Files.newInputStream(store)) {
            var keys = KeyStore.getInstance("PKCS12");
            keys.load(stream, PASSWORD.toCharArray());
            certificates = List.of((X509Certificate) keys.getCertificate("authority"));
        }
    }

    List<X509Certificate> certificates() {
        return certificates;
    }

    /** @param subjectAlternativeName such as {@code dns:a.example} */
    HttpServerOptions serving(String subjectAlternativeName) throws Exception {
        var alias = "server-" + subjectAlternativeName.hashCode();
        keytool("-genkeypair", "-alias", alias, "-signer", "authority", "-dname", "CN=Server", "-ext", "san=" + subjectAlternativeName);
        return new HttpServerOptions()
                .setHost("127.0.0.1")
                .setSsl(true)
                .setSni(true)
                .setUseAlpn(true)
                .setKeyCertOptions(new PfxOptions().setPath(store.toString()).setPassword(PASSWORD).setAlias(alias).setAliasPassword(PASSWORD));
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keyalg", "EC", "-validity", "2", "-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "keytool does not end");
        assertEquals(0, process.exitValue(), output);
    }
}
