package io.aerodb.functions.compiler;

import io.aerodb.functions.function.ModuleArtefact;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.kafka.ContentSeal;
import io.aerodb.functions.kafka.RecordKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Seals compiled modules and opens them. A seal covers the engine with its version and options, the hash of the module, and
 * every byte of the compiled form; nothing of an artefact is looked at before its seal was found to hold. Thread-safe.
 */
public final class Artefacts {

    private final ContentSeal seal;
    private final String engine;

    public Artefacts(RecordKeys keys) {
        this(keys, EngineVersion.CURRENT);
    }

    Artefacts(RecordKeys keys, String engine) {
        this.seal = new ContentSeal(keys, "aerofn module artefact");
        this.engine = engine;
    }

    /** What artefacts are stored under. */
    public String engine() {
        return engine;
    }

    /** @param form as {@link CompiledForm#write} wrote it */
    ModuleArtefact seal(ModuleHash module, byte[] form) {
        var label = label(module);
        return new ModuleArtefact(engine, seal.seal(ByteBuffer.allocate(Short.BYTES).putShort(0, (short) label.length).array(), label, form));
    }

    /** @throws ArtefactRefusedException if it was not sealed by one of our keys, or is of another module, engine, version or options */
    public CompiledForm open(ModuleHash module, byte[] artefact) throws ArtefactRefusedException {
        var content = seal.open(artefact).orElseThrow(() -> new ArtefactRefusedException("no key of ours has sealed it as it is"));
        var label = new byte[Short.toUnsignedInt(content.getShort())];
        content.get(label);
        if (!new String(label, StandardCharsets.UTF_8).equals(new String(label(module), StandardCharsets.UTF_8))) {
            throw new ArtefactRefusedException("it was made of another module, or by another engine, or with other options: "
                    + new String(label, StandardCharsets.UTF_8));
        }
        return CompiledForm.read(content);
    }

    private byte[] label(ModuleHash module) {
        return (engine + " " + module.hex()).getBytes(StandardCharsets.UTF_8);
    }
}
