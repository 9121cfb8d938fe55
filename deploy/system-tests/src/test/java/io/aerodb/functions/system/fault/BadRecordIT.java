package io.aerodb.functions.system.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Records that nobody can read, or that somebody has forged, stand among good ones. */
@OnProcesses
class BadRecordIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private final Scale scale = Scale.chosen();

    @Test
    void putsThemAsideAndGoesOn(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.onlyWorker();
        api.deployed("nap", Programs.napping(5), "{}");
        try (var ledger = new Ledger(platform); var records = new Records(platform.kafka().bootstrap()); var load = new Load(api, "nap")) {
            load.burst(1);
            Awaitility.await().atMost(PATIENCE).until(() -> load.ended() == 1);
            var good = ledger.log().since(ledger.starts(), Ledger.INVOKE).getFirst();
            var partitions = ledger.log().ends(Ledger.INVOKE).size();
            load.perSecond(scale.perSecond());
            for (var partition = 0; partition < partitions; partition++) {
                records.send(new ProducerRecord<>(Ledger.INVOKE, partition, null, "no request at all".getBytes(StandardCharsets.UTF_8)));
                var forged = UUID.randomUUID().toString();
                ledger.forged(forged);
                records.send(Records.changed(good, partition, "ce_id", forged)); // under the seal of another request
            }
            var calls = load.goOn(scale.load().dividedBy(2)).stop();
            ledger.requireSuccess(calls);
            var letters = Awaitility.await().atMost(PATIENCE).until(
                    () -> ledger.log().since(ledger.starts(), Ledger.DEAD_LETTERS), found -> found.size() >= 2 * partitions);
            ledger.require(letters.size() == 2 * partitions, letters.size() + " dead letters for " + 2 * partitions + " bad records");
            ledger.require(letters.stream().noneMatch(letter -> Log.header(letter, "aerofn_reason").isEmpty()), "a dead letter without a reason");
            ledger.settle("undecodable and badly signed records in every partition", calls);
        }
    }

    @Test
    void readsWhatANewerVersionWrites(ProcessPlatform platform) throws Exception {
        var api = platform.api();
        platform.onlyWorker();
        api.deployed("nap", Programs.napping(5), "{}");
        try (var ledger = new Ledger(platform); var records = new Records(platform.kafka().bootstrap()); var load = new Load(api, "nap")) {
            load.burst(1);
            var sample = load.stop();
            var good = ledger.log().since(ledger.starts(), Ledger.INVOKE).getFirst();
            var id = UUID.randomUUID().toString();
            records.send(Records.sealed(Records.changed(Records.changed(good, 0, "ce_id", id), "ce_fromthefuture", "1")));

            var outcome = ledger.log().await(ledger.starts(), Ledger.INVOCATIONS, record -> Log.header(record, "ce_id").equals(id));
            var entry = new String(outcome.value(), StandardCharsets.UTF_8);
            var future = UUID.randomUUID().toString();
            var inventive = entry.replace(id, future).replaceFirst("\\{", "{\"fromTheFuture\": {\"a\": [1]}, ");
            records.send(new ProducerRecord<>(Ledger.INVOCATIONS, 0, null, inventive.getBytes(StandardCharsets.UTF_8)));
            var unheardOf = UUID.randomUUID().toString();
            records.send(new ProducerRecord<>(Ledger.INVOCATIONS, 0, null,
                    entry.replace(id, unheardOf).replace("\"succeeded\"", "\"teleported\"").getBytes(StandardCharsets.UTF_8)));

            Awaitility.await("the entry with an unknown member is a row").atMost(PATIENCE).until(() -> statuses(platform, future), List.of("succeeded")::equals);
            ledger.expect(future);
            var afterwards = new Load(api, "nap");
            try (afterwards) {
                var calls = Stream.of(sample, afterwards.burst(scale.burst()).stop()).flatMap(List::stream).toList();
                ledger.requireSuccess(calls);
                ledger.settle("records with attributes, members and a status of a newer version", calls);
            }
            assertEquals(List.of("succeeded"), statuses(platform, id));
        }
    }

    private static List<String> statuses(ProcessPlatform platform, String id) {
        return platform.query("SELECT status FROM aerodb.function_invocations WHERE id = ?::uuid", id);
    }
}
