package io.aerodb.functions.configuration;

import java.util.regex.Pattern;

/**
 * Variables that Kubernetes puts into every container for each service of the namespace, unless a pod says
 * {@code enableServiceLinks: false}. Those of a service {@code aerofn-gateway} begin as our own do, and one of them,
 * {@code AEROFN_GATEWAY_PORT}, is even named like a setting; its value tells it from that.
 */
final class ServiceLinks {

    private static final Pattern NAME = Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");
    private static final Pattern ADDRESS = Pattern.compile("(tcp|udp|sctp)://.+:[0-9]+");

    private ServiceLinks() {}

    static boolean isOne(String variable, String value) {
        return NAME.matcher(variable).matches() || variable.endsWith("_PORT") && ADDRESS.matcher(value).matches();
    }
}
