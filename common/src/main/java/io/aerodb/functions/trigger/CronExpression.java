package io.aerodb.functions.trigger;

import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Times of a wall clock that recur: the classic five fields, six with the seconds first, or a name such as {@code @daily}. Knows no
 * time zones. Immutable and thread-safe.
 */
public final class CronExpression {

    private static final Map<String, String> NAMED = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");
    private static final List<Field> FIELDS = List.of(
            new Field("second", "0 to 59"),
            new Field("minute", "0 to 59"),
            new Field("hour", "0 to 23"),
            new Field("day of the month", "1 to 31"),
            new Field("month", "1 to 12, or JAN to DEC"),
            new Field("day of the week", "0 to 7 for Sunday to Sunday, or MON to SUN"));
    private static final int HOUR = 2;
    private static final int MAX_CHARS = 200;
    private static final CronParser PARSER = new CronParser(definition());
    private static final LocalDateTime SOME_MIDNIGHT = LocalDateTime.of(2000, 1, 1, 0, 0);

    private final ExecutionTime times;
    private final String hours;
    /** Not known until it is asked for; every thread would find out the same. */
    private volatile @Nullable Boolean everyHour;

    private record Field(String name, String values) {}

    private CronExpression(List<String> fields) {
        times = times(fields);
        hours = fields.get(HOUR);
    }

    /** @throws IllegalArgumentException saying what is wrong with which field, as the end of a sentence */
    public static CronExpression parse(String text) {
        if (text.length() > MAX_CHARS) {
            throw new IllegalArgumentException("has " + text.length() + " characters, allowed are " + MAX_CHARS);
        }
        var fields = fields(text.strip());
        try {
            return new CronExpression(fields);
        } catch (IllegalArgumentException e) {
            for (var i = 0; i < FIELDS.size(); i++) {
                check(i, fields.get(i));
            }
            throw e;
        }
    }

    /** The first time after this one, to the second; empty if there is none, as for the 30th of February. */
    public Optional<LocalDateTime> next(LocalDateTime after) {
        return times.nextExecution(after.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneOffset.UTC)).map(time -> time.toLocalDateTime());
    }

    /** Whether it leaves out no hour of the day. Takes a while the first time. */
    public boolean isEveryHour() {
        var known = everyHour;
        if (known == null) {
            var before = SOME_MIDNIGHT.minusSeconds(1).atZone(ZoneOffset.UTC);
            known = times(List.of("0", "0", hours, "*", "*", "*")).countExecutions(before, before.plusDays(1)) == 24;
            everyHour = known;
        }
        return known;
    }

    private static List<String> fields(String text) {
        var plain = text.startsWith("@") ? named(text) : text;
        var fields = new ArrayList<>(Arrays.asList(plain.split("\\s+")));
        if (fields.size() == FIELDS.size() - 1) {
            fields.addFirst("0");
        }
        if (plain.isEmpty() || fields.size() != FIELDS.size()) {
            throw new IllegalArgumentException("has " + (plain.isEmpty() ? 0 : fields.size())
                    + " fields, needed are 5 (minute, hour, day of the month, month, day of the week) or 6 (with the second before them)");
        }
        return fields;
    }

    private static String named(String name) {
        var plain = NAMED.get(name.toLowerCase(Locale.ROOT));
        if (plain == null) {
            throw new IllegalArgumentException("is the unknown name '" + name + "', known are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually");
        }
        return plain;
    }

    /** By itself, so that a refusal can name it. */
    private static void check(int index, String value) {
        var alone = new ArrayList<>(Collections.nCopies(FIELDS.size(), "*"));
        alone.set(index, value);
        try {
            times(alone);
        } catch (IllegalArgumentException e) {
            var field = FIELDS.get(index);
            throw new IllegalArgumentException("has '" + value + "' as " + field.name() + ": use " + field.values()
                    + ", with * for all, - for a range, / for a step and commas between them", e);
        }
    }

    private static ExecutionTime times(List<String> fields) {
        return ExecutionTime.forCron(PARSER.parse(String.join(" ", fields)));
    }

    private static CronDefinition definition() {
        return CronDefinitionBuilder.defineCron()
                .withSeconds().withStrictRange().and()
                .withMinutes().withStrictRange().and()
                .withHours().withStrictRange().and()
                .withDayOfMonth().withStrictRange().and()
                .withMonth().withStrictRange().and()
                .withDayOfWeek().withValidRange(0, 7).withMondayDoWValue(1).withIntMapping(7, 0).withStrictRange().and()
                .instance();
    }
}
