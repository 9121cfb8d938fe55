package io.aerodb.functions.worker.fetch;

/**
 * What a host sent back.
 *
 * @param body as it came, still compressed; not copied and never written to
 */
record ReceivedAnswer(int status, Headers headers, byte[] body) {}
