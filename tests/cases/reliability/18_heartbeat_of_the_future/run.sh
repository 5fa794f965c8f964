#!/usr/bin/env bash
# HIT     A case whose last sign of life lay ahead of the clock counted as running for good; `sweep run` left it alone, exit 0.
# SHOULD  Its process is gone, so it is gone on with.
. "$(dirname "$0")/../lib.sh"
sweep "$W/sw"
run first "$METAFAS" sweep run "$W/sw" --jobs 1 --threads 1
check "the sweep runs" is_rc first 0
CASE_PATH=$(ls -d "$W"/sw/cases/* | head -1); rm -r "$CASE_PATH/scores"
python3 - "$CASE_PATH/status.json" <<'P'
import json,sys; p=sys.argv[1]; j=json.load(open(p)); j.update(state='running',heartbeat=4000000000,pid=999999); json.dump(j,open(p,'w'))
P
rm -f "$W"/sw/work/*.lock
run status "$METAFAS" sweep status "$W/sw"
check "it is not shown as running" bash -c "! grep -qE ' running' '$W/status.out'"
run again "$METAFAS" sweep run "$W/sw" --jobs 1 --threads 1
check "the sweep goes on with it" is_rc again 0
check "…and finishes it" bash -c "[ \"$(state "$CASE_PATH")\" = finished ] && [ -f '$CASE_PATH/scores/results.json' ]"
