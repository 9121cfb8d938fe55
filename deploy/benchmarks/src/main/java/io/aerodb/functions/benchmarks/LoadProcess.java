package io.aerodb.functions.benchmarks;

import java.io.BufferedInputStream;
import java.io.BufferedWriter;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A {@link LoadGenerator} as a process of its own, so that its processor time is not taken for the platform's. */
final class LoadProcess implements AutoCloseable {

    private final Process process;
    private final Writer loads;
    private final DataInputStream results;

    LoadProcess(URI gateway, String token, String kafkaBootstrap) throws IOException {
        process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                LoadGenerator.class.getName(), gateway.toString(), kafkaBootstrap)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        loads = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII));
        results = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
        writeLine(token);
    }

    /** Returns when all its calls have ended; throws where one has not ended well. */
    Samples run(Load load) throws IOException {
        writeLine(load.line());
        return Samples.readFrom(results);
    }

    long pid() {
        return process.pid();
    }

    private void writeLine(String line) throws IOException {
        loads.write(line + "\n");
        loads.flush();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        loads.close();
        process.waitFor();
    }
}
