/**
 * From a checked module to a sealed artefact that workers load. Compiling happens in child processes: a module may want any
 * amount of time and memory for it, and a process can be ended where a thread cannot.
 */
@NullMarked
package io.aerodb.functions.compiler;

import org.jspecify.annotations.NullMarked;
