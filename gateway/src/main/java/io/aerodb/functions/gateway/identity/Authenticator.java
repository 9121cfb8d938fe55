package io.aerodb.functions.gateway.identity;

import io.aerodb.functions.admission.Caller;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Who sent a request. Nothing here waits; {@link #awaitKey} as the first handler saves the others from having to. */
public final class Authenticator {

    private static final String SCHEME = "bearer ";
    /** Requests that may be held back at once for a key; the others are told to try again. */
    private static final int MAX_WAITING = 1024;

    private final TokenVerifier verifier;
    private final AtomicInteger waiting = new AtomicInteger();

    public Authenticator(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    /**
     * The first handler of every route that asks who calls: holds back a request whose token names a key that must be fetched
     * first, for 3 s at most, and lets all others pass at once. It refuses nobody; that is for those who ask.
     */
    public void awaitKey(RoutingContext context) {
        var key = token(context.request()).flatMap(verifier::awaitedKey);
        if (key.isEmpty()) {
            context.next();
        } else if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            context.next();
        } else {
            await(key.get(), context);
        }
    }

    private void await(CompletionStage<Void> key, RoutingContext context) {
        context.request().pause();
        Future.fromCompletionStage(key, context.vertx().getOrCreateContext()).onComplete(_ -> {
            waiting.decrementAndGet();
            context.request().resume();
            context.next();
        });
    }

    /**
     * @throws ProblemException 401 without a valid token
     * @throws UnavailableException if the token's key can only come from the issuer, and that is away
     */
    public Identity caller(HttpServerRequest request) {
        var token = token(request).orElseThrow(() ->
                new ProblemException(Problem.unauthenticated("send the header 'Authorization: Bearer <token>'")));
        try {
            return verifier.verify(token);
        } catch (InvalidTokenException e) {
            throw new ProblemException(Problem.unauthenticated(e.getMessage()));
        }
    }

    /**
     * The caller where it proves who it is, else an anonymous one: for functions that are open to everybody, and stay so
     * while the issuer of tokens is away.
     */
    public Identity callerOrAnonymous(HttpServerRequest request) {
        var token = token(request);
        if (token.isEmpty()) {
            return Identity.ANONYMOUS;
        }
        try {
            return verifier.verify(token.get());
        } catch (InvalidTokenException | UnavailableException e) {
            return Identity.ANONYMOUS;
        }
    }

    /**
     * The caller of what is open to whoever was let in before: an anonymous one where there is no token at all.
     *
     * @throws ProblemException 401 with a token that is not valid
     * @throws UnavailableException as {@link #caller} does
     */
    public Identity callerOfToken(HttpServerRequest request) {
        return token(request).isEmpty() ? Identity.ANONYMOUS : caller(request);
    }

    /**
     * @throws ProblemException 401 without a valid token, 403 with one of another role
     * @throws UnavailableException as {@link #caller} does
     */
    public Identity service(HttpServerRequest request) {
        var caller = caller(request);
        if (caller.role() != Role.SERVICE) {
            throw new ProblemException(Problem.forbidden("this needs a token with the role service_role"));
        }
        return caller;
    }

    /** Whose calls those of a caller count with. */
    public static Caller counted(Identity caller, HttpServerRequest request) {
        var address = Optional.ofNullable(request.remoteAddress()).map(SocketAddress::hostAddress).orElse(""); // none if it is gone already
        return Caller.of(caller, address);
    }

    private static Optional<String> token(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader(HttpHeaders.AUTHORIZATION))
                .filter(header -> header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(header -> header.substring(SCHEME.length()).strip());
    }
}
