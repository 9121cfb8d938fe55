package io.aerodb.functions.gateway.module;

import io.aerodb.functions.compiler.ModuleCompiler;
import io.aerodb.functions.compiler.UncompilableException;
import io.aerodb.functions.function.ArtefactStore;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.function.ModuleArtefact;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.util.Optional;

/** Compiles modules when they are deployed, so that no worker has to. Safe for use by many threads; calls block for up to a minute. */
public final class ModuleCompilation {

    private final ModuleCompiler compiler;
    private final ArtefactStore artefacts;

    public ModuleCompilation(ModuleCompiler compiler, ArtefactStore artefacts) {
        this.compiler = compiler;
        this.artefacts = artefacts;
    }

    /**
     * The artefact to be stored with the module; empty if one is stored already.
     *
     * @throws InvalidFunctionException with code {@code module_rejected} if the module cannot be compiled within the limits
     * @throws UnavailableException if too many modules are being compiled already, or PostgreSQL is away, or on interruption
     */
    public Optional<ModuleArtefact> compile(CheckedModule module) {
        if (artefacts.exists(module.hash(), compiler.engine())) {
            return Optional.empty();
        }
        try {
            return Optional.of(compiler.compile(module.hash(), module.wasm()));
        } catch (UncompilableException e) {
            throw Refusal.rejected(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("compiler", e);
        }
    }
}
