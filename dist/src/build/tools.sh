# Sourced by ./bh and ./verify: find_tools sets JAVA_HOME to a JDK that can build Bellhop, for Maven
# too, or says in one line what is missing and gives up.

is_jdk_25() {
    grep -q '^JAVA_VERSION="\(2[5-9]\|[3-9][0-9]\)' "$1/release" 2>/dev/null &&
        grep -q "^OS_ARCH=\"$(uname -m)\"" "$1/release" && [ -x "$1/bin/javac" ] && [ -x "$1/bin/jlink" ]
}

find_jdk_25() {
    java=$(command -v java) && java=$(readlink -f "$java") || java=
    for jdk in "${JAVA_HOME-}" /usr/lib/jvm/* "${java%/bin/java}"; do
        if is_jdk_25 "$jdk"; then
            export JAVA_HOME="$jdk"
            return 0
        fi
    done
    return 1
}

find_tools() {
    if ! find_jdk_25; then
        echo "$1: no JDK 25 found (looked at JAVA_HOME, /usr/lib/jvm/* and the java on the PATH); install one, e.g. on Debian 13: apt-get install openjdk-25-jdk-headless" >&2
        exit 69
    fi
    if ! command -v mvn >/dev/null; then
        echo "$1: no mvn found on the PATH; install Maven 3.8 or newer, e.g. apt-get install maven" >&2
        exit 69
    fi
    if ! command -v flock >/dev/null; then
        echo "$1: no flock found on the PATH; install util-linux" >&2
        exit 69
    fi
    # Maven's own libraries do what such a JDK warns of.
    export MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS-}"
}
