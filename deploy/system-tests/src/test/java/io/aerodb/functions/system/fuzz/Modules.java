package io.aerodb.functions.system.fuzz;

import static org.quicktheories.generators.Generate.oneOf;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.integers;

import io.aerodb.functions.testkit.TestModules;
import io.aerodb.functions.testkit.TestPrograms;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.quicktheories.core.Gen;

/** What is sent as a module: valid ones, as bytes and as text, mutations of them, and nonsense. */
final class Modules {

    private static final String TEXT = """
            (module
              (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
              (memory (export "memory") 1 2)
              (global $g (mut i32) (i32.const 7))
              (table 2 funcref) (elem (i32.const 0) $f)
              (data (i32.const 8) "some \\00 bytes")
              (func $f (param i32) (result i32) (local i64 f64)
                (block (result i32) (loop (br_if 1 (i32.const 1))) (i32.add (local.get 0) (global.get $g))))
              (func (export "handler") (result i32)
                (call $output_write (i32.const 0) (call $input_read (i32.const 0) (i32.const 1024)))
                (drop (call_indirect (param i32) (result i32) (i32.const 5) (i32.const 0)))
                (i32.const 0)))""";

    private static final List<String> NONSENSE = List.of(
            "", "(module", "(module)", "(module (memory (export \"memory\") 70000))", "(module (import \"env\" \"f\" (func)))", "(".repeat(5000), ";; nothing",
            "\0asm", "\0asm\1\0\0\0", "\0asm\2\0\0\0", "\0asm\1\0\0\0\1\u00ff\u00ff\u00ff\u00ff\17", "MZ", "#!/bin/sh\n", "\u00ff".repeat(100),
            "(module (memory (export \"memory\") 1) (func (export \"handler\") (result i32) (unreachable)))",
            "(module (memory (export \"memory\") 1) (func (export \"handler\") (result i64) (i64.const 0)))",
            "(module (func $s unreachable) (start $s) (memory (export \"memory\") 1) (func (export \"handler\") (result i32) (i32.const 0)))");

    private Modules() {}

    static Gen<byte[]> any() {
        var numbered = integers().between(0, 63).map(TestModules::returning);
        var binary = oneOf(numbered, integers().between(0, 63).map(mark -> TestModules.typical(3, mark)));
        var program = pick(List.of(TestPrograms.wordcount()));
        var text = pick(List.of(TEXT)).map(wat -> wat.getBytes(StandardCharsets.UTF_8));
        var nonsense = pick(NONSENSE).map(letters -> letters.getBytes(StandardCharsets.ISO_8859_1));
        return oneOf(numbered, numbered, binary, Mutations.of(binary), Mutations.of(binary), Mutations.of(program), text, Mutations.of(text), nonsense);
    }
}
