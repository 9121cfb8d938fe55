package io.aerodb.functions.benchmarks;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * The process that makes the load: takes one {@link Load} a line from standard input and answers with {@link Samples} on standard
 * output, until the input ends. Its arguments are the gateway's URL and Kafka's address; its first line is the token to call with.
 */
final class LoadGenerator {

    static final String PAYLOAD = "{\"name\":\"world\"}";

    private LoadGenerator() {}

    public static void main(String[] arguments) throws Exception {
        var results = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
        System.setOut(System.err); // whatever is logged must not stand among the results
        try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
                var http = new HttpLoad(URI.create(arguments[0]), lines.readLine());
                var kafka = new KafkaLoad(arguments[1])) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var load = Load.parse(line);
                (load.target() == Load.Target.KAFKA ? kafka.run(load) : http.run(load)).writeTo(results);
            }
        }
    }
}
