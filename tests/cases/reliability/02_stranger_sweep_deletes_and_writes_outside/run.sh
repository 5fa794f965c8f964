#!/usr/bin/env bash
# A sweep from somebody else names folders outside itself: `../victim`, an absolute path.
# SHOULD  Refused with one sentence, exit 2; nothing outside is deleted or made.
. "$(dirname "$0")/../lib.sh"
printf 'name = "s"\npreset = "demo"\n[grid]\nseed = [0, 1]\n' >"$W/s.toml"
run plan "$METAFAS" sweep plan "$W/s.toml" --out "$W/sw"
mkdir -p "$W/victim/maps" "$W/victim/scores"; echo precious >"$W/victim/maps/thesis.txt"; echo precious >"$W/victim/scores/grades.csv"
for folder in ../victim "$W/made" cases/../../victim; do
  cp -r "$W/sw" "$W/t"
  python3 - "$W/t/cases.jsonl" "$folder" <<'P'
import json, sys
lines = [json.loads(x) for x in open(sys.argv[1])]
lines[0]['folder'] = sys.argv[2]
open(sys.argv[1], 'w').write(''.join(json.dumps(x) + '\n' for x in lines))
P
  run sweep timeout 120 "$METAFAS" sweep run "$W/t" --jobs 1 --threads 1
  check "$folder: exit 2" is_rc sweep 2
  check "$folder: one sentence" one_sentence sweep
  run case timeout 120 "$METAFAS" sweep case "$W/t" 0 --threads 1
  check "$folder: a single case too" is_rc case 2
  rm -rf "$W/t"
done
check "what is outside is whole" bash -c "grep -q precious '$W/victim/maps/thesis.txt' && grep -q precious '$W/victim/scores/grades.csv'"
check "nothing was made outside" bash -c "[ ! -e '$W/made' ] && [ ! -e '$W/victim/run.toml' ]"
