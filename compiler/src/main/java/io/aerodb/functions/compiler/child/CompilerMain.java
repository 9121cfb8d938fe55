package io.aerodb.functions.compiler.child;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedTransferQueue;

/**
 * Compiles the modules that come on standard input, each with its length before it, one after the other, and answers each on
 * standard output with a status, a length and that many bytes. Ends when its standard input does, even amid a compilation, and so
 * never outlives its parent.
 */
public final class CompilerMain {

    /** Sent once, without a length, when it is ready. */
    public static final byte READY = 0x52;
    /** The bytes are a compiled form. */
    public static final byte COMPILED = 0x43;
    /** The bytes are a message for the module's author. */
    public static final byte INVALID = 0x49;

    private static final long IDLE_HEAP_BYTES = 64 << 20;

    /** The smallest module; compiling it loads the engine's classes. */
    private static final byte[] EMPTY_MODULE = {
        0, 'a', 's', 'm', 1, 0, 0, 0,
        1, 4, 1, 0x60, 0, 0, // one type, () -> ()
        3, 2, 1, 0, // one function of it
        10, 4, 1, 2, 0, 0x0b, // its body
    };

    private CompilerMain() {}

    public static void main(String[] arguments) throws Exception {
        var answers = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 16));
        System.setOut(new PrintStream(System.err, true, StandardCharsets.UTF_8)); // whoever prints must not garble the answers
        var modules = new LinkedTransferQueue<byte[]>();
        Thread.ofPlatform().name("requests").daemon().start(() -> receive(modules));

        Compilation.compile(EMPTY_MODULE);
        answers.writeByte(READY);
        answers.flush();
        while (true) {
            answer(modules.take(), answers);
            answers.flush();
            if (Runtime.getRuntime().totalMemory() > IDLE_HEAP_BYTES) {
                System.gc(); // gives what a large module took back to the machine, while nobody waits
            }
        }
    }

    private static void answer(byte[] module, DataOutputStream answers) throws IOException {
        try {
            send(answers, COMPILED, Compilation.compile(module).write());
        } catch (InvalidModuleException e) {
            send(answers, INVALID, e.getMessage().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void send(DataOutputStream answers, byte status, byte[] bytes) throws IOException {
        answers.writeByte(status);
        answers.writeInt(bytes.length);
        answers.write(bytes);
    }

    private static void receive(LinkedTransferQueue<byte[]> modules) {
        try {
            var in = new DataInputStream(System.in);
            while (true) {
                var module = new byte[in.readInt()];
                in.readFully(module);
                modules.add(module);
            }
        } catch (IOException e) {
            // the parent is gone, or done with this process
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }
}
