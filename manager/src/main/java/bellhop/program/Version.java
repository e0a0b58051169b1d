package bellhop.program;

/** Which Bellhop this is. */
final class Version {

    private Version() {}

    /** The version of the jar, or what to say where there is none. */
    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(built here)" : version;
    }
}
