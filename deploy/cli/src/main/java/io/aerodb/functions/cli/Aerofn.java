package io.aerodb.functions.cli;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.launcher.LauncherException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line's root: names the subcommands, and turns every failure into one line and an exit status. */
@Command(
        name = "aerofn",
        description = "Serverless WebAssembly functions for PostgreSQL.",
        mixinStandardHelpOptions = true,
        version = "aerofn 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            DeployCommand.class,
            InvokeCommand.class,
            ListCommand.class,
            ShowCommand.class,
            VersionsCommand.class,
            ActivateCommand.class,
            ConfigCommand.class,
            SwitchCommand.Enable.class,
            SwitchCommand.Disable.class,
            LogsCommand.class,
            InvocationCommand.class,
            BackfillCommand.class,
            DeadLettersCommand.class,
            SecretCommand.class,
            DeleteCommand.class,
            TokenCommand.class,
            DoctorCommand.class,
            DatabaseCommand.class,
        })
public final class Aerofn {

    private Aerofn() {}

    /** Exit status 0 for success, 1 for a failure, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        if (System.getenv("AEROFN_LOG_LEVEL") == null) {
            System.setProperty("AEROFN_LOG_LEVEL", "WARN"); // the commands speak for themselves
        }
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Aerofn())
                .setExecutionExceptionHandler((failure, command, _) -> {
                    command.getErr().println("aerofn: " + describe(failure));
                    return statusOf(failure);
                });
    }

    private static int statusOf(Exception failure) {
        return switch (failure) {
            case CommandException e -> e.status();
            case ConfigurationException _ -> 2;
            default -> 1;
        };
    }

    private static String describe(Exception failure) {
        return switch (failure) {
            case LauncherException e -> e.getMessage();
            case CommandException e -> e.getMessage();
            case ConfigurationException e -> e.getMessage();
            default -> {
                Logger log = LoggerFactory.getLogger(Aerofn.class);
                log.atDebug().setCause(failure).log("unexpected failure");
                yield failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
            }
        };
    }
}
