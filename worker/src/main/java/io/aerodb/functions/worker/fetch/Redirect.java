package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.worker.wasm.HostError;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds out where an answer sends the client to. */
final class Redirect {

    private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);
    private static final Pattern ABSOLUTE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");

    private Redirect() {}

    /** @return empty if the answer is for the guest */
    static Optional<Target> of(ReceivedAnswer answer, Target from) throws FetchException {
        var locations = answer.headers().all("location");
        if (!STATUSES.contains(answer.status()) || locations.isEmpty()) {
            return Optional.empty();
        }
        if (locations.size() > 1) {
            throw denied(from, "to several places at once");
        }
        var location = encoded(locations.getFirst());
        Target next;
        try {
            next = Target.parse(ABSOLUTE.matcher(location).matches() ? location : resolved(location, from));
        } catch (FetchException e) {
            throw denied(from, "to a place that cannot be called: " + e.getMessage());
        }
        if (from.isSecure() && !next.isSecure()) {
            throw denied(from, "from https to http");
        }
        return Optional.of(next);
    }

    /** As RFC 3986 has it, for what is not absolute. */
    private static String resolved(String location, Target from) {
        if (location.startsWith("//")) {
            return (from.isSecure() ? "https:" : "http:") + location;
        }
        if (location.startsWith("/")) {
            return from.origin() + location;
        }
        var query = from.path().indexOf('?');
        var path = query < 0 ? from.path() : from.path().substring(0, query);
        if (location.startsWith("?")) {
            return from.origin() + path + location;
        }
        if (location.isEmpty() || location.startsWith("#")) {
            return from.origin() + from.path();
        }
        return from.origin() + withoutDots(path.substring(0, path.lastIndexOf('/') + 1) + location);
    }

    private static String withoutDots(String reference) {
        var end = endOfPath(reference);
        var segments = new ArrayDeque<String>();
        var names = reference.substring(1, end).split("/", -1);
        for (var i = 0; i < names.length; i++) {
            var isDots = names[i].equals(".") || names[i].equals("..");
            if (names[i].equals("..")) {
                segments.pollLast();
            }
            if (!isDots) {
                segments.add(names[i]);
            } else if (i == names.length - 1) {
                segments.add("");
            }
        }
        return "/" + String.join("/", segments) + reference.substring(end);
    }

    private static int endOfPath(String reference) {
        for (var i = 0; i < reference.length(); i++) {
            if (reference.charAt(i) == '?' || reference.charAt(i) == '#') {
                return i;
            }
        }
        return reference.length();
    }

    /** Many servers leave the encoding to the client. */
    private static String encoded(String location) {
        var encoded = new StringBuilder();
        location.strip().chars().forEach(character -> {
            if (Target.isUrlCharacter(character)) {
                encoded.append((char) character);
            } else {
                encoded.append('%').append("%02X".formatted(character & 0xFF));
            }
        });
        return encoded.toString();
    }

    private static FetchException denied(Target from, String where) {
        return new FetchException(HostError.DENIED, "the host '" + from.host() + "' redirects " + where);
    }
}
