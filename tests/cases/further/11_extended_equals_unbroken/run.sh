#!/usr/bin/env bash
# KIND    Destruction before work
# HIT     A run stopped at one length is taken on to another; shortened with the flag that allows it.
# SHOULD  The same files and bytes as a run of that length, but for status and timing.
. "$(dirname "$0")/../../reliability/lib.sh"
A=("${TINY[@]}"); unset 'A[-1]' 'A[-1]'; LONG=(--preset demo --set data.benchmark=tiny --set bilevel.m=2 --set bilevel.n=1 --set detector.batch=4 --set pretrain.iterations=10 --set detector.iterations=10 --set watch.every=2 --set checkpoint.every=4 --threads 1)
"$METAFAS" train "${LONG[@]}" --iterations 6 --out "$W/a" >/dev/null 2>&1; "$METAFAS" train "${LONG[@]}" --iterations 10 --out "$W/b" >/dev/null 2>&1
run ext "$METAFAS" resume "$W/a" --iterations 10; check "extended: exit 0" is_rc ext 0
diff -rq "$W/a" "$W/b" | grep -vE 'status.json|timing.jsonl|\.lock|engine.lock' >"$W/d1"; sed 's/^/    /' "$W/d1"; check "extended from 6 to 10: the bytes of an unbroken run of 10" [ ! -s "$W/d1" ]
"$METAFAS" train "${LONG[@]}" --iterations 6 --out "$W/c" >/dev/null 2>&1; cp -r "$W/b" "$W/b0"
run short "$METAFAS" resume "$W/b" --iterations 6; check "going back without a flag is refused" is_rc short 2
check "…and nothing was deleted" diff -r "$W/b0/checkpoints" "$W/b/checkpoints"
run short2 "$METAFAS" resume "$W/b" --iterations 6 --discard-later; check "with --discard-later: exit 0" is_rc short2 0
diff -rq "$W/b" "$W/c" | grep -vE 'status.json|timing.jsonl|lock' >"$W/d2"; sed 's/^/    /' "$W/d2"; check "shortened to 6: the bytes of an unbroken run of 6" [ ! -s "$W/d2" ]
