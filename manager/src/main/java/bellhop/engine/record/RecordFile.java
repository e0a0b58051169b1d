package bellhop.engine.record;

import bellhop.core.Effect;
import bellhop.core.Owner;
import bellhop.definition.Definition;
import bellhop.engine.process.ProcessId;
import java.util.Optional;

/**
 * The text of {@code NAME/record}: a first line with the format's version, then the components of this record as {@link
 * RecordText} writes them, last {@code end}. The definition that the living incarnation began with is kept as a whole, so
 * that {@code post} is the one that belongs to its {@code pre} whatever is on disk by then; in a file of its own, for it
 * is most of what there is to write and stays the same.
 *
 * @param bootId the boot in which it was written: neither processes nor monotonic moments are the same in another
 * @param lastNumber the greatest number that was given to an incarnation or a launch of any service by then
 * @param process the process of its script, with {@link ProcessId#NONE} if none is known
 * @param saved what the core knows of the service
 */
record RecordFile(String bootId, long lastNumber, ProcessId process, Effect.Save saved) {

    private static final String KIND = "bellhop-record ";

    /** How the line begins that has {@link #bootId}. */
    static final String BOOT = "bootId ";

    /** Goes up whenever what was written before cannot be read any more, or would be read as something else. */
    static final int VERSION = 4;

    /** The first format that is still read: there the holds of devices were labels, as an operator's are. */
    private static final int FIRST = 2;

    private static final String FORMAT = KIND + VERSION + "\n";

    /** The first line of the file of a definition, whose format is its record's. */
    private static final String DEFINITION = "bellhop-definition\n";

    /** The last line: what has it is whole. */
    private static final String END = "end\n";

    /** The text of the file, with the definitions in it. */
    String text() {
        return text(RecordText.PartNames.NONE);
    }

    /** The text of the file, if definitions have files of their own. */
    String text(RecordText.PartNames definitions) {
        return FORMAT + RecordText.text(this, definitions) + END;
    }

    /** The text of the file of a definition. */
    static String definitionText(Definition definition) {
        return DEFINITION + RecordText.text(definition) + END;
    }

    /**
     * Reads what {@link #definitionText} wrote.
     *
     * @throws RecordText.MalformedException if it is none, or torn
     */
    static Definition parseDefinition(String text) throws RecordText.MalformedException {
        if (!text.startsWith(DEFINITION) || !text.endsWith("\n" + END)) {
            throw new RecordText.MalformedException("it is no definition, or its end is missing");
        }
        return RecordText.parse(text.substring(DEFINITION.length(), text.length() - END.length()), Definition.class);
    }

    /** As {@link #parse(String, RecordText.PartReader)}, of one with the definitions in it. */
    static RecordFile parse(String text) throws UnreadableRecordException, OtherVersionException {
        return parse(text, RecordText.PartReader.NONE);
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws OtherVersionException if it is of another version
     * @throws UnreadableRecordException if it is none, or torn
     */
    static RecordFile parse(String text, RecordText.PartReader definitions)
            throws UnreadableRecordException, OtherVersionException {
        int first = text.indexOf('\n');
        String version = text.startsWith(KIND) && first > 0 ? text.substring(KIND.length(), first) : "";
        if (!version.matches("[0-9]{1,9}")) {
            throw new UnreadableRecordException("expected \"" + FORMAT.strip() + "\" in line 1");
        }
        int format = Integer.parseInt(version);
        if (format < FIRST || format > VERSION) {
            throw new OtherVersionException(version);
        }
        if (!text.endsWith("\n" + END)) {
            throw new UnreadableRecordException("its end is missing");
        }
        try {
            RecordFile record = RecordText.parse(
                    text.substring(first + 1, text.length() - END.length()), RecordFile.class, definitions);
            return format == FIRST ? record.withDevices() : record;
        } catch (RecordText.MalformedException e) {
            throw new UnreadableRecordException(String.valueOf(e.getMessage()));
        }
    }

    private RecordFile withDevices() {
        Effect.Save before = saved;
        Optional<String> target = before.service().name().target();
        return new RecordFile(
                bootId,
                lastNumber,
                process,
                new Effect.Save(
                        before.service(),
                        before.holders().stream()
                                .map(it -> withDevice(it, target))
                                .toList(),
                        before.unanswered().stream()
                                .map(it -> withDevice(it, target))
                                .toList()));
    }

    /**
     * A label {@code wifi:wlan0} on {@code udhcpc@wlan0}: the manager that wrote it took it for the device's in any
     * case.
     */
    private static Owner withDevice(Owner owner, Optional<String> target) {
        if (!(owner instanceof Owner.Label(String text)) || target.isEmpty()) {
            return owner;
        }
        int colon = text.indexOf(':');
        return colon > 0 && text.substring(colon + 1).equals(target.get())
                ? new Owner.Device(text.substring(0, colon), target.get())
                : owner;
    }

    /** Says what is wrong with a record. */
    static final class UnreadableRecordException extends Exception {
        private static final long serialVersionUID = 1;

        UnreadableRecordException(String message) {
            super(message);
        }
    }

    /** Says of which version a record is. */
    static final class OtherVersionException extends Exception {
        private static final long serialVersionUID = 1;

        OtherVersionException(String version) {
            super("format " + version + ", but this one reads formats " + FIRST + " to " + VERSION);
        }
    }
}
