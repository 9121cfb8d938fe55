package io.aerodb.functions.compiler;

import io.aerodb.functions.compiler.child.CompilerMain;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.util.CheckClassAdapter;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.Machine;
import run.endive.wasm.WasmModule;

/**
 * Where a child finds its classes: wherever this process has them from, be it folders of class files, a folder of jars, or one
 * jar with everything. The class path of this process may be much longer, and a child needs no more than this.
 */
final class ChildClassPath {

    private static final List<Class<?>> ONE_OF_EACH = List.of(
            CompilerMain.class, WasmModule.class, Machine.class, MachineFactoryCompiler.class,
            ClassWriter.class, ClassRemapper.class, ClassNode.class, Analyzer.class, CheckClassAdapter.class);

    private ChildClassPath() {}

    static String find() {
        return ONE_OF_EACH.stream().map(ChildClassPath::origin).distinct().collect(Collectors.joining(File.pathSeparator));
    }

    private static String origin(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new IllegalStateException("no file or folder is known from which " + type.getName() + " was loaded");
        }
        try {
            return Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(type.getName() + " was loaded from " + source.getLocation() + ", which is no path", e);
        }
    }
}
