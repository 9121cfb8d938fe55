package io.aerodb.functions.gateway.backfill;

import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/** The body that asks for a backfill; it may be empty. */
final class BackfillBody {

    static final int DEFAULT_RATE = 100;
    static final int MAX_RATE = 5000;
    private static final String RATE = "rate";
    private static final int SHOWN_CHARS = 80;

    private BackfillBody() {}

    /**
     * @return rows a second
     * @throws ProblemException 400 naming the member that is wrong
     */
    static int rate(byte[] body) {
        if (body.length == 0) {
            return DEFAULT_RATE;
        }
        var json = json(body);
        json.fieldNames().stream().filter(name -> !name.equals(RATE)).findFirst().ifPresent(name -> {
            throw wrong("the member '" + (name.length() <= SHOWN_CHARS ? name : name.substring(0, SHOWN_CHARS) + "…") + "' is unknown; there is '" + RATE + "'");
        });
        return switch (json.getValue(RATE)) {
            case null -> DEFAULT_RATE;
            case Integer rate when rate >= 1 && rate <= MAX_RATE -> rate;
            default -> throw wrong("the member '" + RATE + "' is not an integer from 1 to " + MAX_RATE);
        };
    }

    private static JsonObject json(byte[] body) {
        try {
            return new JsonObject(Buffer.buffer(body));
        } catch (DecodeException | ClassCastException e) {
            throw wrong("send nothing, or a JSON object such as {\"rate\": 100}");
        }
    }

    private static ProblemException wrong(String what) {
        return new ProblemException(Problem.invalidRequest(what));
    }
}
