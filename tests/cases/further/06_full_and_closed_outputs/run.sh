#!/usr/bin/env bash
# KIND    Death
# HIT     stdout or stderr is a full disk or closed, for commands that print much or little.
# SHOULD  Exit 1 with a sentence where stdout is full; a run goes on where stderr is full; never 101.
. "$(dirname "$0")/../../reliability/lib.sh"
base "$W/s"
for c in "paper" "table $W/s --kind config" "sweep list" "nets" "evaluate $W/s" "metrics --test $W/s/scores/test.csv --threshold test_eer --json"; do
  n=$(echo "$c" | tr -c 'a-z\n' '_' | cut -c1-12); timeout 100 "$METAFAS" $c >/dev/full 2>"$W/$n.err"; echo $? >"$W/$n.rc"; : >"$W/$n.out"
  say "--- $c >/dev/full: rc=$(rc $n): $(tail -1 "$W/$n.err")"
  check "$c to a full disk: exit 1 with a sentence" bash -c "[ $(rc $n) = 1 ] && grep -q 'metafas: ' '$W/$n.err'"
done
"$METAFAS" train "${TINY[@]}" --out "$W/t" >/dev/null 2>/dev/full; R=$?
check "train with stderr on a full disk: finished" bash -c "[ $R = 0 ] && grep -q finished '$W/t/status.json'"
"$METAFAS" train "${TINY[@]}" --out "$W/u" >/dev/null 2>&-; R=$?
check "train with stderr closed: finished" bash -c "[ $R = 0 ] && grep -q finished '$W/u/status.json'"
"$METAFAS" nets --json >&- 2>"$W/nets.err"; R=$?; check "nets with stdout closed: no silent 101" bash -c "[ $R != 101 ]"
