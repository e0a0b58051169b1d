package bellhop.linux;

/** The processors whose layouts and constants are known here. */
enum Architecture {
    X86_64,
    AARCH64;

    static final Architecture THIS = of(System.getProperty("os.arch"));

    /**
     * The machine that Java names so.
     *
     * @throws UnsupportedOperationException if it is another
     */
    static Architecture of(String osArch) {
        return switch (osArch) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default ->
                throw new UnsupportedOperationException(
                        "Bellhop runs on x86-64 and aarch64; this machine reports " + osArch);
        };
    }
}
