package io.aerodb.functions.worker.wasm;

import run.endive.wasm.WasmModule;

/**
 * Where things are in a rewritten module. Of functions, the one import is first, then the module's own, one for each of its former
 * imports, and those that were added, in the order of {@link Added}. Types and the global that were added follow the module's.
 *
 * @param imports functions that the module imported
 * @param functions functions of its own
 * @param types its types
 * @param globals its globals
 */
record WasmtimeLayout(int imports, int functions, int types, int globals) {

    /** Functions that every rewritten module has. */
    enum Added {
        /** Starts, initialises and calls the function; its result is the status. */
        RUN(AddedType.NUMBER),
        /** Does nothing, but as every function it first looks at the clock. */
        CHECK_CLOCK(AddedType.NOTHING),
        /** Calls the host, which looks for an interrupt, and winds the counter of loops up again. */
        PAUSE(AddedType.NOTHING),
        TAKE_PAGES(AddedType.NUMBER_TO_NUMBER),
        CHECK_PAGES(AddedType.NUMBER_TO_NUMBER),
        TAKE_ELEMENTS(AddedType.NUMBER_TO_NUMBER),
        CHECK_ELEMENTS(AddedType.NUMBER_TO_NUMBER);

        private final AddedType type;

        Added(AddedType type) {
            this.type = type;
        }

        AddedType type() {
            return type;
        }
    }

    /** Types that every rewritten module has. */
    enum AddedType {
        HOST, NOTHING, NUMBER, NUMBER_TO_NUMBER
    }

    static WasmtimeLayout of(WasmModule module) {
        return new WasmtimeLayout(module.importSection().importCount(), module.functionSection().functionCount(),
                module.typeSection().typeCount(), module.globalSection().globalCount());
    }

    /** The number of a function that had this one. */
    long function(long former) {
        return former < imports ? 1 + functions + former : 1 + former - imports;
    }

    int function(Added function) {
        return 1 + functions + imports + function.ordinal();
    }

    int type(AddedType type) {
        return types + type.ordinal();
    }

    /** Counts the rounds of loops down to 0, where the host is called. */
    int roundsGlobal() {
        return globals;
    }
}
