package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.compiler.ArtefactRefusedException;
import io.aerodb.functions.compiler.Artefacts;
import io.aerodb.functions.compiler.CompiledForm;
import io.aerodb.functions.compiler.ModuleCompiler;
import io.aerodb.functions.compiler.UncompilableException;
import io.aerodb.functions.function.ArtefactStore;
import io.aerodb.functions.function.ModuleArtefact;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.lifecycle.UnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Modules as they were compiled when they were deployed. One without an artefact that this version may load, be it older than the
 * engine, sealed under a key that was taken away, or tampered with, is compiled again in a child process, and that is stored.
 * Thread-safe.
 */
public final class EndiveArtefacts implements CompiledForms {

    private static final Logger LOG = LoggerFactory.getLogger(EndiveArtefacts.class);

    private final ArtefactStore store;
    private final Artefacts artefacts;
    private final ModuleCompiler compiler;

    /** @param compiler closed by the caller */
    public EndiveArtefacts(ArtefactStore store, Artefacts artefacts, ModuleCompiler compiler) {
        this.store = store;
        this.artefacts = artefacts;
        this.compiler = compiler;
    }

    /**
     * @throws ModuleRejectedException if the module had to be compiled and could not be
     * @throws UnavailableException if PostgreSQL is away, or the module had to be compiled and there is no compiler for now
     */
    @Override
    public CompiledForm get(ModuleHash hash, byte[] wasm) throws ModuleRejectedException, InterruptedException {
        var stored = store.find(hash, artefacts.engine());
        if (stored.isPresent()) {
            try {
                return artefacts.open(hash, stored.get());
            } catch (ArtefactRefusedException e) {
                LOG.atWarn().addKeyValue("module", hash).addKeyValue("reason", e.getMessage())
                        .log("an artefact is refused, and its module is compiled again");
            }
        } else {
            LOG.atInfo().addKeyValue("module", hash).addKeyValue("engine", artefacts.engine())
                    .log("a module has no artefact of this engine, and is compiled");
        }
        return compile(hash, wasm);
    }

    private CompiledForm compile(ModuleHash hash, byte[] wasm) throws ModuleRejectedException, InterruptedException {
        try {
            var artefact = compiler.compile(hash, wasm);
            store(hash, artefact);
            return artefacts.open(hash, artefact.bytes());
        } catch (UncompilableException e) {
            throw new ModuleRejectedException(e.getMessage(), e);
        } catch (ArtefactRefusedException e) {
            throw new IllegalStateException("what was just sealed does not open", e);
        }
    }

    /** The module runs whether or not this succeeds; at worst it is compiled once more by the next worker. */
    private void store(ModuleHash hash, ModuleArtefact artefact) {
        try {
            store.put(hash, artefact);
        } catch (UnavailableException e) {
            LOG.atWarn().addKeyValue("module", hash).log("an artefact could not be stored: {}", e.getMessage());
        }
    }
}
