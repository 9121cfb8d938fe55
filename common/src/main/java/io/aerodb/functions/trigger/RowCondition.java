package io.aerodb.functions.trigger;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.common.values.NullValue;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A condition over a row before and after its change, {@code old} and {@code new}, in the Common Expression Language. SQL's
 * {@code and}, {@code or}, {@code not} and {@code <>} are taken as well. It has no side effects, knows nothing but the rows, and ends
 * soon whatever is written in it. Immutable and thread-safe.
 */
public final class RowCondition {

    private static final int MAX_CHARS = 2000;
    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .comprehensionMaxIterations(1000)
            .build();
    private static final String ROW = "row";
    private static final Cel UNTYPED = environment().addVar("old", SimpleType.DYN).addVar("new", SimpleType.DYN).build();

    /** Texts, which stay as they are; members, which may be named as they like; and what SQL spells otherwise. */
    private static final Pattern SPELLING = Pattern.compile(
            "'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|\\.\\s*\\w+|<>|(?i:\\b(?:and|or|not)\\b)");
    private static final Map<String, String> SPELLED = Map.of("<>", "!=", "and", "&&", "or", "||", "not", "!");

    private final CelRuntime.Program program;

    /** What values a column has, as far as conditions can tell. */
    public enum ColumnType {
        INTEGER(NullableType.create(SimpleType.INT)),
        NUMBER(NullableType.create(SimpleType.DOUBLE)),
        BOOLEAN(NullableType.create(SimpleType.BOOL)),
        /** Whatever has no type of its own here, in the text form of JSON. */
        TEXT(NullableType.create(SimpleType.STRING)),
        DOCUMENT(SimpleType.DYN),
        ARRAY(ListType.create(SimpleType.DYN));

        private final CelType type;

        ColumnType(CelType type) {
            this.type = type;
        }
    }

    private RowCondition(CelRuntime.Program program) {
        this.program = program;
    }

    /**
     * Reads a condition without knowing the columns.
     *
     * @throws IllegalArgumentException saying what is wrong, as the end of a sentence
     */
    public static RowCondition untyped(String text) {
        return compiled(UNTYPED, text);
    }

    /**
     * Holds a condition against a table's columns.
     *
     * @throws IllegalArgumentException naming the unknown column or the types that do not fit, as the end of a sentence
     */
    public static void check(String text, Map<String, ColumnType> columns) {
        var row = StructType.create(ROW, ImmutableSet.copyOf(columns.keySet()), name -> Optional.ofNullable(columns.get(name)).map(column -> column.type));
        compiled(environment()
                .setTypeProvider(new OneType(row))
                .addVar("old", StructTypeReference.create(ROW))
                .addVar("new", StructTypeReference.create(ROW))
                .build(), text);
    }

    /** What conditions see of one change; made once for all that are held against it. Immutable. */
    public static final class Rows {

        private final Map<String, Object> variables;

        /**
         * @param before null where there was no row
         * @param after null where there is none any more
         */
        public Rows(@Nullable Map<String, @Nullable Object> before, @Nullable Map<String, @Nullable Object> after) {
            this.variables = Map.of("old", withNulls(before), "new", withNulls(after));
        }
    }

    /** Whether it holds. As in SQL, one that cannot be told, for example because a column is null, does not. */
    public boolean holds(Rows rows) {
        try {
            return Boolean.TRUE.equals(program.eval(rows.variables));
        } catch (CelEvaluationException e) {
            return false;
        }
    }

    /** CEL has a value of its own for null. */
    private static Object withNulls(@Nullable Object value) {
        return switch (value) {
            case null -> NullValue.NULL_VALUE;
            case Map<?, ?> map -> {
                var copy = new HashMap<Object, Object>();
                map.forEach((key, member) -> copy.put(key, withNulls(member)));
                yield copy;
            }
            case List<?> list -> list.stream().map(RowCondition::withNulls).toList();
            default -> value;
        };
    }

    private static CelBuilder environment() {
        return CelFactory.standardCelBuilder().setOptions(OPTIONS).setStandardMacros(CelStandardMacro.STANDARD_MACROS).setResultType(SimpleType.BOOL);
    }

    private static RowCondition compiled(Cel environment, String text) {
        if (text.length() > MAX_CHARS) {
            throw new IllegalArgumentException("has " + text.length() + " characters, allowed are " + MAX_CHARS);
        }
        try {
            return new RowCondition(environment.createProgram(environment.compile(spelled(text)).getAst()));
        } catch (CelValidationException e) {
            throw new IllegalArgumentException("is no condition over the columns of old and new: " + explained(e), e);
        } catch (CelEvaluationException e) {
            throw new IllegalArgumentException("cannot be evaluated: " + e.getMessage(), e);
        }
    }

    private static String spelled(String text) {
        return SPELLING.matcher(text).replaceAll(RowCondition::spelled);
    }

    private static String spelled(MatchResult found) {
        return Matcher.quoteReplacement(SPELLED.getOrDefault(found.group().toLowerCase(Locale.ROOT), found.group()));
    }

    private static String explained(CelValidationException e) {
        return e.getErrors().stream().map(CelIssue::getMessage).distinct().limit(3).collect(Collectors.joining("; "));
    }

    private record OneType(StructType type) implements CelTypeProvider {

        @Override
        public ImmutableList<CelType> types() {
            return ImmutableList.copyOf(List.<CelType>of(type));
        }

        @Override
        public Optional<CelType> findType(String name) {
            return name.equals(type.name()) ? Optional.of(type) : Optional.empty();
        }
    }
}
