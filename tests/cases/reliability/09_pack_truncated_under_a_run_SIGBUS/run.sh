#!/usr/bin/env bash
# A segment of a pack that becomes shorter under a run: exit 1 with a sentence that names the file, not a signal; the
# session goes on when the pack is whole again.
. "$(dirname "$0")/../lib.sh"
python3 "$(dirname "$0")/../clips.py" "$W/d" 72
SOURCE=(--set data.source=manifest --set data.root="$W/d/m.csv" --set data.crop=plain --set data.pack="$W/pk")
run pack "$METAFAS" data pack "$W/d/m.csv" --preset plain --out "$W/pk" --threads 1
check "packed" is_rc pack 0
plain "$METAFAS" train "${TINY[@]}" "${SOURCE[@]}" --set pretrain.iterations=2000 --set data.size=64 --out "$W/s"
check "the run learns" until_has "$W/s/metrics.jsonl" pretrain 60
cp -r "$W/pk" "$W/whole"; for f in $(find "$W/pk" -name '*.faces'); do : >"$f"; done
wait $PL; echo $? >"$W/pl.rc"; say "--- train: rc=$(rc pl)"; tail -n 2 "$W/pl.err"
check "exit 1" is_rc pl 1
check "one sentence that names the file" bash -c "grep '^metafas: ' '$W/pl.err' | grep -q '\.faces cannot be read'"
check "the state is not 'running'" bash -c "[ \"$(state "$W/s")\" != running ]"
run short "$METAFAS" bench loader "$W/pk" --seconds 0.05
check "bench loader of it: exit 1 or 2 and a sentence" bash -c "{ [ $(rc short) = 1 ] || [ $(rc short) = 2 ]; } && grep -q '^metafas: ' '$W/short.err'"
rm -r "$W/pk"; mv "$W/whole" "$W/pk"
plain "$METAFAS" resume "$W/s"; sleep 3; kill -INT $PL; wait $PL; echo $? >"$W/pl.rc"
check "with the pack whole again it goes on: exit 0 or 130" bash -c "[ $(rc pl) = 0 ] || [ $(rc pl) = 130 ]"
