#!/usr/bin/env bash
# Whoever reads stderr leaves, or its disk is full: the run goes on to its end and says the same in its files. A result that
# stdout does not take is exit code 1 with a sentence; a closed pipe there is no failure.
. "$(dirname "$0")/../lib.sh"
"$METAFAS" train "${TINY[@]}" --out "$W/gone" 2> >(head -n 1 >/dev/null) >"$W/gone.out"; echo $? >"$W/gone.rc"
check "the reader of stderr leaves: exit 0" is_rc gone 0
check "…and the run is finished" [ "$(state "$W/gone")" = finished ]
"$METAFAS" train "${TINY[@]}" --out "$W/full" 2>/dev/full >"$W/full.out"; echo $? >"$W/full.rc"
check "stderr on a full disk: exit 0" is_rc full 0
check "…and the run is finished" [ "$(state "$W/full")" = finished ]
"$METAFAS" nets --size 12 2>/dev/full; echo $? >"$W/wrong.rc"
check "an error that nobody can read: exit 2" is_rc wrong 2
METAFAS_LOG=debug "$METAFAS" train "${TINY[@]}" --out "$W/log" 2>/dev/full >/dev/null; echo $? >"$W/log.rc"
check "the log on a full disk: exit 0" is_rc log 0
base "$W/s"
for c in "nets" "nets --json" "paper" "metrics --test $W/s/scores/test.csv --threshold test_eer --draws 0" "evaluate $W/s" "resume $W/s --json" "table $W/s --kind config" "sweep list" "data inspect --help" "--help"; do
  { "$METAFAS" $c 2>"$W/p.err"; echo $? >"$W/p.rc"; } | true; sleep 0.2
  check "closed stdout: $c: 0 or 141" bash -c "[ $(rc p) = 0 ] || [ $(rc p) = 141 ]"
  "$METAFAS" $c >/dev/full 2>"$W/f.err"; echo $? >"$W/f.rc"
  check "full stdout: $c: exit 1 and a sentence" bash -c "[ $(rc f) = 1 ] && grep -q '^metafas: ' '$W/f.err'"
done
