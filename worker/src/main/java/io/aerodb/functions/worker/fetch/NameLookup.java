package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.function.HostName;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Asks the name servers and the hosts file of this machine for all addresses of a name. No lookup holds a thread. Thread-safe. */
final class NameLookup implements AutoCloseable {

    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(3);
    /** Short, so that names which someone makes up do not fill the memory. */
    private static final int MAX_CACHED_SECONDS = 30;

    private final EventLoopGroup thread =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("fetch-lookup", true), NioIoHandler.newFactory());
    private final DnsNameResolver resolver;

    /** @param servers of names that are not in the hosts file */
    NameLookup(DnsServerAddressStreamProvider servers) {
        resolver = new DnsNameResolverBuilder(thread.next())
                .datagramChannelType(NioDatagramChannel.class)
                .socketChannelType(NioSocketChannel.class)
                .nameServerProvider(servers)
                .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
                .queryTimeoutMillis(QUERY_TIMEOUT.toMillis())
                .ttl(0, MAX_CACHED_SECONDS)
                .build();
    }

    /** @return every IPv4 and IPv6 address, IPv4 first; fails where there is none */
    CompletionStage<List<InetAddress>> lookup(HostName name) {
        var addresses = new CompletableFuture<List<InetAddress>>();
        resolver.resolveAll(name.toString()).addListener((io.netty.util.concurrent.Future<List<InetAddress>> lookup) -> {
            if (lookup.isSuccess()) {
                addresses.complete(lookup.getNow());
            } else {
                addresses.completeExceptionally(lookup.cause());
            }
        });
        return addresses;
    }

    @Override
    public void close() {
        resolver.close();
        thread.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
