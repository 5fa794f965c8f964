#!/usr/bin/env bash
# HIT     A kill or a full disk between the first mkdir and the first checkpoint left a folder that neither `resume` nor `train` took.
# SHOULD  `resume` begins it, or `train` does; one of the two always works.
. "$(dirname "$0")/../lib.sh"
needs strace
for n in 1 2 3 5 8; do
  rm -rf "$W/s"
  strace -f -qq -o /dev/null -e trace=rename,renameat2 -e inject=rename,renameat2:signal=SIGKILL:when=$n "$METAFAS" train "${TINY[@]}" --out "$W/s" >/dev/null 2>&1
  [ -d "$W/s" ] || continue
  cp -r "$W/s" "$W/t"
  run resume "$METAFAS" resume "$W/s"; run train "$METAFAS" train "${TINY[@]}" --out "$W/t"
  check "killed at rename $n: resume or train takes the folder" bash -c "[ $(rc resume) = 0 ] || [ $(rc train) = 0 ]"
  check "…the other one too, or it says what to do" bash -c "for n in resume train; do [ \"\$(cat '$W'/\$n.rc)\" = 0 ] || grep -qE 'resume|train|finished|empty' '$W'/\$n.err || exit 1; done"
  rm -rf "$W/t"
done
if mkdir "$W/m" && mount -t tmpfs -o size=200k none "$W/m" 2>/dev/null; then
  run full "$METAFAS" train "${TINY[@]}" --out "$W/m/s"
  check "a full disk at the start: exit 1 or 2 and a sentence" bash -c "{ [ $(rc full) = 1 ] || [ $(rc full) = 2 ]; } && grep -q '^metafas: ' '$W/full.err'"
  mount -o remount,size=50m "$W/m"
  run train2 "$METAFAS" train "${TINY[@]}" --out "$W/m/s"
  [ "$(rc train2)" = 0 ] || run train2 "$METAFAS" resume "$W/m/s"
  check "with room again train or resume takes the folder" is_rc train2 0
  umount "$W/m"
else say "    no tmpfs can be mounted here: the full disk was not tried"; fi
