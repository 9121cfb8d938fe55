package io.aerodb.functions.worker.database;

import io.aerodb.functions.worker.database.wire.PostgresConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The types of one database. Those that its users made are asked for once and then remembered for a minute: they may be altered.
 * Thread-safe.
 */
final class TypeCatalog {

    private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MAX_REMEMBERED = 10_000;

    private static final String TYPES = """
            SELECT t.oid, t.typtype, e.oid, e.typdelim, t.typbasetype, t.typrelid
            FROM pg_catalog.pg_type t
            LEFT JOIN pg_catalog.pg_type e
              ON e.oid = t.typelem AND t.typsubscript = 'pg_catalog.array_subscript_handler'::pg_catalog.regproc
            WHERE t.oid IN (%s)""";
    private static final String FIELDS = """
            SELECT attrelid, attname, atttypid FROM pg_catalog.pg_attribute
            WHERE attrelid IN (%s) AND attnum > 0 AND NOT attisdropped ORDER BY attrelid, attnum""";

    private final Map<Integer, Remembered> remembered = new ConcurrentHashMap<>();

    private record Remembered(JsonType type, long since) {}

    private record Row(String kind, @Nullable Integer element, char delimiter, int base, int relation) {}

    private record Attribute(String name, int type) {}

    private Optional<JsonType> find(int oid) {
        var builtIn = BuiltInTypes.BY_OID.get(oid);
        if (builtIn != null) {
            return Optional.of(builtIn);
        }
        var found = remembered.get(oid);
        return found == null || System.nanoTime() - found.since() > KEPT_NANOS ? Optional.empty() : Optional.of(found.type());
    }

    /** All of them, or nothing if one is not known. */
    Optional<List<JsonType>> find(List<Integer> oids) {
        var found = new ArrayList<JsonType>(oids.size());
        for (var oid : oids) {
            var type = find(oid);
            if (type.isEmpty()) {
                return Optional.empty();
            }
            found.add(type.get());
        }
        return Optional.of(found);
    }

    /** All of them, asking over this connection for those that are not known. */
    List<JsonType> resolve(List<Integer> oids, PostgresConnection connection) throws IOException {
        var known = find(oids);
        if (known.isPresent()) {
            return known.get();
        }
        load(oids, connection);
        return oids.stream().map(oid -> find(oid).orElse(JsonType.Scalar.TEXT)).toList();
    }

    private void load(Collection<Integer> wanted, PostgresConnection connection) throws IOException {
        var rows = new HashMap<Integer, Row>();
        var attributes = new HashMap<Integer, List<Attribute>>();
        Set<Integer> missing = unknown(wanted);
        while (!missing.isEmpty()) {
            var parts = new HashSet<Integer>();
            for (var row : rows(connection, missing, rows)) {
                parts.add(Objects.requireNonNullElse(row.element(), row.base()));
            }
            var relations = missing.stream().map(rows::get).filter(Objects::nonNull).map(Row::relation)
                    .filter(relation -> relation != 0).collect(Collectors.toSet());
            if (!relations.isEmpty()) {
                for (var row : connection.query(FIELDS.formatted(list(relations)))) {
                    var attribute = new Attribute(text(row, 1), number(row, 2));
                    attributes.computeIfAbsent(number(row, 0), _ -> new ArrayList<>()).add(attribute);
                    parts.add(attribute.type());
                }
            }
            missing = unknown(parts);
            missing.remove(0);
            missing.removeAll(rows.keySet());
        }
        if (remembered.size() > MAX_REMEMBERED) {
            remembered.clear();
        }
        var now = System.nanoTime();
        rows.keySet().forEach(oid -> remembered.put(oid, new Remembered(build(oid, rows, attributes), now)));
    }

    private static List<Row> rows(PostgresConnection connection, Set<Integer> oids, Map<Integer, Row> into) throws IOException {
        var found = new ArrayList<Row>();
        for (var row : connection.query(TYPES.formatted(list(oids)))) {
            var isArray = row.get(2) != null;
            var type = new Row(text(row, 1), isArray ? number(row, 2) : null, isArray ? text(row, 3).charAt(0) : ',',
                    number(row, 4), number(row, 5));
            into.put(number(row, 0), type);
            found.add(type);
        }
        return found;
    }

    private JsonType build(int oid, Map<Integer, Row> rows, Map<Integer, List<Attribute>> attributes) {
        var row = rows.get(oid);
        if (row == null) {
            return find(oid).orElse(JsonType.Scalar.TEXT);
        }
        if (row.element() != null) {
            return new JsonType.ArrayOf(build(row.element(), rows, attributes), row.delimiter());
        }
        return switch (row.kind()) {
            case "d" -> build(row.base(), rows, attributes);
            case "c" -> new JsonType.Composite(attributes.getOrDefault(row.relation(), List.of()).stream()
                    .map(attribute -> JsonType.Field.named(attribute.name(), build(attribute.type(), rows, attributes)))
                    .toList());
            default -> JsonType.Scalar.TEXT;
        };
    }

    private Set<Integer> unknown(Collection<Integer> oids) {
        return oids.stream().filter(oid -> find(oid).isEmpty()).collect(Collectors.toCollection(HashSet::new));
    }

    private static String list(Set<Integer> oids) {
        return oids.stream().map(Integer::toUnsignedString).collect(Collectors.joining(","));
    }

    private static String text(List<@Nullable String> row, int index) {
        return Objects.requireNonNull(row.get(index));
    }

    private static int number(List<@Nullable String> row, int index) {
        return Integer.parseUnsignedInt(text(row, index));
    }
}
