package io.aerodb.functions.cli;

import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.worker.database.DatabaseAudit;
import io.aerodb.functions.worker.database.Finding;
import io.aerodb.functions.worker.database.Finding.Layer;
import io.aerodb.functions.worker.database.GuestDatabaseSettings;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** What a worker looks at before it starts, for people. */
final class AuditReport {

    private AuditReport() {}

    /**
     * Looks at the database with a worker's settings and tells layer by layer.
     *
     * @return whether a worker would start
     */
    static boolean print(GuestDatabaseSettings settings, PrintWriter out) {
        var address = settings.address();
        var findings = findings(settings);
        out.printf("The functions' database %s:%d/%s%n%n", address.host(), address.port(), address.database());
        for (var layer : Layer.values()) {
            print(layer, findings.stream().filter(finding -> finding.layer() == layer).toList(), settings, out);
        }
        var refused = findings.stream().filter(finding -> !isTolerated(finding, settings)).toList();
        out.printf("%n%s%n", conclusion(refused, findings.size()));
        out.flush();
        return refused.isEmpty();
    }

    static void printFindings(List<Finding> findings, PrintWriter out) {
        for (var finding : findings) {
            out.printf("             - %s%n               mend: %s%n", finding.problem(), finding.mend());
        }
    }

    private static List<Finding> findings(GuestDatabaseSettings settings) {
        try {
            return DatabaseAudit.of(settings);
        } catch (UnavailableException e) {
            var address = settings.address();
            throw CommandException.notPossible("cannot look at %s:%d/%s with the worker's settings: %s".formatted(address.host(), address.port(),
                    address.database(), e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
        }
    }

    private static void print(Layer layer, List<Finding> findings, GuestDatabaseSettings settings, PrintWriter out) {
        var verdict = findings.isEmpty() ? "ok" : findings.stream().allMatch(finding -> isTolerated(finding, settings)) ? "tolerated" : "missing";
        out.printf("  %-9s  %-8s %s%n", verdict, layer.name().toLowerCase(Locale.ROOT), meaning(layer));
        printFindings(findings, out);
    }

    private static String meaning(Layer layer) {
        return switch (layer) {
            case SERVER -> "PostgreSQL is new enough";
            case ROLES -> "one login role for each class of callers, with no powers and a member of nothing";
            case REVOKES -> "nothing that reaches beyond the caller's rows can be called, made or looked into";
            case CLAIMS -> "only a worker can say who the caller is, and this worker's keys are known";
            case BOUNDS -> "no role can fill the disk with temporary files";
        };
    }

    private static boolean isTolerated(Finding finding, GuestDatabaseSettings settings) {
        return finding.isOftenForbidden() && settings.toleratesMissingRevokes();
    }

    private static String conclusion(List<Finding> refused, int all) {
        if (refused.isEmpty()) {
            return all == 0 ? "All layers hold: workers start." : "Workers start, and warn of what is tolerated.";
        }
        return refused.stream().allMatch(Finding::isOftenForbidden)
                ? "Workers refuse to start. A superuser can mend this with 'aerofn database harden'; where there is none, "
                        + "AEROFN_WORKER_GUEST_DATABASE_TOLERATE_MISSING_REVOKES=true makes workers start nevertheless."
                : "Workers refuse to start. 'aerofn database harden' mends all that its user may mend.";
    }
}
