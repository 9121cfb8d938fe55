package io.aerodb.functions.worker.wasm;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.ExternalType;
import run.endive.wasm.types.FunctionImport;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.Import;
import run.endive.wasm.types.OpCode;
import run.endive.wasm.types.ValType;

/** What a valid module must have, and must not, before it is worth compiling. */
final class ModuleRules {

    static final String HANDLER = "handler";
    static final String START = "_start";
    static final String INITIALIZE = "_initialize";

    private static final int MAX_IMPORTS = 100;
    private static final int MAX_GLOBALS = 10_000;
    private static final FunctionType HANDLER_TYPE = FunctionType.returning(ValType.I32);
    /** Tail calls: the engine never looks for an interrupt in a loop made of them. */
    private static final Set<OpCode> FORBIDDEN = Arrays.stream(OpCode.values())
            .filter(code -> code.name().contains("ATOMIC") || code.name().startsWith("RETURN_CALL"))
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(OpCode.class)));

    private final WasmModule module;

    private ModuleRules(WasmModule module) {
        this.module = module;
    }

    static void check(WasmModule module) throws ModuleRejectedException {
        var rules = new ModuleRules(module);
        rules.checkFeatures();
        rules.checkImports();
        rules.checkMemory();
        rules.checkTables();
        rules.checkExportedFunctions();
    }

    private void checkImports() throws ModuleRejectedException {
        var imports = module.importSection();
        // linking compares every import with every other, at each run
        require(imports.importCount() <= MAX_IMPORTS, "the module has more than " + MAX_IMPORTS + " imports");
        for (var i = 0; i < imports.importCount(); i++) {
            checkImport(imports.getImport(i));
        }
    }

    private void checkImport(Import wanted) throws ModuleRejectedException {
        var name = wanted.module() + "." + wanted.name();
        var type = HostCalls.find(wanted.module(), wanted.name()).map(HostCall::type);
        if (type.isEmpty() || !(wanted instanceof FunctionImport function)) {
            throw new ModuleRejectedException("the import '" + name + "' is unknown");
        }
        var wantedType = module.typeSection().getType(function.typeIndex());
        require(type.get().equals(wantedType),
                "the import '" + name + "' must be " + shown(type.get()) + ", the module has it as " + shown(wantedType));
    }

    private void checkMemory() throws ModuleRejectedException {
        var memories = module.memorySection();
        var count = memories.map(section -> section.memoryCount()).orElse(0);
        require(count == 1 && isExported("memory", ExternalType.MEMORY),
                "the module must have one memory, exported as 'memory'; it has " + count);
        require(!memories.get().getMemory(0).limits().shared(), "the module's memory is shared: threads are not supported");
    }

    private void checkTables() throws ModuleRejectedException {
        var elements = 0L;
        for (var i = 0; i < module.tableSection().tableCount(); i++) {
            elements += module.tableSection().getTable(i).limits().min();
        }
        require(elements <= EndiveTables.MAX_ELEMENTS,
                "the module's tables have " + elements + " elements, allowed are " + EndiveTables.MAX_ELEMENTS);
    }

    /** What is left out could take heap that no limit counts, or run on without the deadline being seen. */
    private void checkFeatures() throws ModuleRejectedException {
        var types = module.typeSection();
        for (var i = 0; i < types.subTypeCount(); i++) {
            require(types.getSubType(i).compType().funcType() != null,
                    "the module has garbage-collected types, which are not supported");
        }
        require(module.tagSection().isEmpty(), "the module has exception tags, which are not supported");
        require(module.globalSection().globalCount() <= MAX_GLOBALS, "the module has more than " + MAX_GLOBALS + " globals");
        for (var body : module.codeSection().functionBodies()) {
            for (var instruction : body.instructions()) {
                if (FORBIDDEN.contains(instruction.opcode())) {
                    throw new ModuleRejectedException(
                            "the module uses the instruction " + instruction.opcode() + ", which is not supported");
                }
            }
        }
    }

    private void checkExportedFunctions() throws ModuleRejectedException {
        var entry = entry(module);
        var function = exportedFunction(module, entry);
        require(function.isPresent(), "the module exports neither a function '" + HANDLER + "' nor, as WASI commands do, '" + START + "'");
        checkType(entry, function.getAsInt(), entry.equals(HANDLER) ? HANDLER_TYPE : FunctionType.empty());
        var initialize = exportedFunction(module, INITIALIZE);
        if (initialize.isPresent()) {
            checkType(INITIALIZE, initialize.getAsInt(), FunctionType.empty());
        }
    }

    /** The name of the export that a run calls: a command's start, where there is no handler. */
    static String entry(WasmModule module) {
        return exportedFunction(module, HANDLER).isPresent() ? HANDLER : START;
    }

    static OptionalInt exportedFunction(WasmModule module, String name) {
        var exports = module.exportSection();
        for (var i = 0; i < exports.exportCount(); i++) {
            var export = exports.getExport(i);
            if (export.name().equals(name) && export.exportType() == ExternalType.FUNCTION) {
                return OptionalInt.of(export.index());
            }
        }
        return OptionalInt.empty();
    }

    private void checkType(String export, int function, FunctionType type) throws ModuleRejectedException {
        var imported = module.importSection().count(ExternalType.FUNCTION);
        require(function >= imported, "the export '" + export + "' must not be an import");
        var actual = module.functionSection().getFunctionType(function - imported, module.typeSection());
        require(actual.equals(type), "the export '" + export + "' must be " + shown(type) + ", it is " + shown(actual));
    }

    private boolean isExported(String name, ExternalType type) {
        var exports = module.exportSection();
        for (var i = 0; i < exports.exportCount(); i++) {
            if (exports.getExport(i).name().equals(name) && exports.getExport(i).exportType() == type) {
                return true;
            }
        }
        return false;
    }

    private static String shown(FunctionType type) {
        return shown(type.params()) + " -> " + shown(type.returns());
    }

    private static String shown(List<ValType> types) {
        return types.stream().map(ValType::name).map(String::toLowerCase).collect(Collectors.joining(", ", "(", ")"));
    }

    private static void require(boolean kept, String message) throws ModuleRejectedException {
        if (!kept) {
            throw new ModuleRejectedException(message);
        }
    }
}
