package io.aerodb.functions.cli;

import io.aerodb.functions.launcher.RunningPlatform;
import io.aerodb.functions.worker.database.GuestDatabaseSettings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = {
            "Look whether the database that functions query keeps them inside their caller's rights, as a worker does before it starts.",
            "Looks at the database of the worker's settings if there are any, else at that of the running local platform."
        },
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:all layers hold", "1:something is missing", "2:the database cannot be reached, or is not known"},
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

    @Mixin
    private WorkerConfiguration configuration = new WorkerConfiguration();

    @Option(names = "--data-dir", description = "Look at the local platform in this data directory (default: $AEROFN_DATA_DIR or .aerofn).")
    private @Nullable Path dataDirectory;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        return AuditReport.print(settings(), spec.commandLine().getOut()) ? 0 : 1;
    }

    private GuestDatabaseSettings settings() {
        return dataDirectory != null ? ofLocalPlatform() : configuration.read().orElseGet(this::ofLocalPlatform);
    }

    private GuestDatabaseSettings ofLocalPlatform() {
        var directory = Target.dataDirectory(dataDirectory);
        var platform = RunningPlatform.find(directory).orElseThrow(() -> CommandException.notPossible("no local platform runs on " + directory
                + "; start one with 'aerofn up', or give --settings FILE with a worker's settings"));
        return WorkerConfiguration.read(platform.guestDatabaseSettings()).orElseThrow();
    }
}
