package io.aerodb.functions.function;

/**
 * A module as an engine compiled it, stored beside its bytes. Sealed: nobody loads one whose seal does not hold.
 *
 * @param engine which engine made it, in which version and how; a module has one artefact for each
 * @param bytes not copied, not to be changed
 */
public record ModuleArtefact(String engine, byte[] bytes) {}
