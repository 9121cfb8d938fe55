package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.module;

import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** A table's elements are not counted as memory, so they have a limit of their own. */
abstract class TableConformance extends Conformance {

    TableConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @Test
    void tablesGrowToTheirLimitAndNotBeyond() {
        var growing = module("(memory (export \"memory\") 1)", "(table $a 10 funcref)", "(table $b 10 funcref)", """
                (func (export "handler") (result i32)
                  (if (i32.ne (table.grow $a (ref.null func) (i32.const 99970)) (i32.const 10)) (then unreachable))
                  (if (i32.ne (table.grow $b (ref.null func) (i32.const 11)) (i32.const -1)) (then unreachable))
                  (if (i32.ne (table.grow $b (ref.null func) (i32.const -1)) (i32.const -1)) (then unreachable))
                  (if (i32.ne (table.grow $b (ref.null func) (i32.const 10)) (i32.const 10)) (then unreachable))
                  i32.const 0)""");
        var module = guests.compile(growing);
        for (var i = 0; i < 3; i++) {
            succeeded(guests.run(module, call()));
        }
    }

    @Test
    void aTableGrowsInSmallStepsToTheLimit() {
        var steps = guests.compile(module(MEMORY, "(table $t 0 externref)", """
                (func (export "handler") (result i32)
                  (loop $more (br_if $more (i32.ne (table.grow $t (ref.null extern) (i32.const 1000)) (i32.const -1))))
                  (i32.sub (table.size $t) (i32.const 100000)))"""));
        for (var i = 0; i < 3; i++) {
            succeeded(guests.run(steps, call()));
        }
    }

    @Test
    void aTableKeepsToTheMaximumThatItsModuleDeclares() {
        succeeded(guests.run(module(MEMORY, "(table $t 1 3 funcref)", """
                (func (export "handler") (result i32)
                  (if (i32.ne (table.grow $t (ref.null func) (i32.const 3)) (i32.const -1)) (then unreachable))
                  (if (i32.ne (table.grow $t (ref.null func) (i32.const 2)) (i32.const 1)) (then unreachable))
                  (if (i32.ne (table.grow $t (ref.null func) (i32.const 1)) (i32.const -1)) (then unreachable))
                  (i32.sub (table.size $t) (i32.const 3)))""")));
    }

    @Test
    void aTableMayBeginAtTheLimit() {
        succeeded(guests.run(module(MEMORY, "(table $t 100000 funcref)", """
                (func (export "handler") (result i32)
                  (if (i32.ne (table.grow $t (ref.null func) (i32.const 0)) (i32.const 100000)) (then unreachable))
                  (i32.add (table.grow $t (ref.null func) (i32.const 1)) (i32.const 1)))""")));
    }

    @Test
    void aRefusedTableIsAFailureAndNotBlamedOnMemory() {
        failed(guests.run(module(MEMORY, "(table $t 1 funcref)", """
                (func (export "handler") (result i32) (table.grow $t (ref.null func) (i32.const 100000)))""")));
    }
}
