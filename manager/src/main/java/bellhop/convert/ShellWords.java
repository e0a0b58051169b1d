package bellhop.convert;

import bellhop.convert.CommandWord.Literal;
import bellhop.convert.CommandWord.ShellOutput;
import bellhop.convert.CommandWord.TargetPart;
import bellhop.convert.CommandWord.Variable;
import bellhop.convert.CommandWord.WordPart;
import java.util.ArrayList;
import java.util.List;

/** Splits a command line into words as a shell does, with quotes and backslashes but without expansions. */
final class ShellWords {
    private final List<CommandWord> words = new ArrayList<>();
    private final List<WordPart> parts = new ArrayList<>();
    private final StringBuilder literal = new StringBuilder();
    private boolean inWord;
    private char quote;
    private boolean escaped;

    private ShellWords() {}

    /**
     * The words.
     *
     * @param text literals are split; the value of a variable is split unless it stands in quotes
     * @throws ImportException if a quote is not closed
     */
    static List<CommandWord> split(List<WordPart> text) throws ImportException {
        ShellWords splitter = new ShellWords();
        for (WordPart part : text) {
            splitter.take(part);
        }
        if (splitter.quote != 0 || splitter.escaped) {
            throw new ImportException("a quote is not closed");
        }
        splitter.endWord();
        return splitter.words;
    }

    private void take(WordPart part) {
        switch (part) {
            case Literal(String text) -> text.chars().forEach(c -> take((char) c));
            case Variable(String name, String operator, String otherwise, boolean _) ->
                add(new Variable(name, operator, otherwise, quote == 0));
            case TargetPart _, ShellOutput _ -> add(part);
        }
    }

    private void add(WordPart part) {
        keep();
        parts.add(part);
        inWord = true;
    }

    private void take(char c) {
        if (escaped) {
            if (quote == '"' && "\\\"$`\n".indexOf(c) < 0) {
                literal.append('\\');
            }
            literal.append(c);
            escaped = false;
        } else if (quote != 0 && c == quote) {
            quote = 0;
        } else if (c == '\\' && quote != '\'') {
            escaped = true;
            inWord = true;
        } else if (quote != 0) {
            literal.append(c);
        } else if (c == '\'' || c == '"') {
            quote = c;
            inWord = true;
        } else if (Character.isWhitespace(c)) {
            endWord();
        } else {
            literal.append(c);
            inWord = true;
        }
    }

    private void keep() {
        if (!literal.isEmpty()) {
            parts.add(new Literal(literal.toString()));
            literal.setLength(0);
        }
    }

    private void endWord() {
        if (inWord) {
            keep();
            words.add(parts.isEmpty() ? CommandWord.of("") : new CommandWord(parts));
            parts.clear();
            inWord = false;
        }
    }
}
