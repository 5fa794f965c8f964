#!/usr/bin/env bash
# KIND    Exit codes and states
# HIT     INT and TERM while faces are packed, pictures of the built-in data written, a sweep runs.
# SHOULD  130 and 143, one sentence, nothing half in the place of whole files.
. "$(dirname "$0")/../../reliability/lib.sh"
for sig in INT TERM; do [ $sig = INT ] && C=130 || C=143
  plain "$METAFAS" data synth --out "$W/syn$sig" --benchmark mini; sleep 2; kill -$sig $PL; wait $PL; R=$?; check "data synth, $sig: $C" [ $R = $C ]
  sweep "$W/sw$sig"; plain "$METAFAS" sweep run "$W/sw$sig" --jobs 1 --threads 1; sleep 3; kill -$sig $PL; wait $PL; R=$?; check "sweep run, $sig: $C (or finished)" bash -c "[ $R = $C ] || [ $R = 0 ]"
  base "$W/e$sig"; plain "$METAFAS" resume "$W/e$sig" --iterations 3000; sleep 4; kill -$sig $PL; wait $PL; R=$?; check "resume, $sig: $C" [ $R = $C ]; check "…state stopped" grep -q '"stopped"' "$W/e$sig/status.json"
done
