package io.aerodb.functions.identity;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The verified caller of an invocation.
 *
 * @param role what the caller may do
 * @param subject the {@code sub} claim, usually the user's id; null where the token has none
 * @param claims all verified claims as the text of one JSON object; {@code {}} for an anonymous caller
 */
public record Identity(Role role, @Nullable String subject, String claims) {

    /** A caller without a token. */
    public static final Identity ANONYMOUS = new Identity(Role.ANON, null, "{\"role\":\"anon\"}");

    /** Nobody in particular, with all rights: what runs on the platform's or an administrator's behalf. */
    public static final Identity SERVICE = new Identity(Role.SERVICE, null, "{\"role\":\"service_role\"}");

    public Optional<String> user() {
        return Optional.ofNullable(subject);
    }

    /** Names the role only: claims are personal data and stay out of logs. */
    @Override
    public String toString() {
        return "Identity[" + role.claim() + "]";
    }
}
