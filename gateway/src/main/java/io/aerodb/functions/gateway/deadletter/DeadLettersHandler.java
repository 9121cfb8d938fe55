package io.aerodb.functions.gateway.deadletter;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.invocation.DeadLetter;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.DeadLetterList.Cursor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Set;

/** {@code /functions/v1/dead-letters}: lists and discards them. */
public final class DeadLettersHandler {

    private final DeadLetterList letters;
    private final Authenticator authenticator;
    private final BlockingCalls threads;

    public DeadLettersHandler(DeadLetterList letters, Authenticator authenticator, BlockingCalls threads) {
        this.letters = letters;
        this.authenticator = authenticator;
        this.threads = threads;
    }

    public void register(Operations operations) {
        operations.handle("listDeadLetters", this::list);
        operations.handle("showDeadLetter", this::show);
        operations.handle("discardDeadLetter", this::discard);
    }

    private void list(RoutingContext context) {
        authenticator.service(context.request());
        var query = new QueryParameters(context.queryParams());
        query.allowOnly(Set.of("function", "limit", "after"));
        var function = query.text("function").map(FunctionName::new).orElse(null);
        var after = query.text("after").map(text -> LetterCursor.parse(text).orElseThrow(() ->
                new ProblemException(Problem.invalidRequest("the query parameter 'after' is not a cursor of ours")))).orElse(null);
        var search = new DeadLetterList.Search(function, after, query.limit());
        threads.answer(context, () -> letters.search(search), page -> Answers.json(context, 200, new JsonObject()
                .put("dead_letters", new JsonArray(page.stream().map(DeadLettersHandler::json).toList()))
                .put("next", page.size() < search.limit() ? null : LetterCursor.text(Cursor.at(page.getLast())))));
    }

    private void show(RoutingContext context) {
        authenticator.service(context.request());
        var id = id(context);
        threads.answer(context, () -> letters.find(id.partition(), id.offset()).orElseThrow(() -> notFound(id.toString())),
                letter -> Answers.json(context, 200, json(letter)));
    }

    private void discard(RoutingContext context) {
        authenticator.service(context.request());
        var id = id(context);
        threads.answer(context, () -> {
            if (!letters.discard(id.partition(), id.offset())) {
                throw notFound(id.toString());
            }
            return id;
        }, _ -> context.response().setStatusCode(204).end());
    }

    private static JsonObject json(DeadLetter letter) {
        return new JsonObject()
                .put("id", new DeadLetterId(letter.position().partition(), letter.position().offset()).toString())
                .put("created_at", letter.createdAt().toString())
                .put("reason", letter.reason())
                .put("attempts", letter.attempts())
                .put("invocation", Objects.toString(letter.invocation(), null))
                .put("accepted_at", Objects.toString(letter.acceptedAt(), null))
                .put("function", letter.function())
                .put("source", new JsonObject()
                        .put("topic", letter.source().topic())
                        .put("partition", letter.source().partition())
                        .put("offset", letter.source().offset()))
                .put("replayed_as", Objects.toString(letter.replayedAs(), null));
    }

    private static DeadLetterId id(RoutingContext context) {
        var text = context.pathParam("id");
        return DeadLetterId.parse(text).orElseThrow(() -> notFound(text));
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(Problem.deadLetterNotFound(id));
    }
}
