package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.compiler.CompiledForm;
import io.aerodb.functions.function.ModuleHash;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.Function;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.MStack;
import run.endive.runtime.Machine;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.Instruction;

/** A module as JVM classes, which go when this goes. */
final class EndiveModule extends CompiledModule {

    private static final long[] NO_ARGUMENTS = {};
    /** Of 8 bytes each, so as many as have room on the stack of a function that is compiled. */
    private static final int MAX_OPERANDS = GuestThreads.GUEST_STACK_BYTES / Long.BYTES;

    // measured by ModuleLoadTimings: heap for the parsed module, metaspace for the classes, and some room for what the JIT adds
    private static final long BASE_COST = 64 * 1024;
    /** Of what can be a byte or two in the module, and is an object or two and their references when it is parsed. */
    private static final long PART_COST = 100;
    private static final int SKELETON_COST = 2;
    private static final int CLASS_COST = 2;

    private final WasmModule module;
    private final Function<Instance, Machine> machines;
    private final ImportValues imports;
    private final OptionalInt initialize;
    private final int entry;

    /** @param module one that {@link ModuleRules} accepted */
    EndiveModule(ModuleHash hash, WasmModule module, Function<Instance, Machine> machines, long cost) {
        super(hash, module.memorySection().orElseThrow().getMemory(0).limits(), cost);
        this.module = module;
        this.machines = machines;
        this.imports = EndiveImports.of(module);
        this.initialize = ModuleRules.exportedFunction(module, ModuleRules.INITIALIZE);
        this.entry = ModuleRules.exportedFunction(module, ModuleRules.entry(module)).orElseThrow();
    }

    /** What loading it adds to heap and metaspace. */
    static long cost(CompiledForm form, WasmModule module) {
        return BASE_COST + SKELETON_COST * form.skeleton().length + CLASS_COST * form.classBytes() + PART_COST * parts(module);
    }

    private static long parts(WasmModule module) {
        var instructions = Arrays.stream(module.codeSection().functionBodies()).mapToLong(body -> body.instructions().size()).sum();
        var elements = Arrays.stream(module.elementSection().elements()).mapToLong(segment -> segment.initializers().size()).sum();
        return instructions + elements + module.globalSection().globalCount() + module.exportSection().exportCount();
    }

    @Override
    int run(GuestRun run) {
        try {
            return call(EndiveMemory.allocate(memory().initialPages(), run));
        } catch (GuestEnd e) {
            throw e;
        } catch (WasmInterruptedException e) {
            throw new GuestInterrupted();
        } catch (StackOverflowError e) {
            throw new GuestStackExhausted();
        } catch (RuntimeException e) {
            // the engine has no common type for traps
            if (e.getCause() instanceof StackOverflowError) {
                throw new GuestStackExhausted();
            }
            throw GuestAbort.trap(e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName());
        }
    }

    /** Before each instruction of a function that is interpreted: its operands are on a stack in the heap, not on the thread's. */
    private static void limitOperands(Instruction next, MStack operands) {
        if (operands.size() > MAX_OPERANDS) {
            throw new GuestStackExhausted();
        }
    }

    private int call(EndiveMemory fresh) {
        var instance = Instance.builder(module)
                .withImportValues(imports)
                .withMachineFactory(machines)
                .withMemoryFactory(_ -> fresh)
                .withTableFactory(new EndiveTables())
                .withUnsafeExecutionListener(EndiveModule::limitOperands)
                .withStart(false)
                .build();
        var machine = instance.getMachine();
        if (initialize.isPresent()) {
            machine.call(initialize.getAsInt(), NO_ARGUMENTS);
        }
        var results = machine.call(entry, NO_ARGUMENTS);
        return results == null || results.length == 0 ? 0 : (int) results[0];
    }
}
