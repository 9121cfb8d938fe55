package io.aerodb.functions.worker.redaction;

import io.aerodb.functions.function.SensitiveKeys;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.Outcome;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Replaces the values of secrets in what functions log and in messages: as they are, encoded in base64, hexadecimal, for URLs or for
 * JSON, and also where they go on from one log line to the next. Values of fewer than 4 characters, and words such as {@code true}, stay:
 * they would make every log unreadable. Immutable and thread-safe.
 */
public final class Redactor {

    /** Of a function without secrets: changes nothing and costs nothing. */
    public static final Redactor NONE = new Redactor(Set.of());

    private final Set<Form> forms;
    private final FormIndex index;

    private Redactor(Set<Form> forms) {
        this.forms = Set.copyOf(forms);
        this.index = new FormIndex(forms);
    }

    public static Redactor of(Collection<String> values) {
        var forms = new HashSet<Form>();
        values.forEach(value -> forms.addAll(Forms.of(value)));
        return forms.isEmpty() ? NONE : new Redactor(forms);
    }

    /** All of it but the function's output, which is its own answer to its caller. */
    public Execution redact(Execution execution) {
        return forms.isEmpty() ? execution : new Execution(redact(execution.outcome()), execution.run(), execution.memoryPeakBytes(),
                redact(execution.log(), execution.logTruncated()), execution.logTruncated());
    }

    public String redact(String text) {
        return forms.isEmpty() ? text : shown(text, 0, text.length(), hidden(text, false));
    }

    /** @param cut whether the function logged more: then the last line may end within a secret */
    public List<LogLine> redact(List<LogLine> lines, boolean cut) {
        if (forms.isEmpty() || lines.isEmpty()) {
            return lines;
        }
        var text = new StringBuilder();
        lines.forEach(line -> text.append(line.message()));
        var hidden = hidden(text.toString(), cut);
        hideAcrossLineEnds(lines, cut, hidden);
        return hidden.isEmpty() ? lines : shown(lines, text, hidden);
    }

    /** Functions that print rather than log end each line with a line feed: without it the parts of a value follow each other. */
    private void hideAcrossLineEnds(List<LogLine> lines, boolean cut, BitSet hidden) {
        var stripped = new StringBuilder();
        lines.forEach(line -> stripped.append(line.message().strip()));
        if (stripped.length() == lines.stream().mapToInt(line -> line.message().length()).sum()) {
            return;
        }
        var positions = new int[stripped.length()];
        var next = 0;
        var start = 0;
        for (var line : lines) {
            var message = line.message();
            var leading = message.length() - message.stripLeading().length();
            var trimmed = message.strip().length();
            for (var i = 0; i < trimmed; i++) {
                positions[next++] = start + leading + i;
            }
            start += message.length();
        }
        var found = hidden(stripped.toString(), cut);
        for (var from = found.nextSetBit(0); from >= 0; ) {
            var to = found.nextClearBit(from);
            hidden.set(positions[from], positions[to - 1] + 1);
            from = found.nextSetBit(to);
        }
    }

    private BitSet hidden(String text, boolean cut) {
        var hidden = new BitSet(text.length());
        var hashes = new TextHash(text);
        index.hide(text, hashes, hidden);
        if (cut) {
            hidden.set(text.length() - beginningAtEnd(text, hashes), text.length());
        }
        return hidden;
    }

    /** How many characters at the end of the text are the beginning of a form. */
    private int beginningAtEnd(String text, TextHash hashes) {
        var longest = 0;
        for (var form : forms) {
            var hash = TextHash.EMPTY;
            var power = 1L;
            for (var length = 1; length <= Math.min(form.text().length(), text.length()); length++) {
                hash = TextHash.append(hash, form.text().charAt(length - 1));
                power = TextHash.nextPower(power);
                if (length >= Math.max(Forms.MIN_CHARS, longest) && hash == hashes.piece(text.length() - length, length, power)) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private Outcome redact(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Succeeded _ -> outcome;
            case Outcome.Failed(var failure, var message, var output) -> new Outcome.Failed(failure, redact(message), output);
            case Outcome.TimedOut(var message) -> new Outcome.TimedOut(redact(message));
            case Outcome.MemoryExceeded(var message) -> new Outcome.MemoryExceeded(redact(message));
            case Outcome.Rejected(var reason, var message) -> new Outcome.Rejected(reason, redact(message));
            case Outcome.Expired(var message) -> new Outcome.Expired(redact(message));
        };
    }

    private static List<LogLine> shown(List<LogLine> lines, CharSequence text, BitSet hidden) {
        var shown = new ArrayList<LogLine>(lines.size());
        var start = 0;
        for (var line : lines) {
            var end = start + line.message().length();
            var first = hidden.nextSetBit(start);
            shown.add(first < 0 || first >= end ? line : new LogLine(line.level(), line.offsetMillis(), shown(text, start, end, hidden)));
            start = end;
        }
        return shown;
    }

    private static String shown(CharSequence text, int start, int end, BitSet hidden) {
        var shown = new StringBuilder();
        for (var position = start; position < end; ) {
            var from = hidden.nextSetBit(position);
            if (from < 0 || from >= end) {
                return shown.append(text, position, end).toString();
            }
            shown.append(text, position, from).append(SensitiveKeys.REDACTED);
            position = hidden.nextClearBit(from);
        }
        return shown.toString();
    }

    /** Says nothing: what it knows is secret. */
    @Override
    public String toString() {
        return "Redactor";
    }
}
