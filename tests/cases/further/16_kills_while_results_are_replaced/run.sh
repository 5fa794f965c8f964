#!/usr/bin/env bash
# KIND    Writes
# HIT     evaluate is killed at a rename, write or fsync of its files.
# SHOULD  Each file is whole, old or new; results and scores belong together; no debris after the next run of the command.
. "$(dirname "$0")/../../reliability/lib.sh"
needs strace; base "$W/s0"
for call in rename write fsync; do for n in 1 2 3 5 8 12; do rm -rf "$W/s"; cp -r "$W/s0" "$W/s"
  strace -f -qq -o /dev/null -e trace=$call -e inject=$call:signal=SIGKILL:when=$n "$METAFAS" evaluate "$W/s" --threshold test_eer >/dev/null 2>&1
  python3 -c "import json;json.load(open('$W/s/scores/results.json'))" 2>/dev/null && [ -s "$W/s/scores/test.csv" ] && [ -s "$W/s/scores/dev.csv" ] && "$METAFAS" figure "$W/s" --kind roc --out "$W/r.svg" >/dev/null 2>&1 || BAD="${BAD:-} $call:$n"; done; done
check "after 18 kills scores are whole (${BAD:-none} bad)" [ -z "${BAD:-}" ]
"$METAFAS" evaluate "$W/s" >/dev/null 2>&1; find "$W/s" -name '*.new' -o -name '*.tmp' -o -name '.*' -type f | grep -v lock >"$W/debris"; check "no debris after the next evaluation" [ ! -s "$W/debris" ]
