package io.aerodb.functions.function;

/** What came of the wish to change a function. */
public sealed interface FunctionChange {

    /** It was changed. */
    record Changed(DeployedFunction before, DeployedFunction function) implements FunctionChange {}

    /** It was so already, and nothing was written. */
    record Unchanged(DeployedFunction function) implements FunctionChange {}

    /** It is not what whoever wants the change believes it to be. */
    record Outdated(DeployedFunction function) implements FunctionChange {}

    record FunctionMissing() implements FunctionChange {}

    record VersionMissing(int version) implements FunctionChange {}
}
