package io.aerodb.functions.worker.wasm;

import static run.endive.wasm.types.ValType.I32;
import static run.endive.wasm.types.ValType.I64;

import java.util.List;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/**
 * All imports of {@code wasi_snapshot_preview1}, as programs know them from other hosts. What works here: arguments and variables,
 * clocks, random bytes, sleeping, exiting, and the three standard streams. There are no files, no directories and no sockets, so the
 * rest fails with the errno that says so.
 */
final class WasiPreview1 {

    private static final String MODULE = "wasi_snapshot_preview1";

    static final List<HostCall> CALLS = List.of(
            call("args_get", i32s(2), WasiStrings::args),
            call("args_sizes_get", i32s(2), WasiStrings::argsSizes),
            call("environ_get", i32s(2), WasiStrings::environment),
            call("environ_sizes_get", i32s(2), WasiStrings::environmentSizes),
            call("clock_res_get", i32s(2), WasiClock::resolution),
            call("clock_time_get", List.of(I32, I64, I32), WasiClock::time),
            call("fd_advise", List.of(I32, I64, I64, I32), onStream(WasiErrno.NOT_SEEKABLE)),
            call("fd_allocate", List.of(I32, I64, I64), onStream(WasiErrno.NOT_SEEKABLE)),
            call("fd_close", i32s(1), WasiDescriptors::close),
            call("fd_datasync", i32s(1), onStream(WasiErrno.INVALID)),
            call("fd_fdstat_get", i32s(2), WasiDescriptors::status),
            call("fd_fdstat_set_flags", i32s(2), onStream(WasiErrno.SUCCESS)),
            call("fd_fdstat_set_rights", List.of(I32, I64, I64), onStream(WasiErrno.NOT_SUPPORTED)),
            call("fd_filestat_get", i32s(2), WasiDescriptors::fileStatus),
            call("fd_filestat_set_size", List.of(I32, I64), onStream(WasiErrno.INVALID)),
            call("fd_filestat_set_times", List.of(I32, I64, I64, I32), onStream(WasiErrno.NOT_SUPPORTED)),
            call("fd_pread", List.of(I32, I32, I32, I64, I32), onStream(WasiErrno.NOT_SEEKABLE)),
            call("fd_prestat_dir_name", i32s(3), always(WasiErrno.BAD_DESCRIPTOR)),
            call("fd_prestat_get", i32s(2), always(WasiErrno.BAD_DESCRIPTOR)),
            call("fd_pwrite", List.of(I32, I32, I32, I64, I32), onStream(WasiErrno.NOT_SEEKABLE)),
            call("fd_read", i32s(4), WasiDescriptors::read),
            call("fd_readdir", List.of(I32, I32, I32, I64, I32), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("fd_renumber", i32s(2), onStream(WasiErrno.NOT_SUPPORTED)),
            call("fd_seek", List.of(I32, I64, I32, I32), onStream(WasiErrno.NOT_SEEKABLE)),
            call("fd_sync", i32s(1), onStream(WasiErrno.INVALID)),
            call("fd_tell", i32s(2), onStream(WasiErrno.NOT_SEEKABLE)),
            call("fd_write", i32s(4), WasiDescriptors::write),
            call("path_create_directory", i32s(3), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("path_filestat_get", i32s(5), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("path_filestat_set_times", List.of(I32, I32, I32, I32, I64, I64, I32), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("path_link", i32s(7), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("path_open", List.of(I32, I32, I32, I32, I32, I64, I64, I32, I32), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("path_readlink", i32s(6), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("path_remove_directory", i32s(3), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("path_rename", i32s(6), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("path_symlink", i32s(5), onStream(2, WasiErrno.NOT_A_DIRECTORY)),
            call("path_unlink_file", i32s(3), onStream(WasiErrno.NOT_A_DIRECTORY)),
            call("poll_oneoff", i32s(4), WasiPoll::poll),
            call("proc_raise", i32s(1), always(WasiErrno.NOT_SUPPORTED)),
            call("random_get", i32s(2), WasiRandom::get),
            call("sched_yield", i32s(0), always(WasiErrno.SUCCESS)),
            call("sock_accept", i32s(3), onStream(WasiErrno.NOT_A_SOCKET)),
            call("sock_recv", i32s(6), onStream(WasiErrno.NOT_A_SOCKET)),
            call("sock_send", i32s(5), onStream(WasiErrno.NOT_A_SOCKET)),
            call("sock_shutdown", i32s(2), onStream(WasiErrno.NOT_A_SOCKET)),
            HostCall.silent(MODULE, "proc_exit", 1, (_, _, args) -> {
                throw new GuestExit((int) args[0]);
            }));

    /** What a call does. */
    @FunctionalInterface
    private interface Body {

        WasiErrno call(GuestRun run, LinearMemory memory, long[] args) throws InterruptedException;
    }

    private WasiPreview1() {}

    private static HostCall call(String name, List<ValType> parameters, Body body) {
        return new HostCall(MODULE, name, FunctionType.of(parameters, i32s(1)),
                (run, memory, args) -> body.call(run, memory, args).number());
    }

    private static List<ValType> i32s(int count) {
        return HostCall.i32s(count);
    }

    private static Body always(WasiErrno errno) {
        return (_, _, _) -> errno;
    }

    /** For a call that works on files only: what it returns for one of the open descriptors, which are all streams. */
    private static Body onStream(WasiErrno errno) {
        return onStream(0, errno);
    }

    /** @param descriptor which argument it is */
    private static Body onStream(int descriptor, WasiErrno errno) {
        return (run, _, args) -> run.streams().isOpen(HostCall.unsigned(args[descriptor])) ? errno : WasiErrno.BAD_DESCRIPTOR;
    }
}
