package io.aerodb.functions.gateway.module;

import static io.aerodb.functions.gateway.module.ValueType.I32;
import static io.aerodb.functions.gateway.module.ValueType.I64;
import static java.util.Map.entry;

import java.util.List;
import java.util.Map;

/** The imports of WASI preview1, all of them: modules also import what they never call. */
final class WasiImports {

    static final String MODULE = "wasi_snapshot_preview1";

    static final Map<String, Signature> FUNCTIONS = Map.ofEntries(
            entry("args_get", i32s(2)),
            entry("args_sizes_get", i32s(2)),
            entry("clock_res_get", i32s(2)),
            entry("clock_time_get", of(I32, I64, I32)),
            entry("environ_get", i32s(2)),
            entry("environ_sizes_get", i32s(2)),
            entry("fd_advise", of(I32, I64, I64, I32)),
            entry("fd_allocate", of(I32, I64, I64)),
            entry("fd_close", i32s(1)),
            entry("fd_datasync", i32s(1)),
            entry("fd_fdstat_get", i32s(2)),
            entry("fd_fdstat_set_flags", i32s(2)),
            entry("fd_fdstat_set_rights", of(I32, I64, I64)),
            entry("fd_filestat_get", i32s(2)),
            entry("fd_filestat_set_size", of(I32, I64)),
            entry("fd_filestat_set_times", of(I32, I64, I64, I32)),
            entry("fd_pread", of(I32, I32, I32, I64, I32)),
            entry("fd_prestat_dir_name", i32s(3)),
            entry("fd_prestat_get", i32s(2)),
            entry("fd_pwrite", of(I32, I32, I32, I64, I32)),
            entry("fd_read", i32s(4)),
            entry("fd_readdir", of(I32, I32, I32, I64, I32)),
            entry("fd_renumber", i32s(2)),
            entry("fd_seek", of(I32, I64, I32, I32)),
            entry("fd_sync", i32s(1)),
            entry("fd_tell", i32s(2)),
            entry("fd_write", i32s(4)),
            entry("path_create_directory", i32s(3)),
            entry("path_filestat_get", i32s(5)),
            entry("path_filestat_set_times", of(I32, I32, I32, I32, I64, I64, I32)),
            entry("path_link", i32s(7)),
            entry("path_open", of(I32, I32, I32, I32, I32, I64, I64, I32, I32)),
            entry("path_readlink", i32s(6)),
            entry("path_remove_directory", i32s(3)),
            entry("path_rename", i32s(6)),
            entry("path_symlink", i32s(5)),
            entry("path_unlink_file", i32s(3)),
            entry("poll_oneoff", i32s(4)),
            entry("proc_exit", Signature.ofI32(1, 0)),
            entry("proc_raise", i32s(1)),
            entry("random_get", i32s(2)),
            entry("sched_yield", i32s(0)),
            entry("sock_accept", i32s(3)),
            entry("sock_recv", i32s(6)),
            entry("sock_send", i32s(5)),
            entry("sock_shutdown", i32s(2)));

    private WasiImports() {}

    /** With an errno as the result. */
    private static Signature of(ValueType... parameters) {
        return new Signature(List.of(parameters), List.of(I32));
    }

    private static Signature i32s(int parameters) {
        return Signature.ofI32(parameters, 1);
    }
}
