package bellhop.convert;

import bellhop.definition.Quote;

/**
 * A key of a file that is imported, with its value.
 *
 * @param file the file as the report names it
 * @param line where the key stands, from 1
 * @param key the key, with those around it where the format nests them
 * @param value the value as the file has it, on one line; empty if there is none
 */
record SourceKey(String file, int line, String key, String value) {
    private static final int SHOWN = 100;

    /** {@code FILE:LINE: KEY=VALUE}, in which a long value is cut. */
    @Override
    public String toString() {
        String cut = value.codePointCount(0, value.length()) <= SHOWN
                ? value
                : value.substring(0, value.offsetByCodePoints(0, SHOWN)) + "…";
        boolean isHeader = value.isEmpty() && key.startsWith("[");
        return Quote.onOneLine(file + ":" + line + ": " + key + (isHeader ? "" : "=" + cut));
    }
}
