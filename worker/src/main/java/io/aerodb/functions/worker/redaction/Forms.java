package io.aerodb.functions.worker.redaction;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The ways in which a value may be written: plain, or encoded as base64, hexadecimal, for a URL, or in JSON. */
final class Forms {

    /** What is shorter is in every log by chance: it cannot be told from ordinary text. */
    static final int MIN_CHARS = 4;

    /** A line of a longer value, such as a key in PEM, is looked for by itself if it has so many characters. */
    private static final int MIN_LINE_CHARS = 8;
    /** Values that say yes, no or nothing, whatever their variable is called. */
    private static final Set<String> ORDINARY = Set.of("true", "false", "null", "none");

    private static final Pattern ESCAPE = Pattern.compile("%[0-9A-F]{2}");

    private Forms() {}

    /** @return none for a value that is too short or too ordinary to be looked for */
    static Set<Form> of(String value) {
        var forms = new LinkedHashSet<Form>();
        addText(forms, value);
        addText(forms, value.strip());
        if (value.strip().lines().count() > 1) {
            value.lines().map(String::strip).filter(line -> line.length() >= MIN_LINE_CHARS).forEach(line -> addText(forms, line));
        }
        return forms;
    }

    private static void addText(Set<Form> forms, String text) {
        if (text.length() < MIN_CHARS || text.isBlank() || ORDINARY.contains(text.toLowerCase(Locale.ROOT))) {
            return;
        }
        forms.add(Form.exactly(text));
        json(text).forEach(escaped -> forms.add(Form.exactly(escaped)));
        url(text).forEach(escaped -> forms.add(Form.exactly(escaped)));
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        forms.add(Form.exactly(HexFormat.of().formatHex(bytes)));
        forms.add(Form.exactly(HexFormat.of().withUpperCase().formatHex(bytes)));
        for (var before = 0; before < 3; before++) {
            forms.add(base64(Base64.getEncoder(), bytes, before));
            forms.add(base64(Base64.getUrlEncoder(), bytes, before));
        }
    }

    /**
     * The characters that depend on nothing but the value, whatever stands around it in a longer text.
     *
     * @param before how many bytes of a group of three stand before it
     */
    private static Form base64(Base64.Encoder encoder, byte[] bytes, int before) {
        var padded = new byte[before + bytes.length];
        System.arraycopy(bytes, 0, padded, before, bytes.length);
        var bits = padded.length * 8;
        var text = encoder.encodeToString(padded).substring((before * 8 + 5) / 6, bits / 6);
        return new Form(text, before > 0, bits % 6 != 0);
    }

    private static List<String> json(String text) {
        var quoted = new String(JsonStringEncoder.getInstance().quoteAsString(text));
        return List.of(quoted, quoted.replace("/", "\\/"), ascii(quoted, "\\u%04x"), ascii(quoted, "\\u%04X"));
    }

    private static String ascii(String text, String escape) {
        return text.chars().mapToObj(unit -> unit < 128 ? String.valueOf((char) unit) : escape.formatted(unit)).collect(Collectors.joining());
    }

    /** As forms, as RFC 3986, and as JavaScript's functions do it, each with capital and with small digits. */
    private static Set<String> url(String text) {
        var form = URLEncoder.encode(text, StandardCharsets.UTF_8);
        var spaces = form.replace("+", "%20");
        var rfc = spaces.replace("*", "%2A").replace("%7E", "~");
        var component = spaces.replace("%7E", "~").replace("%21", "!").replace("%27", "'").replace("%28", "(").replace("%29", ")");
        return List.of(form, spaces, rfc, component, component.replace("%2F", "/")).stream()
                .flatMap(encoded -> List.of(encoded, ESCAPE.matcher(encoded).replaceAll(found -> found.group().toLowerCase(Locale.ROOT))).stream())
                .collect(Collectors.toSet());
    }
}
