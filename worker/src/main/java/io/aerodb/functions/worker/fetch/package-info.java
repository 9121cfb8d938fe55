/**
 * HTTP requests that an untrusted guest asks for, sent to nobody but the hosts its author named, and to no address inside the
 * network that the worker stands in.
 *
 * <p>{@link io.aerodb.functions.worker.fetch.HttpFetch} is the door. {@code Target} reads a URL in one way only, {@code AllowedHosts}
 * decides on the host, {@code AddressRules} on every address it resolves to, and {@code Connections} connects to exactly such an
 * address. {@code Exchange} does all of that again for each redirect.
 *
 * <p>Vert.x sends the requests: its client takes the address apart from the name, so that what was checked is what is connected to
 * while Host, SNI and certificate keep the name, and it keys its pool by both; it negotiates HTTP/2. {@code java.net.http} can do
 * neither of the first two. Netty's resolver looks names up without a thread that a slow server could block.
 */
@NullMarked
package io.aerodb.functions.worker.fetch;

import org.jspecify.annotations.NullMarked;
