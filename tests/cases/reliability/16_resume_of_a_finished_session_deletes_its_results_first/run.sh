#!/usr/bin/env bash
# HIT     `resume` of a finished session deleted scores/ at once and made them again at the end; a kill between left none.
# SHOULD  Nothing to do changes nothing; with more iterations the old scores stay, marked, until the new ones are written.
. "$(dirname "$0")/../lib.sh"
reference "$W/s"; cp -r "$W/s" "$W/before"; sed -i 's/"threshold_rule": "dev_eer"/"threshold_rule": "test_eer"/' "$W/s/scores/results.json" "$W/before/scores/results.json"
run again "$METAFAS" resume "$W/s"
check "nothing to do: exit 0" is_rc again 0
check "…no byte is changed" bash -c "! diff -rq '$W/s' '$W/before' | grep -vE 'status|lock'"
"$METAFAS" resume "$W/s" --iterations 60000 >/dev/null 2>&1 & P=$!; PIDS+=($P)
until_has "$W/s/metrics.jsonl" '"stage":"bilevel","stage_iteration":4[1-9]' 60; kill -9 $P; wait $P 2>/dev/null
for f in dev.csv test.csv faces.safetensors maps.safetensors; do check "killed while it goes on: $f is the old one" cmp "$W/s/scores/$f" "$W/before/scores/$f"; done
run table "$METAFAS" table "$W/s" --kind results --format csv
check "…and can be reported" is_rc table 0
