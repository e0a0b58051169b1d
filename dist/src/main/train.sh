#!/bin/sh
# usage: train.sh [--behind]
# Makes the two caches of the image that it lies in: of the classes that the manager loads, with everything asked of it
# once, and of those that the small programs load. On services and folders of its own. The build calls it for its own
# architecture; `bh run` calls it behind itself, where the image has none; and anybody may, who wants to wait for it.
#
# Until both are whole they are in lib/training, and lib/untrained is there. That is the lock, too: whoever comes second
# leaves. It holds the number of the boot in which this failed. Killed is not failed: the next start tries again.
set -eu
umask 022
cd "$(dirname "$0")/.."

# Nothing of whoever calls gets in: neither variables nor descriptors.
if [ -z "${bh_training-}" ]; then
    behind=
    [ "${1-}" != --behind ] || behind="nice -n 19 setsid"
    # shellcheck disable=SC2086 # several words, or none
    exec $behind env -i "PATH=$PATH" "TMPDIR=${TMPDIR:-/tmp}" \
        "bh_home=$PWD" "bh_training=$PWD/lib/training" "bh_behind=$behind" sh "$PWD/lib/train.sh"
fi
if ! true 2>/dev/null >>lib/untrained; then
    echo "train.sh: $PWD/lib cannot be written to" >&2
    exit 1
fi
exec </dev/null 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9>>lib/untrained
locked=0
flock -n 9 2>/dev/null || locked=$?
if [ $locked -eq 1 ] || [ ! -e lib/untrained ]; then
    exit 0
fi

rm -rf "$bh_training"
mkdir "$bh_training"
said=$bh_training/said
exec 6>&2 2>"$said"
training=
manager=
killed=

# A JVM that is told to end before its program can hear it goes on with that program while it writes its cache, and so
# would start services that nobody ends.
end_manager() {
    until [ -p "$training/run/control" ] || ! kill -0 "$manager"; do sleep 1; done
    kill "$manager"
}

