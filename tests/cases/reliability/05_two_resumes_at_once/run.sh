#!/usr/bin/env bash
# HIT     Two `resume` of one session both wrote: rows and checkpoints were lost, and one of them said "finished" with exit code 0.
# SHOULD  One of them goes on and ends with the bytes of an undisturbed run; the other is refused (exit 2) and names the process that is at it.
. "$(dirname "$0")/../lib.sh"
reference "$W/ref"
for pause in 0 0.3 0.8; do
  rm -rf "$W/t"; cp -r "$W/ref" "$W/t"; rm -r "$W"/t/checkpoints/000[1]* "$W"/t/scores
  sed -i 's/"state": *"finished"/"state":"stopped"/' "$W/t/status.json"
  "$METAFAS" resume "$W/t" --json >"$W/o1" 2>"$W/one.err" & A=$!
  sleep $pause
  "$METAFAS" resume "$W/t" --json >"$W/o2" 2>"$W/two.err" & B=$!
  wait $A; RA=$?; wait $B; RB=$?
  say "--- $pause s apart: rc=$RA,$RB"; tail -n 1 "$W/one.err" "$W/two.err"
  check "one goes on, one is refused" [ "$((RA + RB))/$((RA * RB))" = 2/0 ]
  check "…in a sentence that names the process" bash -c "cat '$W/one.err' '$W/two.err' | grep '^metafas: ' | grep -qE 'process|pid'"
  check "no row is lost" cmp "$W/t/metrics.jsonl" "$W/ref/metrics.jsonl"
  check "the scores are those of an undisturbed run" cmp "$W/t/scores/test.csv" "$W/ref/scores/test.csv"
done
