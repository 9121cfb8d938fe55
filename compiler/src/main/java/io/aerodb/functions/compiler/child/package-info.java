/**
 * What runs in the child process. Its class path has this module, the engine and what the engine needs, and nothing else: no
 * class here may use another library.
 */
@NullMarked
package io.aerodb.functions.compiler.child;

import org.jspecify.annotations.NullMarked;