tidy() {
    status=$?
    [ -z "$manager" ] || { end_manager; wait "$manager"; echo over >&8; } 2>/dev/null || true
    rm -rf "$training"
    if [ $status -eq 0 ]; then
        rm -rf "$bh_training" lib/untrained
    else
        rm -rf "$bh_training/services" "$bh_training"/*.aot*
        [ -n "$killed" ] || cat /proc/sys/kernel/random/boot_id >lib/untrained
        cat "$said" >&6
    fi
}
trap tidy EXIT
trap 'killed=yes; exit 1' HUP INT TERM

fail() {
    echo "train.sh: $1" >&2
    exit 1
}

[ $locked -eq 0 ] || fail "flock is missing or does not work; install util-linux"

# What else there is to do on this machine comes first, and stays if memory runs out.
if [ -n "$bh_behind" ]; then
    {
        ionice -c 3 -p $$ || true
        echo 19 >/proc/self/autogroup || true
        echo 1000 >/proc/self/oom_score_adj || true
    } >/dev/null 2>&1
    while read -r key free _; do
        [ "$key" != MemAvailable: ] || [ "$free" -ge 262144 ] || fail "making the caches takes 256 MiB of memory, and only $free KiB are free"
    done </proc/meminfo
fi

# If this is killed, its manager ends, too: the end of the one is the end of the file for the other.
training=$(mktemp -d "$TMPDIR/bellhop.XXXXXX")
mkfifo "$training/alive"
# shellcheck disable=SC2094 # a FIFO, not a file
exec 8<>"$training/alive" 7<"$training/alive"

# Beside bin: these are as the image has them, but for the caches.
# shellcheck disable=SC2016 # the text, not the variable
sed -e '/^bh_home=/d' -e '/ bh_train /d' \
    -e 's|-XX:AOTCache="$bh_home/lib/|-XX:AOTCacheOutput="$bh_training/|' bin/bh >"$bh_training/bh"
# shellcheck disable=SC2016 # the text, not the variable
sed 's/bellhop.program.$bh_main/bellhop.program.Training/' "$bh_training/bh" >"$bh_training/small"

# The scripts are in the image, for nothing can be executed in some folders of temporary files.
service() {
    mkdir -p "$bh_training/services/$1"
    printf '#!/bin/sh\n%s\n' "$3" >"$bh_training/services/$1/$2"
    chmod 755 "$bh_training/services/$1/$2"
}
service lasts pre 'bh-require needed'
service lasts run 'echo running; exec sleep 1000'
service lasts post 'bh-release needed'
service needed run 'exec sleep 1000'
service crashes run 'exit 1'
service ends run 'exit 0'
service fails pre 'exit 42'
service once pre 'echo done'
service connected run 'exec sleep 1000'
printf 'control_socket: true\nautostart: true\n' >"$bh_training/services/connected/service.yaml"
printf 'restart: "no"\n' >"$bh_training/services/ends/service.yaml"
printf 'restart: on-failure\nautostart: true\n' >"$bh_training/services/crashes/service.yaml"
printf 'restart: "no"\n' >"$bh_training/services/fails/service.yaml"
service declared pre 'echo done'
cat >"$bh_training/services/declared/service.yaml" <<'END'
description: Has a key of each kind
command: [sh, -c, ': >"$1"; exec sleep 1000', "{service}", "../../up"]
requires: [needed]
environment: {LANG: C}
env_file: [settings]
umask: "022"
restart_limit: {times: 5, within: 60s}
timeouts: {ready: 60s}
ready: {path: ../../up}
healthcheck: {test: ["CMD", "true"]}
log: {max_size: 64KiB}
END
echo 'GREETING=hello' >"$bh_training/services/declared/settings"
service mistaken run 'exit 0'
printf 'restrat: on-fail\n' >"$bh_training/services/mistaken/service.yaml"

export BELLHOP_SERVICES="$bh_training/services" BELLHOP_RUNDIR="$training/run" BELLHOP_LOGDIR="$training/log"
sh "$bh_training/bh" run >&2 6>&- 7<&- 8>&- &
manager=$!
(
    exec 6>&- 8>&-
    read -r _ <&7 || {
        end_manager
        while kill -0 $manager; do sleep 1; done
        rm -rf "$training"
    }
) >/dev/null 2>&1 &
exec 7<&-
PATH=$PWD/bin:$PATH

# On a slow board, without caches and after everybody else, a manager may take minutes to begin.
tries=0
until bh-status >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -le 600 ] || fail "the manager does not answer"
    kill -0 $manager 2>/dev/null || fail "the manager ended"
    sleep 1
done

# What fails, fails on purpose: the errors are trained as well. What has options is needed for more than its classes:
# unless picocli's jar is opened in the training, JDK 25 compares no jar with the cache, and would use one of other jars.
for words in 'start lasts once' 'start declared' 'status' 'status lasts' 'list' 'list --long' 'logs lasts' 'start ends' \
    'start fails' 'start unknown' 'start mistaken' 'restart lasts' 'require needed' 'release needed' 'stop lasts' \
    'check' 'show declared' 'reload' 'enable declared' 'disable declared' '--help'; do
    # shellcheck disable=SC2086 # several words
    bh $words >&2 || true
done
for client in "bh-status connected" "bh-status declared" "bh-start lasts" "bh-stop lasts"; do
    $client >&2 || fail "$client exited $?"
done
sh "$bh_training/small" "$training/run/connected/socket" "$training/counter" "$training/word" >&2 ||
    fail "the small programs exited $?"
bh stopall >&2 || fail "bh stopall exited $?"

kill -TERM $manager
wait $manager || fail "the manager exited $?"
manager=
echo over >&8
for cache in manager client; do
    [ -s "$bh_training/$cache.aot" ] || fail "there is no $cache.aot"
done
sync # a name is on disk before what it names, on some file systems
mv "$bh_training/client.aot" "$bh_training/manager.aot" lib/
