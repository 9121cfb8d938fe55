package io.aerodb.functions.cli;

import picocli.CommandLine.Command;

@Command(
        name = "database",
        description = "Make a database of your own safe for functions to query, and change the keys that sign their callers' claims.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {HardenCommand.class, RotateKeyCommand.class})
final class DatabaseCommand {}
