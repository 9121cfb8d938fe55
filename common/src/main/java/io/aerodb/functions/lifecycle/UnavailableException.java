package io.aerodb.functions.lifecycle;

/** Something we depend on is away for now; the same call may succeed later. */
public final class UnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String dependency;

    /** @param dependency what is away, such as {@code postgres} or {@code kafka} */
    public UnavailableException(String dependency, Throwable cause) {
        super(dependency + " is unavailable", cause);
        this.dependency = dependency;
    }

    public UnavailableException(String dependency, String message) {
        super(message);
        this.dependency = dependency;
    }

    public String dependency() {
        return dependency;
    }
}
