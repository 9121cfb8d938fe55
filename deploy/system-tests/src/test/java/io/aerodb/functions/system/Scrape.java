package io.aerodb.functions.system;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a service answered to {@code GET /metrics}.
 *
 * @param types of the metrics, by name
 */
record Scrape(Map<String, String> types, List<Sample> samples) {

    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    record Sample(String name, Map<String, String> labels, double value) {}

    static Scrape of(String text) {
        var types = new TreeMap<String, String>();
        var samples = new ArrayList<Sample>();
        text.lines().forEach(line -> {
            var type = TYPE.matcher(line);
            var sample = SAMPLE.matcher(line);
            if (type.matches()) {
                types.put(type.group(1), type.group(2));
            } else if (!line.startsWith("#") && sample.matches()) {
                samples.add(new Sample(sample.group(1), labels(sample.group(2)), value(sample.group(3))));
            } else if (!line.startsWith("#") && !line.isBlank()) {
                throw new AssertionError("no line that Prometheus could read: " + line);
            }
        });
        return new Scrape(types, samples);
    }

    /** Names of the labels that the samples of a metric have, with all that belongs to a histogram or a summary. */
    Set<String> labelsOf(String metric) {
        var names = Set.of(metric, metric + "_bucket", metric + "_count", metric + "_sum");
        return samples.stream().filter(sample -> names.contains(sample.name()))
                .flatMap(sample -> sample.labels().keySet().stream())
                .filter(label -> !label.equals("le") && !label.equals("service"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, String> labels(String text) {
        var labels = new HashMap<String, String>();
        if (text != null) {
            LABEL.matcher(text).results().forEach(label -> labels.put(label.group(1), label.group(2)));
        }
        return labels;
    }

    private static double value(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }
}
