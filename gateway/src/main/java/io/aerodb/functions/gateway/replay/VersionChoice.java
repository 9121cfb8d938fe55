package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import java.util.regex.Pattern;

/** Which version a request is to be run on again. */
sealed interface VersionChoice {

    Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    /** The one it ran on before. */
    record Recorded() implements VersionChoice {}

    /** The one that is active now. */
    record Active() implements VersionChoice {}

    record Numbered(int version) implements VersionChoice {}

    /** The parameter {@code version}. @throws ProblemException 400 if it is neither a number from 1 nor {@code active} */
    static VersionChoice of(QueryParameters query) {
        var text = query.text("version").orElse("");
        if (text.isEmpty()) {
            return new Recorded();
        }
        if (text.equals("active")) {
            return new Active();
        }
        if (!NUMBER.matcher(text).matches()) {
            throw new ProblemException(Problem.invalidRequest("the query parameter 'version' is neither an integer from 1 nor 'active'"));
        }
        return new Numbered(Integer.parseInt(text));
    }
}
