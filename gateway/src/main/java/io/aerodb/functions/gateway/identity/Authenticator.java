package io.aerodb.functions.gateway.identity;

import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/** Who sent a request. */
public final class Authenticator {

    private static final String SCHEME = "bearer ";

    private final TokenVerifier verifier;

    public Authenticator(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    /** @throws ProblemException 401 without a valid token */
    public Identity caller(HttpServerRequest request) {
        var token = token(request).orElseThrow(() ->
                new ProblemException(Problem.unauthenticated("send the header 'Authorization: Bearer <token>'")));
        try {
            return verifier.verify(token);
        } catch (InvalidTokenException e) {
            throw new ProblemException(Problem.unauthenticated(e.getMessage()));
        }
    }

    /** The caller where it proves who it is, else an anonymous one: for functions that are open to everybody. */
    public Identity callerOrAnonymous(HttpServerRequest request) {
        var token = token(request);
        if (token.isEmpty()) {
            return Identity.ANONYMOUS;
        }
        try {
            return verifier.verify(token.get());
        } catch (InvalidTokenException e) {
            return Identity.ANONYMOUS;
        }
    }

    /** @throws ProblemException 401 without a valid token, 403 with one of another role */
    public Identity service(HttpServerRequest request) {
        var caller = caller(request);
        if (caller.role() != Role.SERVICE) {
            throw new ProblemException(Problem.forbidden("this needs a token with the role service_role"));
        }
        return caller;
    }

    private static Optional<String> token(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader(HttpHeaders.AUTHORIZATION))
                .filter(header -> header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(header -> header.substring(SCHEME.length()).strip());
    }
}
