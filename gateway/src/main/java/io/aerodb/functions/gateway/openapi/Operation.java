package io.aerodb.functions.gateway.openapi;

import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * One thing that can be called.
 *
 * @param path as in the document, with {@code {parameters}}
 * @param anyMethod whether it takes all methods, not only this one
 * @param subpaths whether it takes what follows its path behind a slash, too
 */
record Operation(String id, String path, HttpMethod method, boolean anyMethod, boolean subpaths) {

    /** What stands in a path word for word is meant before what a parameter may stand for. */
    static final Comparator<Operation> ROUTING_ORDER = Comparator.comparing(Operation::parameters, Operation::firstWordForWord);

    /** The path as the router writes it. */
    String route() {
        return path.replace("{", ":").replace("}", "");
    }

    private List<Boolean> parameters() {
        return Arrays.stream(path.split("/")).map(segment -> segment.startsWith("{")).toList();
    }

    private static int firstWordForWord(List<Boolean> one, List<Boolean> other) {
        for (var i = 0; i < Math.min(one.size(), other.size()); i++) {
            if (!one.get(i).equals(other.get(i))) {
                return one.get(i) ? 1 : -1;
            }
        }
        return Integer.compare(one.size(), other.size());
    }
}
