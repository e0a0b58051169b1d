#!/bin/sh
# Makes the two caches in the image given: of the classes that the manager loads, with everything asked
# of it once, and of those that the small programs load. On services and folders of its own. Called by
# image.sh.
set -eu
image=$1
training=$(mktemp -d "${TMPDIR:-/tmp}/bellhop.XXXXXX")
manager=

tidy() {
    [ -z "$manager" ] || { kill "$manager"; wait "$manager"; } 2>/dev/null || true
    rm -rf "$training" "$image/bin/bh-training" "$image/bin/small-training"
}
trap tidy EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "train.sh: $1; what the manager said:" >&2
    cat "$training/out" >&2
    exit 1
}

sed 's/-XX:AOTCache=/-XX:AOTCacheOutput=/' "$image/bin/bh" >"$image/bin/bh-training"
# shellcheck disable=SC2016 # the text, not the variable
sed 's/bellhop.program.$bh_main/bellhop.program.Training/' "$image/bin/bh-training" >"$image/bin/small-training"
chmod 755 "$image/bin/bh-training" "$image/bin/small-training"

service() {
    mkdir -p "$training/services/$1"
    printf '#!/bin/sh\n%s\n' "$3" >"$training/services/$1/$2"
    chmod 755 "$training/services/$1/$2"
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
printf 'control_socket: true\nautostart: true\n' >"$training/services/connected/service.yaml"
printf 'restart: "no"\n' >"$training/services/ends/service.yaml"
printf 'restart: on-failure\nautostart: true\n' >"$training/services/crashes/service.yaml"
printf 'restart: "no"\n' >"$training/services/fails/service.yaml"
service declared pre 'echo done'
cat >"$training/services/declared/service.yaml" <<'END'
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
echo 'GREETING=hello' >"$training/services/declared/settings"
service mistaken run 'exit 0'
printf 'restrat: on-fail\n' >"$training/services/mistaken/service.yaml"

export BELLHOP_SERVICES="$training/services" BELLHOP_RUNDIR="$training/run" BELLHOP_LOGDIR="$training/log"
unset BELLHOP_SERVICE BELLHOP_INCARNATION BELLHOP_TARGET
"$image/bin/bh-training" run >"$training/out" 2>&1 &
manager=$!
tries=0
until "$image/bin/bh" status >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -le 100 ] || fail "the manager does not answer"
    kill -0 $manager 2>/dev/null || fail "the manager ended"
    sleep 0.1
done

# What fails, fails on purpose: the errors are trained as well.
for words in 'start lasts once' 'start declared' 'status' 'status lasts' 'list' 'list --long' 'logs lasts' 'start ends' \
    'start fails' 'start unknown' 'start mistaken' 'restart lasts' 'require needed' 'release needed' 'stop lasts' \
    'check' 'show declared' 'reload' 'enable declared' 'disable declared' '--help'; do
    # shellcheck disable=SC2086 # several words
    "$image/bin/bh" $words >>"$training/asked" 2>&1 || true
done
PATH=$image/bin:$PATH
for client in "bh-status connected" "bh-status declared" "bh-start lasts" "bh-stop lasts"; do
    $client >>"$training/asked" || fail "$client exited $?"
done
"$image/bin/small-training" "$training/run/connected/socket" "$training/counter" "$training/word" \
    >>"$training/asked" 2>&1 || fail "the small programs: $(cat "$training/asked")"
"$image/bin/bh" stopall >>"$training/asked" || fail "bh stopall exited $?"

kill -TERM $manager
wait $manager || fail "the manager exited $?"
manager=
for cache in manager client; do
    [ -s "$image/lib/$cache.aot" ] || fail "there is no $cache.aot"
done
