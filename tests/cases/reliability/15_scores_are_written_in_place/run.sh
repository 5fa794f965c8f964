#!/usr/bin/env bash
# `evaluate` of a finished session is killed, or the disk fills, at any of its writes and renames.
# SHOULD  Afterwards scores/ is the old set or the new one, whole; nothing else is left after the next evaluation.
. "$(dirname "$0")/../lib.sh"
needs strace
base "$W/s"
"$METAFAS" evaluate "$W/s" >/dev/null 2>&1; cp -r "$W/s" "$W/new"; "$METAFAS" evaluate "$W/new" --threshold test_eer >/dev/null 2>&1
sum() { (cd "$1/scores" && cat dev.csv test.csv faces.safetensors maps.safetensors results.json | sha256sum); }
OLD=$(sum "$W/s"); NEW=$(sum "$W/new"); BAD=0
for at in write:signal=SIGKILL write:error=ENOSPC rename:signal=SIGKILL renameat2:signal=SIGKILL fsync:signal=SIGKILL unlink:signal=SIGKILL mkdir:signal=SIGKILL; do
  for n in 1 2 3 5 8; do
    rm -rf "$W/k"; cp -r "$W/s" "$W/k"
    timeout 60 strace -f -qq -o /dev/null -e "trace=${at%%:*}" -e "inject=$at:when=$n" "$METAFAS" evaluate "$W/k" --threshold test_eer >/dev/null 2>&1
    GOT=$(sum "$W/k"); [ "$GOT" = "$OLD" ] || [ "$GOT" = "$NEW" ] || { BAD=$((BAD+1)); say "    $at, number $n: neither the old set nor the new one"; ls -la "$W/k/scores"; }
  done
done
check "the old set or the new one after every kill" [ $BAD = 0 ]
run again "$METAFAS" evaluate "$W/k" --threshold test_eer
check "evaluated again" is_rc again 0
check "nothing is left aside" bash -c "[ -z \"\$(find '$W/k' -name '.metafas-*' -o -name '*.new')\" ]"
