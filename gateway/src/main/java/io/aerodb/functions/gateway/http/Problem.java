package io.aerodb.functions.gateway.http;

import io.aerodb.functions.invocation.InvocationId;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An answer that tells what went wrong, as {@code application/problem+json} (RFC 9457).
 *
 * @param code stable, for programs
 * @param detail one sentence for people
 * @param invocation which invocation it is about, or null
 * @param output what the function wrote before it gave up, or null
 * @param retryAfterSeconds when to try again, or 0
 */
public record Problem(
        int status, String code, String title, String detail, @Nullable InvocationId invocation, byte @Nullable [] output, int retryAfterSeconds) {

    public static final String CONTENT_TYPE = "application/problem+json";
    public static final String INVALID_SIGNATURE = "invalid_signature";
    private static final int MAX_OUTPUT_BYTES = 64 * 1024;

    private static Problem of(int status, String code, String title, String detail) {
        return new Problem(status, code, title, detail, null, null, 0);
    }

    public static Problem invalidRequest(String detail) {
        return of(400, "invalid_request", "The request is wrong", detail);
    }

    public static Problem unauthenticated(String detail) {
        return of(401, "unauthenticated", "A valid token is needed", detail);
    }

    /** A webhook that no sender of the function has signed, as far as can be told. */
    public static Problem invalidSignature(String detail) {
        return of(401, INVALID_SIGNATURE, "A valid signature is needed", detail);
    }

    /** How to do better with a 401: the value of {@code WWW-Authenticate}; empty for other answers. */
    public Optional<String> challenge() {
        return status != 401 ? Optional.empty() : Optional.of(code.equals(INVALID_SIGNATURE) ? "Signature" : "Bearer");
    }

    public static Problem forbidden(String detail) {
        return of(403, "forbidden", "This token may not do that", detail);
    }

    public static Problem notFound(String path) {
        return of(404, "not_found", "There is nothing here", "no operation is at " + path);
    }

    public static Problem functionNotFound(String name) {
        return of(404, "function_not_found", "No such function", "there is no function '" + name + "', or it is disabled");
    }

    public static Problem secretNotFound(String function, String key) {
        return of(404, "secret_not_found", "No such secret", "the function '" + function + "' has no secret '" + key + "'");
    }

    public static Problem methodNotAllowed(String method) {
        return of(405, "method_not_allowed", "This method is not allowed here", method + " is not allowed here");
    }

    public static Problem requestTimeout(Duration limit) {
        return of(408, "request_timeout", "The request was sent too slowly", "its body has to be here within " + limit.toMillis() + " ms");
    }

    public static Problem payloadTooLarge(long limitBytes) {
        return of(413, "payload_too_large", "The payload is too large", "at most " + limitBytes + " bytes are accepted");
    }

    public static Problem unsupportedMediaType(String detail) {
        return of(415, "unsupported_media_type", "This content type is not understood here", detail);
    }

    public static Problem headersTooLarge() {
        return of(431, "headers_too_large", "The request's headers are too large", "shorten the path or the headers");
    }

    public static Problem uriTooLong() {
        return of(414, "uri_too_long", "The request's path is too long", "shorten the path or the query");
    }

    public static Problem tooManyRequests(String detail) {
        return new Problem(429, "too_many_requests", "Too many requests", detail, null, null, 1);
    }

    public static Problem circuitOpen(String detail) {
        return new Problem(503, "circuit_open", "The function is not called for now", detail, null, null, 1);
    }

    public static Problem unavailable(String detail) {
        return new Problem(503, "unavailable", "Unavailable for now", detail, null, null, 1);
    }

    /** Missing, or not for this caller to see. */
    public static Problem invocationNotFound(String id) {
        return of(404, "invocation_not_found", "No such invocation", "there is no invocation '" + shortened(id)
                + "' that this token may see; a synchronous call is listed once it has ended");
    }

    public static Problem deadLetterNotFound(String id) {
        return of(404, "dead_letter_not_found", "No such dead letter", "there is no dead letter '" + shortened(id) + "'");
    }

    public static Problem replayNotFound(String id) {
        return of(404, "replay_not_found", "No such replay", "there is no bulk replay '" + shortened(id) + "'");
    }

    public static Problem triggerNotFound(String function, String id) {
        return of(404, "trigger_not_found", "No such trigger", "the function '" + function + "' has no database trigger '" + shortened(id)
                + "'; GET /functions/v1/" + function + " shows its triggers with their ids, which change when they do");
    }

    public static Problem backfillNotFound(String function, String id) {
        return of(404, "backfill_not_found", "No such backfill", "the function '" + function + "' has no backfill '" + shortened(id) + "'");
    }

    public static Problem versionNotFound(String function, String version) {
        return of(404, "version_not_found", "No such version", "the function '" + function + "' has no version " + version
                + "; '?version=active' runs the one that is active now");
    }

    public static Problem noSuchVersion(String function, String version) {
        return of(404, "version_not_found", "No such version", "the function '" + function + "' has no version '" + shortened(version)
                + "'; GET /functions/v1/" + function + "/versions lists those that it has");
    }

    /** What is to be changed is no longer what the client knows. */
    public static Problem conflict(String detail) {
        return of(409, "conflict", "It has changed meanwhile", detail);
    }

    public static Problem backfillRunning(UUID id) {
        return of(409, "backfill_running", "A backfill of this trigger runs", "the backfill '" + id + "' of this trigger runs; cancel it, or wait for its end");
    }

    /** The rows of a trigger's table cannot be told as things are. */
    public static Problem cannotBackfill(String detail) {
        return of(409, "cannot_backfill", "The rows cannot be told", detail);
    }

    /** The first request under an idempotency key, or the invocation whose result is asked for, has not ended. */
    public static Problem inProgress() {
        return of(409, "in_progress", "It has not ended yet", "the invocation has not ended yet; ask again later").retryAfter(1);
    }

    public static Problem alreadyStarted() {
        return of(409, "already_started", "It has started", "a worker has started the invocation, so it can no longer be cancelled");
    }

    public static Problem alreadyEnded(String status) {
        return of(409, "already_ended", "It has ended", "it has ended before, as '" + status + "'");
    }

    /** The answer of an invocation that was called off. */
    public static Problem cancelled() {
        return of(409, "cancelled", "The invocation was cancelled", "it was cancelled before it started, so there is no result");
    }

    public static Problem resultGone() {
        return of(410, "result_gone", "The result is no longer kept", "the invocation has ended, but its output is no longer kept");
    }

    public static Problem requestGone() {
        return of(410, "request_gone", "The request is no longer kept", "the request is no longer on the log, so it cannot be run again");
    }

    public static Problem idempotencyKeyReused() {
        return of(422, "idempotency_key_reused", "The idempotency key belongs to another request",
                "this Idempotency-Key came with another method, path, query or body before; use a new key for a new request");
    }

    /** A defect of ours: what it was stands in our log, not in the answer. */
    public static Problem internal() {
        return of(500, "internal_error", "Something broke on our side", "the error has been logged");
    }

    /** A deployment that breaks a rule. @param code one of the table of the HTTP API */
    public static Problem invalidFunction(String code, String detail) {
        return switch (code) {
            case "wasm_too_large" -> of(413, code, "The module is too large", detail);
            case "secrets_not_configured" -> of(503, code, "Secrets are not set up", detail);
            case "module_rejected" -> of(422, code, "The module breaks a rule", detail);
            default -> of(400, code, "The function is not accepted", detail);
        };
    }

    /** An invocation that did not succeed. */
    public static Problem invocation(int status, String code, String title, String detail) {
        return of(status, code, title, detail);
    }

    public Problem about(InvocationId id) {
        return new Problem(status, code, title, detail, id, output, retryAfterSeconds);
    }

    public Problem withOutput(byte[] written) {
        return new Problem(status, code, title, detail, invocation, written.length == 0 ? null : written, retryAfterSeconds);
    }

    public Problem retryAfter(int seconds) {
        return new Problem(status, code, title, detail, invocation, output, seconds);
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    public JsonObject toJson() {
        var json = new JsonObject()
                .put("type", "urn:aerodb:functions:problem:" + code)
                .put("title", title)
                .put("status", status)
                .put("detail", detail)
                .put("code", code);
        if (invocation != null) {
            json.put("invocation_id", invocation.toString());
        }
        shownOutput().ifPresent(text -> json.put("output", text));
        return json;
    }

    private Optional<String> shownOutput() {
        return output == null ? Optional.empty()
                : Optional.of(new String(output, 0, Math.min(output.length, MAX_OUTPUT_BYTES), StandardCharsets.UTF_8));
    }
}
