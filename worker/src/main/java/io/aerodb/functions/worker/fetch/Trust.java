package io.aerodb.functions.worker.fetch;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whose certificates are believed. */
final class Trust {

    private Trust() {}

    /** The authorities of the Java runtime, and these. */
    static TrustManagerFactory inRuntimeAnd(List<X509Certificate> authorities) {
        try {
            var known = KeyStore.getInstance(KeyStore.getDefaultType());
            known.load(null, null);
            var all = Stream.concat(runtimeAuthorities(), authorities.stream()).toList();
            for (var i = 0; i < all.size(); i++) {
                known.setCertificateEntry("authority-" + i, all.get(i));
            }
            return factory(known);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot set up the trusted certificate authorities", e);
        }
    }

    private static Stream<X509Certificate> runtimeAuthorities() throws GeneralSecurityException {
        return Stream.of(factory(null).getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .flatMap(manager -> Stream.of(((X509TrustManager) manager).getAcceptedIssuers()));
    }

    private static TrustManagerFactory factory(@Nullable KeyStore known) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(known);
        return factory;
    }
}
