package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.cli.Aerofn;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The alerts, the runbook and the dashboard fit each other. That they fit running services tells {@link ObservabilityIT}. */
class ObservabilityFilesTest {

    private static final Set<String> SEVERITIES = Set.of("critical", "warning", "info");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]*)(?:#([^)]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("^## (.+)$", Pattern.MULTILINE);

    private final String runbook = Repository.read("docs/runbook.md");

    @Test
    void everyAlertSaysHowBadItIsAndWhereItIsExplained() {
        for (var alert : Alert.all()) {
            assertTrue(SEVERITIES.contains(alert.labels().getOrDefault("severity", "")), alert::toString);
            assertFalse(alert.annotations().getOrDefault("summary", "").isBlank(), alert::toString);
            assertFalse(alert.annotations().getOrDefault("description", "").isBlank(), alert::toString);
            assertTrue(alert.pending() == null || alert.pending().matches("[1-9][0-9]*[smh]"), alert::toString);
            assertEquals("docs/runbook.md#" + alert.name().toLowerCase(Locale.ROOT), alert.annotations().get("runbook_url"));
        }
    }

    @Test
    void theRunbookHasOneSectionForEveryAlertInTheirOrder() {
        var sections = HEADING.matcher(runbook).results().map(heading -> heading.group(1)).toList();
        assertEquals(String.join("\n", Alert.all().stream().map(Alert::name).toList()), String.join("\n", sections));
        for (var alert : Alert.all()) {
            var section = runbook.split("\n## " + alert.name() + "\n")[1].split("\n## ")[0];
            assertTrue(section.contains("\n`" + alert.labels().get("severity") + "`. "), () -> "another severity: " + section);
            assertTrue(section.contains("\nLook:\n") && section.contains("\nDo:\n"), section);
        }
    }

    @Test
    void whatIsLinkedIsThere() {
        for (var document : List.of("docs/runbook.md", "docs/observability.md")) {
            LINK.matcher(Repository.read(document)).results().filter(link -> !link.group(1).contains("://")).forEach(link -> {
                var target = link.group(1).isEmpty() ? document : "docs/" + link.group(1);
                var text = Repository.read(target);
                assertTrue(link.group(2) == null || Repository.anchors(text).contains(link.group(2)), () -> document + " links to " + link.group());
            });
        }
    }

    @Test
    void panelsOfTheRunbookAreOnTheDashboard() {
        var titles = Dashboard.read().panels().stream().map(panel -> panel.path("title").asText()).toList();
        var named = Pattern.compile("(?<![*A-Za-z])\\*([A-Z][^*]+)\\*").matcher(runbook).results().map(panel -> panel.group(1))
                .filter(name -> !name.equals("Slanted") && !name.equals("Targets")).distinct().toList();
        assertFalse(named.isEmpty());
        assertEquals(List.of(), named.stream().filter(name -> !titles.contains(name)).toList());
    }

    @Test
    void commandsOfTheRunbookExist() {
        var named = Pattern.compile("`aerofn ([^`]+)`").matcher(runbook).results().map(command -> command.group(1)).distinct().toList();
        assertFalse(named.isEmpty());
        for (var command : named) {
            var known = new CommandLine(Aerofn.class);
            for (var word : command.split(" ")) {
                known = known.getSubcommands().getOrDefault(word, known);
                assertTrue(!word.startsWith("--") || known.getCommandSpec().findOption(word) != null, () -> word + " is no option: aerofn " + command);
            }
            assertTrue(known.getParent() != null && known.getSubcommands().isEmpty(), "no such command: aerofn " + command);
        }
    }

    @Test
    void theDashboardIsLaidOutWithoutOverlaps() {
        var cells = new HashSet<List<Integer>>();
        var ids = new HashSet<Integer>();
        for (var panel : Dashboard.read().json().path("panels")) {
            assertTrue(ids.add(panel.path("id").asInt()), panel::toString);
            var at = panel.path("gridPos");
            for (var x = at.path("x").asInt(); x < at.path("x").asInt() + at.path("w").asInt(); x++) {
                for (var y = at.path("y").asInt(); y < at.path("y").asInt() + at.path("h").asInt(); y++) {
                    assertTrue(x < 24 && cells.add(List.of(x, y)), () -> "it lies on another one: " + panel.path("title"));
                }
            }
        }
    }

    @Test
    void everyPanelHasAUnitAndADataSourceThatCanBeChosen() {
        var dashboard = Dashboard.read();
        assertEquals(List.of("datasource", "function"), dashboard.variables());
        for (var panel : dashboard.panels()) {
            assertFalse(panel.path("fieldConfig").path("defaults").path("unit").asText().isEmpty(), panel::toString);
            assertEquals("${datasource}", panel.path("datasource").path("uid").asText(), panel::toString);
            assertTrue(panel.path("targets").valueStream().noneMatch(target -> target.path("expr").asText().isBlank()), panel::toString);
        }
        assertTrue(Repository.read("deploy/observability/datasource.yaml").contains("uid: "
                + dashboard.json().path("templating").path("list").path(0).path("current").path("value").asText() + "\n"));
    }
}
