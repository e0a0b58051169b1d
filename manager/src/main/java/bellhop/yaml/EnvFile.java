package bellhop.yaml;

import bellhop.definition.EnvironmentSettings;
import bellhop.definition.Value;
import bellhop.linux.FileErrors;
import bellhop.linux.RegularFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a file of variables, as {@code env_file} names it: lines {@code NAME=VALUE} or {@code NAME: VALUE}, {@code
 * export} before them if one likes, {@code #} comments. A value is taken as it stands and ends before white space and
 * {@code #}; in single quotes everything is literal but {@code \'}, in double quotes {@code \n \r \t \" \\ \$} stand
 * for what they do in a shell, and both may go over several lines. Nothing is interpolated. The last of two equal names
 * wins.
 */
public final class EnvFile {
    static final int MAX_BYTES = 64 * 1024;
    private static final Pattern ASSIGNMENT =
            Pattern.compile("[ \\t]*(?:export[ \\t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \\t]*[=:][ \\t]*");
    private static final Pattern NOTHING = Pattern.compile("[ \\t]*(?:#.*)?");

    private final Path file;
    private final String text;
    private final SequencedMap<String, String> variables = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private int line = 1;
    private int lineStart;
    private int at;

    private EnvFile(Path file, String text) {
        this.file = file;
        this.text = text;
    }

    /**
     * Reads the file that a service names.
     *
     * @return the variables in the order of the file; none where the file is neither there nor required
     * @throws EnvFileException if it is required and not there, cannot be read, or has a line that is none
     */
    public static Map<String, String> read(EnvironmentSettings.File file) throws EnvFileException {
        return !file.required() && Files.notExists(file.path()) ? Map.of() : read(file.path());
    }

    /**
     * Reads a file.
     *
     * @return the variables in the order of the file
     * @throws EnvFileException if it is not there, cannot be read, or has a line that is none
     */
    public static Map<String, String> read(Path file) throws EnvFileException {
        EnvFile reader = new EnvFile(file, text(file));
        reader.readAll();
        if (!reader.problems.isEmpty()) {
            throw new EnvFileException(reader.problems);
        }
        return reader.variables;
    }

    private static String text(Path file) throws EnvFileException {
        try {
            byte[] bytes = RegularFile.read(file, MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new EnvFileException(
                        List.of(Problem.with(file, "too long; expected at most " + MAX_BYTES + " bytes")));
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new EnvFileException(List.of(Problem.with(file, "not UTF-8")));
        } catch (NoSuchFileException e) {
            throw new EnvFileException(List.of(Problem.with(
                    file, "no such file; make it, or write {path: ..., required: false} if it may be missing")));
        } catch (IOException e) {
            throw new EnvFileException(List.of(Problem.with(file, FileErrors.of(e))));
        }
    }

    private void readAll() {
        while (at < text.length()) {
            readLine();
            skipLine();
        }
    }

    private void readLine() {
        int end = endOfLine();
        if (NOTHING.matcher(text).region(at, end).matches()) {
            return;
        }
        Matcher assignment = ASSIGNMENT.matcher(text).region(at, end);
        if (!assignment.lookingAt()) {
            // What is there is not shown: it may be half a secret.
            while (text.charAt(at) == ' ' || text.charAt(at) == '\t') {
                at++;
            }
            problem(at, "not an assignment; expected NAME=VALUE");
            return;
        }
        String name = assignment.group(1);
        if (ManagersVariables.contains(name)) {
            problem(assignment.start(1), name + " is set by the manager; expected another name");
        }
        at = assignment.end();
        char first = at < end ? text.charAt(at) : ' ';
        if (first == '\'' || first == '"') {
            readQuoted(name, first);
        } else {
            keep(name, at, unquoted(text.substring(at, end)));
        }
    }

    private static String unquoted(String rest) {
        int comment = rest.startsWith("#") ? 0 : -1;
        for (int i = 1; i < rest.length() && comment < 0; i++) {
            if (rest.charAt(i) == '#' && (rest.charAt(i - 1) == ' ' || rest.charAt(i - 1) == '\t')) {
                comment = i;
            }
        }
        return (comment < 0 ? rest : rest.substring(0, comment)).strip();
    }

    private void readQuoted(String name, char quote) {
        int start = at;
        int startLine = line;
        int startColumn = column(at);
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == quote) {
                at++;
                if (!NOTHING.matcher(text).region(at, endOfLine()).matches()) {
                    problem(at, "text follows the closing quote; expected the end of the line, or a comment");
                }
                keep(name, start, value.toString());
                return;
            }
            if (c == '\n') {
                line++;
                lineStart = at + 1;
            }
            if (c == '\\' && at + 1 < text.length()) {
                String escaped = escaped(quote, text.charAt(at + 1));
                at += escaped.isEmpty() ? 0 : 1;
                value.append(escaped.isEmpty() ? "\\" : escaped);
            } else {
                value.append(c);
            }
        }
        problems.add(Problem.at(
                file, new Value.Position(startLine, startColumn), "", "this quote is not closed; expected " + quote));
    }

    /** What a backslash and the character after it stand for within quotes; empty if for themselves. */
    private static String escaped(char quote, char next) {
        if (quote == '\'') {
            // As Compose has it: two stay two, and so end a value that ends with one.
            return next == '\'' ? "'" : next == '\\' ? "\\\\" : "";
        }
        int escape = "nrt\"\\$".indexOf(next);
        return escape < 0 ? "" : "\n\r\t\"\\$".substring(escape, escape + 1);
    }

    private void keep(String name, int start, String value) {
        if (value.indexOf('\0') >= 0) {
            problem(start, "the value has a NUL character, which no variable can have");
        }
        variables.remove(name);
        variables.put(name, value);
    }

    private int endOfLine() {
        int end = text.indexOf('\n', at);
        end = end < 0 ? text.length() : end;
        return end > at && text.charAt(end - 1) == '\r' ? end - 1 : end;
    }

    private void skipLine() {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end + 1;
        line++;
        lineStart = at;
    }

    private int column(int offset) {
        return 1 + text.codePointCount(Math.min(lineStart, offset), offset);
    }

    private void problem(int offset, String what) {
        problems.add(Problem.at(file, new Value.Position(line, column(offset)), "", what));
    }
}
