package io.aerodb.functions.function;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A function as it is active now.
 *
 * @param id stays the same from version to version; a function deployed anew after its deletion has another
 * @param version of the active module and configuration, counted from 1
 * @param module the active module's hash
 * @param moduleBytes the active module's size
 * @param revision grows with every change of any function, so that of two copies the newer can be told
 * @param createdAt when the name was first deployed
 * @param updatedAt when another version or configuration became active last
 * @param secrets of the function, whatever its version, in the order of their keys
 */
public record DeployedFunction(
        UUID id,
        FunctionName name,
        int version,
        ModuleHash module,
        int moduleBytes,
        FunctionConfig config,
        long revision,
        Instant createdAt,
        Instant updatedAt,
        List<FunctionSecret> secrets) {

    public DeployedFunction {
        secrets = List.copyOf(secrets);
    }

    public VersionRef ref() {
        return new VersionRef(id, name, version, module);
    }
}
