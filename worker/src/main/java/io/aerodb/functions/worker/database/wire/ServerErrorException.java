package io.aerodb.functions.worker.database.wire;

import java.io.IOException;

/** PostgreSQL refused what we ourselves asked of it. */
public final class ServerErrorException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient ServerError error;

    public ServerErrorException(ServerError error) {
        super(error.toString());
        this.error = error;
    }

    public ServerError error() {
        return error;
    }
}
