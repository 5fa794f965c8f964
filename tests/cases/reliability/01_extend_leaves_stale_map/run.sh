#!/usr/bin/env bash
# HIT     `resume --iterations N` of a longer or shorter run left maps of the old end of bi-level training, and missed checkpoints.
# SHOULD  The bytes of an unbroken run of N, either way.
. "$(dirname "$0")/../lib.sh"
A=("${ARGS[@]}"); unset 'A[-1]' 'A[-1]'
same() { diff -rq "$1" "$2" | grep -vE 'status|timing|lock' | sed 's/^/    /' | tee "$W/diff"; [ ! -s "$W/diff" ]; }
reference "$W/forty"; cp -r "$W/forty" "$W/longer"
"$METAFAS" train "${A[@]}" --iterations 60 --out "$W/sixty" >/dev/null 2>&1; cp -r "$W/sixty" "$W/shorter"
run longer "$METAFAS" resume "$W/longer" --iterations 60
check "40 to 60: exit 0" is_rc longer 0
check "40 to 60: says that the detector is trained anew" err_has longer 'detector is trained anew'
check "40 to 60: the bytes of 60" same "$W/longer" "$W/sixty"
run asked "$METAFAS" resume "$W/shorter" --iterations 40
check "60 to 40 of a finished run: exit 2" is_rc asked 2
check "60 to 40: says how to go on" err_has asked '--discard-later'
check "60 to 40: nothing is changed" same "$W/shorter" "$W/sixty"
run shorter "$METAFAS" resume "$W/shorter" --iterations 40 --discard-later
check "60 to 40, agreed to: exit 0" is_rc shorter 0
check "60 to 40: the bytes of 40" same "$W/shorter" "$W/forty"
