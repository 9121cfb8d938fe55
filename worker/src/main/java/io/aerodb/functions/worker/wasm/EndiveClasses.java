package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.compiler.CompiledForm;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.Function;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;

/** The classes of one module, in a loader of their own: they are unloaded when nothing refers to the module any more. */
final class EndiveClasses extends ClassLoader {

    private EndiveClasses() {
        super("module", Machine.class.getClassLoader());
    }

    /**
     * Defines and links all of them, which is the largest part of what a first call would wait for. None of the guest's code runs.
     *
     * @param form whose seal was seen to hold: its classes are loaded as they are
     */
    static Function<Instance, Machine> load(CompiledForm form) throws ReflectiveOperationException {
        var loader = new EndiveClasses();
        form.classes().forEach((name, bytes) -> loader.defineClass(name, bytes, 0, bytes.length));
        for (var name : form.classes().keySet()) {
            Class.forName(name, true, loader);
        }
        return machines(loader.loadClass(form.mainClass()).asSubclass(Machine.class));
    }

    private static Function<Instance, Machine> machines(Class<? extends Machine> main) throws ReflectiveOperationException {
        var constructor = MethodHandles.publicLookup()
                .findConstructor(main, MethodType.methodType(void.class, Instance.class))
                .asType(MethodType.methodType(Machine.class, Instance.class));
        return instance -> machine(constructor, instance);
    }

    private static Machine machine(MethodHandle constructor, Instance instance) {
        try {
            return (Machine) constructor.invokeExact(instance);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the constructor of a machine declares no exceptions", e);
        }
    }
}
