package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.HostCall.unsigned;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The imports of {@code aerodb_v1}. */
final class AerodbV1 {

    private static final String MODULE = "aerodb_v1";
    private static final int MAX_KEY_BYTES = 256;
    /** What goes out is bounded as the payload that comes in is. */
    private static final int MAX_SENT_BYTES = 6 * 1024 * 1024;

    static final List<HostCall> CALLS = List.of(
            HostCall.returning(MODULE, "input_read", 2, (run, memory, args) -> read(run.call().input(), memory, args)),
            HostCall.returning(MODULE, "context_read", 2, (run, memory, args) -> read(run.call().context(), memory, args)),
            HostCall.returning(MODULE, "result_read", 2, (run, memory, args) -> read(run.result(), memory, args)),
            HostCall.returning(MODULE, "env_get", 2, AerodbV1::envGet),
            HostCall.returning(MODULE, "db_query", 4, AerodbV1::dbQuery),
            HostCall.returning(MODULE, "http_fetch", 2, AerodbV1::httpFetch),
            HostCall.silent(MODULE, "output_write", 2, AerodbV1::outputWrite),
            HostCall.silent(MODULE, "log", 3, AerodbV1::log));

    private AerodbV1() {}

    static int read(byte[] source, LinearMemory memory, long[] args) {
        var length = (int) Math.min(unsigned(args[1]), source.length);
        memory.putAt(unsigned(args[0]), source, length);
        return source.length;
    }

    private static int envGet(GuestRun run, LinearMemory memory, long[] args) {
        var length = unsigned(args[1]);
        memory.requireInside(unsigned(args[0]), length);
        if (length > MAX_KEY_BYTES) {
            return run.returning(HostAnswer.error(HostError.INVALID, "the name of a variable has at most " + MAX_KEY_BYTES + " bytes"));
        }
        var key = new String(memory.bytesAt(unsigned(args[0]), length), StandardCharsets.UTF_8);
        var value = run.call().env().get(key);
        return run.returning(value == null
                ? HostAnswer.error(HostError.NOT_FOUND, "the function has no variable '" + key + "'")
                : HostAnswer.of(value));
    }

    static int dbQuery(GuestRun run, LinearMemory memory, long[] args) throws InterruptedException {
        StackHeadroom.proveForService();
        if (isTooLong(memory, args[0], args[1]) || isTooLong(memory, args[2], args[3])) {
            return run.returning(tooLong());
        }
        String sql;
        try {
            sql = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(memory.bytesAt(unsigned(args[0]), unsigned(args[1])))).toString();
        } catch (CharacterCodingException e) {
            return run.returning(HostAnswer.error(HostError.INVALID, "the statement is not valid UTF-8"));
        }
        var params = memory.bytesAt(unsigned(args[2]), unsigned(args[3]));
        return run.returning(run.call().services().dbQuery(sql, params, run.remaining()));
    }

    private static int httpFetch(GuestRun run, LinearMemory memory, long[] args) throws InterruptedException {
        StackHeadroom.proveForService();
        if (isTooLong(memory, args[0], args[1])) {
            return run.returning(tooLong());
        }
        var request = memory.bytesAt(unsigned(args[0]), unsigned(args[1]));
        return run.returning(run.call().services().httpFetch(request, run.remaining()));
    }

    private static boolean isTooLong(LinearMemory memory, long pointer, long length) {
        memory.requireInside(unsigned(pointer), unsigned(length));
        return unsigned(length) > MAX_SENT_BYTES;
    }

    private static HostAnswer tooLong() {
        return HostAnswer.error(HostError.TOO_LARGE, "a host call takes at most " + MAX_SENT_BYTES + " bytes");
    }

    private static int outputWrite(GuestRun run, LinearMemory memory, long[] args) {
        var length = unsigned(args[1]);
        memory.requireInside(unsigned(args[0]), length);
        run.output().append(memory, unsigned(args[0]), length);
        return 0;
    }

    private static int log(GuestRun run, LinearMemory memory, long[] args) {
        var length = unsigned(args[2]);
        memory.requireInside(unsigned(args[1]), length);
        // one byte more than there is room for shows that something was cut
        var text = memory.bytesAt(unsigned(args[1]), Math.min(length, run.log().room() + 1));
        run.log().add((int) args[0], run.elapsedMillis(), text);
        return 0;
    }
}
