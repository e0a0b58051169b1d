package bellhop.trigger;

/** Says what is wrong with the answer of a plugin as a whole. */
final class FaultyAnswerException extends Exception {
    private static final long serialVersionUID = 1;

    FaultyAnswerException(String what) {
        super(what);
    }
}
