package io.aerodb.functions.worker.wasm;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything that guests can import. */
final class HostCalls {

    static final List<HostCall> ALL = Stream.of(AerodbV1.CALLS, EnvAlias.CALLS, WasiPreview1.CALLS).flatMap(List::stream).toList();

    private static final Map<String, HostCall> BY_NAME =
            ALL.stream().collect(Collectors.toUnmodifiableMap(call -> key(call.module(), call.name()), Function.identity()));

    private HostCalls() {}

    static Optional<HostCall> find(String module, String name) {
        return Optional.ofNullable(BY_NAME.get(key(module, name)));
    }

    /** A NUL, which no namespace of ours has, keeps {@code a.b} + {@code c} apart from {@code a} + {@code b.c}. */
    private static String key(String module, String name) {
        return module + '\0' + name;
    }
}
