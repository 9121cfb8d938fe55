# Part of aerofn, .ci/run and deploy/benchmarks/run, which include it.

# The feature release of the JDK in a directory, or nothing.
release() {
    [ -x "$1/bin/javac" ] && sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

# Prints the home of the first JDK 25 or newer: JAVA_HOME, the java on the path, then where installers put them.
find_jdk() {
    on_path=$(command -v javac 2>/dev/null || true)
    [ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
    for jdk in "${JAVA_HOME:-}" "$on_path" \
        /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*/jdk* /usr/local/jdk* \
        "${HOME:-/root}"/.sdkman/candidates/java/* "${HOME:-/root}"/.jdks/* "${HOME:-/root}"/.local/share/mise/installs/java/* "${HOME:-/root}"/.asdf/installs/java/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-/root}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        [ -n "$jdk" ] && version=$(release "$jdk") && [ -n "$version" ] && [ "$version" -ge 25 ] && printf '%s\n' "$jdk" && return
    done
    return 1
}
