package io.aerodb.functions.worker.redaction;

/**
 * One way in which a value may be written.
 *
 * @param text what appears wherever the value is written in this way
 * @param startsInside whether the character before it may hold a part of the value as well: in base64 characters and bytes do not
 *     begin together
 * @param endsInside the same of the character behind it
 */
record Form(String text, boolean startsInside, boolean endsInside) {

    static Form exactly(String text) {
        return new Form(text, false, false);
    }

    /** Says nothing: the text is a secret, or as good as one. */
    @Override
    public String toString() {
        return "Form";
    }
}
