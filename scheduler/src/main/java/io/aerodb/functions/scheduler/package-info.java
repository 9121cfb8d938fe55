/** Clock in, request records out. Nothing runs here yet: the place is kept by the build, which already holds it to importing common and nothing else of ours. */
@NullMarked
package io.aerodb.functions.scheduler;

import org.jspecify.annotations.NullMarked;
