package bellhop.convert;

/** Texts as a POSIX shell reads them. */
final class Shell {
    private Shell() {}

    /** A word that stands for exactly this text. */
    static String quote(String text) {
        return text.matches("[A-Za-z0-9_./:=@%+,-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /** The same as the name of a program, which must not look like an assignment. */
    static String quoteProgram(String text) {
        return text.contains("=") ? "'" + text.replace("'", "'\\''") + "'" : quote(text);
    }
}
