package io.aerodb.functions.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * The processor time that the parts of the platform have used so far. Gateway and broker are in one JVM, and told apart by the names
 * of their threads.
 */
final class CpuTimes {

    /** What uses processor time. */
    enum Part {
        CLIENT,
        GATEWAY,
        BROKER,
        /** The garbage collector and the compilers of the JVM that gateway and broker share. */
        THEIR_JVM,
        WORKER,
        POSTGRES
    }

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long client;
    private final long worker;

    /** @param client the process that makes the load */
    CpuTimes(long client, long worker) {
        this.client = client;
        this.worker = worker;
    }

    /** In nanoseconds. */
    Map<Part, Long> now() {
        var times = new EnumMap<Part, Long>(Part.class);
        ProcessHandle.current().descendants().forEach(process -> {
            if (process.pid() == client) {
                times.merge(Part.CLIENT, nanos(process), Long::sum);
            } else if (process.pid() == worker) {
                times.merge(Part.WORKER, nanos(process), Long::sum);
            } else if (process.info().command().filter(path -> path.endsWith("/postgres")).isPresent()) {
                times.merge(Part.POSTGRES, nanos(process), Long::sum);
            }
        });
        addThreads(times);
        return times;
    }

    private static void addThreads(Map<Part, Long> times) {
        var ids = THREADS.getAllThreadIds();
        var threads = THREADS.getThreadInfo(ids);
        var cpu = THREADS.getThreadCpuTime(ids);
        var all = 0L;
        for (var i = 0; i < ids.length; i++) {
            if (threads[i] == null || cpu[i] < 0) {
                continue; // has ended meanwhile
            }
            all += cpu[i];
            var name = threads[i].getThreadName();
            if (name.startsWith("vert.x-") || name.equals("reply-inbox") || name.contains("aerofn-gateway")) {
                times.merge(Part.GATEWAY, cpu[i], Long::sum);
            } else if (!name.equals("main")) {
                times.merge(Part.BROKER, cpu[i], Long::sum);
            }
        }
        times.put(Part.THEIR_JVM, Math.max(0, nanos(ProcessHandle.current()) - all));
    }

    private static long nanos(ProcessHandle process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }
}
