package bellhop.log;

/** Takes the lines that go to the console. */
@FunctionalInterface
public interface ConsoleSink {

    /**
     * Takes whole lines, unless there is no room for them now; {@link LogPump#retry} is then called once there is.
     *
     * @param last whether they would be lost otherwise, because there is no further attempt: they are taken anyhow
     * @return whether they were taken
     */
    boolean take(byte[] lines, boolean last);
}
