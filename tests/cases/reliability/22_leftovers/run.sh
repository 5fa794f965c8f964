#!/usr/bin/env bash
# HIT     Files of a failed write stayed for ever; a kill between a checkpoint and the removal of older ones left an extra checkpoint.
# SHOULD  Both are removed at the next start: the files of an unbroken run.
. "$(dirname "$0")/../lib.sh"
S=(--preset demo --set data.benchmark=tiny --set bilevel.m=2 --set bilevel.n=1 --set detector.batch=4 --set pretrain.iterations=10 --set detector.iterations=10 --iterations 8 --set data.size=32 --threads 1 --set checkpoint.every=3 --set checkpoint.keep=4 --set watch.every=4 --set calibrate.batches=2)
"$METAFAS" train "${S[@]}" --out "$W/a" >/dev/null 2>&1; cp -r "$W/a" "$W/b"
# What kills leave: an extra checkpoint, files written aside, a state that says running
"$METAFAS" train "${S[@]}" --set checkpoint.keep=100 --out "$W/all" >/dev/null 2>&1
EXTRA=$(comm -13 <(ls "$W/a/checkpoints") <(ls "$W/all/checkpoints") | head -1); say "extra: $EXTRA"; cp "$W/all/checkpoints/$EXTRA" "$W/b/checkpoints/"
echo half >"$W/b/checkpoints/000021.safetensors.new"; echo half >"$W/b/status.json.new"; sed -i 's/"finished"/"running"/' "$W/b/status.json"
run b "$METAFAS" resume "$W/b"
check "exit 0" is_rc b 0
check "the files of an unbroken run" bash -c "! diff -rq '$W/a' '$W/b' | grep -vE 'status.json (and|differ)|status.lock|timing'"
check "nothing half written is left" bash -c "! find '$W/b' -name '*.new' | grep ."
