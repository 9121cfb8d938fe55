package io.aerodb.functions.compiler.child;

import io.aerodb.functions.compiler.CompiledForm;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.internal.ClassLoadingCollector;
import run.endive.compiler.internal.Compiler;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.ExternalType;
import run.endive.wasm.types.OpCode;

/**
 * The engine's work: parse, validate, compile to class files. The classes are loaded here once, so that one which the JVM does
 * not take is found now and not at a call. A function too big for a JVM method stays in the skeleton and will be interpreted.
 */
final class Compilation {

    /** Custom sections are left unread: nothing here needs them, and reading their names takes time quadratic in their number. */
    private static final Parser PARSER = Parser.builder().withCustomParsers(Map.of()).build();

    /** In a loop made of tail calls the engine never looks for an interrupt; atomic instructions may wait without end. */
    private static final Set<OpCode> FORBIDDEN = Arrays.stream(OpCode.values())
            .filter(opcode -> opcode.name().startsWith("RETURN_CALL") || opcode.name().contains("ATOMIC"))
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(OpCode.class)));

    /** Their instructions are objects in every worker that runs the module, up to 80 bytes each. */
    private static final int MAX_INTERPRETED_INSTRUCTIONS = 500_000;

    private Compilation() {}

    static CompiledForm compile(byte[] wasm) throws InvalidModuleException {
        try {
            var module = PARSER.parse(() -> new ByteArrayInputStream(wasm));
            requireInterruptible(module);
            var result = Compiler.builder(module)
                    .withInterpreterFallback(InterpreterFallback.SILENT)
                    .withClassCollectorFactory(ClassLoadingCollector::new)
                    .build()
                    .compile();
            var imported = module.importSection().count(ExternalType.FUNCTION);
            requireMostlyCompiled(module, imported, result.interpretedFunctions());
            var classes = new LinkedHashMap<String, byte[]>();
            result.classBytes().forEach((name, bytes) -> classes.put(className(name), bytes));
            return new CompiledForm(
                    Skeleton.of(wasm, imported, result.interpretedFunctions()), className(result.collector().mainClassName()), classes);
        } catch (StackOverflowError e) {
            throw new InvalidModuleException("the module is nested too deeply to be compiled");
        } catch (RuntimeException | LinkageError e) {
            // the engine's own exceptions, and whatever else its parser or compiler stumbles over in bytes like these
            throw new InvalidModuleException("the module is malformed or invalid: " + reason(e));
        }
    }

    private static void requireInterruptible(WasmModule module) throws InvalidModuleException {
        for (var body : module.codeSection().functionBodies()) {
            for (var instruction : body.instructions()) {
                if (FORBIDDEN.contains(instruction.opcode())) {
                    throw new InvalidModuleException("the module uses the instruction " + instruction.opcode() + ", which is not supported");
                }
            }
        }
    }

    private static void requireMostlyCompiled(WasmModule module, int imported, Set<Integer> interpreted) throws InvalidModuleException {
        var instructions = 0L;
        for (var function : interpreted) {
            instructions += module.codeSection().getFunctionBody(function - imported).instructions().size();
        }
        if (instructions > MAX_INTERPRETED_INSTRUCTIONS) {
            throw new InvalidModuleException("the functions that are too large to be compiled have " + instructions
                    + " instructions together, allowed are " + MAX_INTERPRETED_INSTRUCTIONS + ": make them smaller");
        }
    }

    /** The engine names some classes as class files do. */
    private static String className(String name) {
        return name.replace('/', '.');
    }

    private static String reason(Throwable e) {
        return e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
    }
}
