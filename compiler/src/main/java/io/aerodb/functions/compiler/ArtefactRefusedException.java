package io.aerodb.functions.compiler;

/** An artefact must not be loaded; the module has to be compiled again. */
public final class ArtefactRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    ArtefactRefusedException(String message) {
        super(message);
    }
}
