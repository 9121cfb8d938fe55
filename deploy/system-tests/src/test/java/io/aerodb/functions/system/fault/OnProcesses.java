package io.aerodb.functions.system.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * Tests that take a {@link ProcessPlatform}: all of one run share it, because starting servers and services is most of what such a test costs.
 * A test may leave behind one gateway and one worker, and starts what it needs. When one fails, its platform is not used again.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OnProcesses.Extension.class)
@interface OnProcesses {

    /** Ends the platform after the last test. */
    final class Extension implements ParameterResolver, AfterTestExecutionCallback {

        private static final Namespace NAMESPACE = Namespace.create(OnProcesses.class);
        private static final Path LOGS = Path.of("target", "faults", "logs");

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == ProcessPlatform.class;
        }

        @Override
        public ProcessPlatform resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return store(context).computeIfAbsent(ProcessPlatform.class, _ -> start(), ProcessPlatform.class);
        }

        private static ProcessPlatform start() {
            try {
                return ProcessPlatform.start(LOGS);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void afterTestExecution(ExtensionContext context) throws InterruptedException {
            var failure = context.getExecutionException().filter(thrown -> !(thrown instanceof TestAbortedException));
            if (failure.isEmpty()) {
                return;
            }
            var reason = String.valueOf(failure.get().getMessage()).lines().findFirst().orElse("");
            Summary.add("%s FAILED: %s".formatted(context.getRequiredTestMethod().getName(), reason));
            var platform = store(context).remove(ProcessPlatform.class, ProcessPlatform.class);
            if (platform != null) {
                System.err.println(platform.tails());
                platform.close();
            }
        }

        private static ExtensionContext.Store store(ExtensionContext context) {
            return context.getRoot().getStore(NAMESPACE);
        }
    }
}
