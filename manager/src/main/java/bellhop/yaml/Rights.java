package bellhop.yaml;

import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/** Forms of what a process may do: as whom it runs, and what it can never have. */
final class Rights {
    private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?");
    private static final String ACCOUNT_PATTERN = "^[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?$";

    private Rights() {}

    /** A number of a user or group, or its name. */
    static Syntax<String> account(String expected) {
        return new Syntax.TextSyntax<>(
                expected, Scalars.WORD_OR_INTEGER, accountSchema(ACCOUNT_PATTERN), (text, place) -> {
                    String name = place.expand(text);
                    if (!isAccount(name)) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return name;
                });
    }

    static boolean isAccount(String name) {
        return ACCOUNT.matcher(name).matches()
                && (!name.matches("[0-9]+") || (name.length() <= 10 && Long.parseLong(name) < 0xFFFF_FFFFL));
    }

    /** As Compose has it: a user, and after a colon the group. */
    static Syntax<List<String>> user() {
        String name = "[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?";
        return new Syntax.TextSyntax<>(
                "a user's name or number, or user:group",
                Scalars.WORD_OR_INTEGER,
                accountSchema("^" + name + "(:" + name + ")?$"),
                (text, place) -> {
                    List<String> parts = List.of(text.split(":", -1));
                    if (parts.size() > 2 || !parts.stream().allMatch(Rights::isAccount)) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return parts;
                });
    }

    private static SequencedMap<String, Object> accountSchema(String pattern) {
        return JsonSchema.of(
                "anyOf",
                List.of(
                        JsonSchema.of("type", "integer", "minimum", 0, "maximum", 0xFFFF_FFFEL),
                        Scalars.pattern(pattern)));
    }

    static Syntax<Integer> umask() {
        return new Syntax.TextSyntax<>(
                "three octal digits in quotes, such as \"022\"",
                Scalars.STRING,
                Scalars.pattern("^0?[0-7]{3}$"),
                (text, place) -> {
                    if (!text.matches("0?[0-7]{3}")) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return Integer.parseInt(text, 8);
                });
    }

    static Syntax<List<String>> capabilities() {
        return new Syntax.ListOf<>(
                Scalars.named("a capability", "cap_", CAPABILITIES),
                "a list of capabilities, such as [NET_RAW] or [ALL]",
                null);
    }

    static final List<String> CAPABILITIES = List.of(
            "all",
            "audit_control",
            "audit_read",
            "audit_write",
            "block_suspend",
            "bpf",
            "checkpoint_restore",
            "chown",
            "dac_override",
            "dac_read_search",
            "fowner",
            "fsetid",
            "ipc_lock",
            "ipc_owner",
            "kill",
            "lease",
            "linux_immutable",
            "mac_admin",
            "mac_override",
            "mknod",
            "net_admin",
            "net_bind_service",
            "net_broadcast",
            "net_raw",
            "perfmon",
            "setfcap",
            "setgid",
            "setpcap",
            "setuid",
            "sys_admin",
            "sys_boot",
            "sys_chroot",
            "sys_module",
            "sys_nice",
            "sys_pacct",
            "sys_ptrace",
            "sys_rawio",
            "sys_resource",
            "sys_time",
            "sys_tty_config",
            "syslog",
            "wake_alarm");
}
