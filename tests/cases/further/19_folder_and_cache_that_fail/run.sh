#!/usr/bin/env bash
# KIND    Exit codes and states
# HIT     The session folder is deleted under a run; the cache is a file, read-only, or on a full disk.
# SHOULD  Exit 1 (the work) or 2 (METAFAS_CACHE named); never a silent end.
. "$(dirname "$0")/../../reliability/lib.sh"
base "$W/s"; long "$W/s" 60000; sleep 4; rm -rf "$W/s"; for _ in $(seq 60); do kill -0 $BG 2>/dev/null || break; sleep 0.5; done; kill -0 $BG 2>/dev/null && { kill -9 $BG; check "folder deleted: the run ends" false; } || { wait $BG; R=$?; check "folder deleted under a run: exit 1" [ $R = 1 ]; check "…one sentence" grep -q 'metafas: ' "$W/bg.err"; }
: >"$W/file"; METAFAS_CACHE="$W/file" run cfile timeout 60 "$METAFAS" train "${TINY[@]}" --out "$W/t"; check "the cache is a file: METAFAS_CACHE is named" err_has cfile 'METAFAS_CACHE'; check "…exit 1 or 2" bash -c "[ $(rc cfile) = 1 ] || [ $(rc cfile) = 2 ]"
METAFAS_CACHE=/proc/nope run cproc timeout 60 "$METAFAS" train "${TINY[@]}" --out "$W/u"; check "a cache in /proc: METAFAS_CACHE is named" err_has cproc 'METAFAS_CACHE'
check "no folder of a session is left" [ ! -e "$W/t/run.toml" -a ! -e "$W/u/run.toml" ]
