#!/usr/bin/env bash
# HIT     Disk full in the middle of a run: exit 2, status "running", nothing on --json. Scores that are infinite: exit 2 and "failed".
#         Ctrl-C while faces are rendered: exit 2. A sweep.toml that is not UTF-8: 1.
# SHOULD  What fails after the work began is 1, Ctrl-C is 130, wrong input is 2; no process that ended leaves "running".
. "$(dirname "$0")/../lib.sh"
if mkdir "$W/m" && mount -t tmpfs -o size=1200k none "$W/m" 2>/dev/null; then
  run full "$METAFAS" train "${ARGS[@]}" --out "$W/m/s" --json
  check "disk full in the middle: exit 1" is_rc full 1
  check "…a sentence" one_sentence full
  check "…the state is not 'running'" bash -c "[ \"$(state "$W/m/s")\" != running ]"
  umount "$W/m"
else say "    no tmpfs can be mounted here: the full disk was not tried"; fi
run inf "$METAFAS" train "${ARGS[@]}" --set detector.learning_rate=1e6 --out "$W/n" --json
check "a detector that diverges: exit 1" is_rc inf 1
check "…the state is not 'running'" bash -c "[ \"$(state "$W/n")\" != running ]"
METAFAS_CACHE="$W/cache" plain "$METAFAS" train "${ARGS[@]}" --set data.seed=77123 --out "$W/i"
sleep 1.2; kill -INT $PL; wait $PL; check "Ctrl-C while faces are rendered: exit 130" [ $? = 130 ]
printf 'name="a"\xff' >"$W/s.toml"
run plan "$METAFAS" sweep plan "$W/s.toml" --out "$W/sp"; check "a sweep that is not UTF-8: exit 2" is_rc plan 2
run config "$METAFAS" train --config "$W/s.toml" --out "$W/sq"; check "settings that are not UTF-8: exit 2" is_rc config 2
