#!/usr/bin/env bash
# SOURCE  Lightning-AI/pytorch-lightning#2035 (Ctrl-C does not stop), #3378, #1455 (SIGTERM ignored, Slurm preemption), #19976 (second Ctrl-C), NovaSky-AI/SkyRL#1516
# HIT     Ctrl-C or TERM is ignored, loses the run, or leaves "running"; in the first minutes (data) it gives an error; a second Ctrl-C does not help.
# SHOULD  INT and TERM: stops within a few seconds, state stopped, exit 130 or 143, resume to the same bytes. While faces are rendered: the same, a sentence that is true,
#         the folder is free for another try. A second Ctrl-C during a long stop ends at once.
. "$(dirname "$0")/../lib.sh"
base "$W/ref"; "$METAFAS" resume "$W/ref" --iterations 40 >/dev/null 2>&1
for sig in INT TERM; do
  base "$W/s$sig"; "$METAFAS" resume "$W/s$sig" --iterations 40 >"$W/$sig.out" 2>"$W/$sig.err" & P=$!; PIDS+=($P); sleep 3; 
  B=$(date +%s%N); kill -$sig $P; wait $P; echo $? >"$W/$sig.rc"; say "$sig: rc $(rc $sig) after $(( ($(date +%s%N)-B)/1000000 )) ms, state $(state "$W/s$sig"), iteration $(grep -o '"iteration": [0-9]*' "$W/s$sig/status.json")"
  [ $sig = INT ] && WANT=130 || WANT=143
  check "$sig: exit $WANT" is_rc $sig $WANT
  check "$sig: state stopped (or finished)" grep -qE '"(stopped|finished)"' "$W/s$sig/status.json"
  run resume$sig "$METAFAS" resume "$W/s$sig"
  check "$sig: resumed to the same bytes" cmp "$W/s$sig/metrics.jsonl" "$W/ref/metrics.jsonl"
done
# while faces are rendered: an empty cache
for n in 1 2; do
METAFAS_CACHE="$W/cache$n" "$METAFAS" train "${TINY[@]}" --set data.benchmark=mini --out "$W/early$n" >"$W/early$n.out" 2>"$W/early$n.err" & P=$!; PIDS+=($P); sleep 2.5
B=$(date +%s%N); kill -INT $P; [ $n = 2 ] && { sleep 0.3; kill -INT $P; }; wait $P; echo $? >"$W/early$n.rc"
say "INT x$n while rendering: rc $(rc early$n) after $(( ($(date +%s%N)-B)/1000000 )) ms; $(tr '\r' '\n' <"$W/early$n.err" | tail -2)"
done
check "INT while rendering: exit 130" is_rc early1 130
check "…and no sentence that calls the folder wrong" bash -c "! grep -qi 'no session folder' '$W/early1.err'"
run again timeout 5 "$METAFAS" train "${TINY[@]}" --out "$W/early1"
check "…and the folder can be used again" bash -c "! grep -qi 'not empty' '$W/again.err'"
# during evaluate
base "$W/e"; cp -r "$W/e" "$W/e0"
for wait in 0.3 0.8 1.2 1.6 2.0; do plain "$METAFAS" evaluate "$W/e" --threshold test_eer; sleep $wait; kill -INT $PL; wait $PL; R=$?
  say "INT during evaluate after $wait s: rc $R; scores: $(ls "$W/e/scores" | tr '\n' ' ') results rule $(grep -o '"threshold_rule": "[a-z_]*"' "$W/e/scores/results.json")"
  check "INT during evaluate after $wait s leaves whole scores" python3 -c "import json;json.load(open('$W/e/scores/results.json'))"
done
# one phase takes long: pictures of 512 pixels
plain "$METAFAS" train "${TINY[@]}" --set data.size=512 --set pretrain.iterations=50 --out "$W/slow"; until_has "$W/slow/status.json" running 60; sleep 6
B=$(date +%s%N); kill -INT $PL; sleep 1.5; kill -INT $PL 2>/dev/null; sleep 1; kill -INT $PL 2>/dev/null; wait $PL; R=$?
say "INT three times in a long phase: rc $R after $(( ($(date +%s%N)-B)/1000000 )) ms; $(tr '\r' '\n' <"$W/pl.err" | tail -3 | tr '\n' '|')"
check "three times INT in a long phase: ends within 5 s" [ $(( ($(date +%s%N)-B)/1000000 )) -lt 5000 ]
