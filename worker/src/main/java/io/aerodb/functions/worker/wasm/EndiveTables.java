package io.aerodb.functions.worker.wasm;

import run.endive.runtime.Instance;
import run.endive.runtime.TableFactory;
import run.endive.runtime.TableInstance;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;

/** The tables of one run, which may have so many elements together. */
final class EndiveTables implements TableFactory {

    static final int MAX_ELEMENTS = 100_000;

    private long elements;

    /** With limits of its own: the engine's table notes its growth in the module's limits, which all runs share. */
    @Override
    public TableInstance create(Table declared, int initialValue) {
        var limits = new TableLimits(declared.limits().min(), declared.limits().max());
        elements += limits.min();
        return new EndiveTable(new Table(declared.elementType(), limits, declared.initialize()), initialValue);
    }

    private final class EndiveTable extends TableInstance {

        EndiveTable(Table table, int initialValue) {
            super(table, initialValue);
        }

        @Override
        public int grow(int size, int value, Instance instance) {
            return counted(mayGrow(size) ? super.grow(size, value, instance) : -1, size);
        }

        @Override
        public int growWithRef(int size, Object value, Instance instance) {
            return counted(mayGrow(size) ? super.growWithRef(size, value, instance) : -1, size);
        }

        /** Asked before every bulk instruction; the engine looks for interrupts only at calls and loops. */
        @Override
        public int size() {
            if (Thread.currentThread().isInterrupted()) {
                throw new WasmInterruptedException("interrupted");
            }
            return super.size();
        }

        private boolean mayGrow(int size) {
            StackHeadroom.prove();
            return size >= 0 && elements + size <= MAX_ELEMENTS;
        }

        private int counted(int previousSize, int size) {
            if (previousSize >= 0) {
                elements += size;
            }
            return previousSize;
        }
    }
}
