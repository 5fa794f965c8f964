#!/usr/bin/env bash
# HIT     The bytes of a pack were never compared with their sums: a pack full of noise trained, exit 0, under the fingerprint of the good data.
# SHOULD  A run, a resume and an evaluation on such a pack end in exit 1 or 2 with a sentence that names the file; deleted, the faces are cut again.
. "$(dirname "$0")/../lib.sh"
python3 "$(dirname "$0")/../clips.py" "$W/d" 72
SOURCE=(--set data.source=manifest --set data.root="$W/d/m.csv" --set data.crop=plain --set data.pack="$W/pk" --set data.size=64)
run pack "$METAFAS" data pack "$W/d/m.csv" --preset plain --out "$W/pk" --threads 1
check "packed" is_rc pack 0
run good "$METAFAS" train "${TINY[@]}" "${SOURCE[@]}" --out "$W/good"
check "a whole pack trains" is_rc good 0
cp -r "$W/pk" "$W/whole"
# One byte in the middle of the faces themselves
python3 - "$W/pk/000000.faces" <<'P'
import os,sys
f=open(sys.argv[1],'r+b'); f.seek(os.path.getsize(sys.argv[1])//2); b=f.read(1); f.seek(-1,1); f.write(bytes([b[0]^1]))
P
rm -rf "$W"/pk/at-*
for command in "train ${TINY[*]} ${SOURCE[*]} --out $W/noise" "evaluate $W/good"; do
  n=${command%% *}; run "$n" "$METAFAS" $command
  check "$n on a changed byte: exit 1 or 2" bash -c "[ $(rc "$n") = 1 ] || [ $(rc "$n") = 2 ]"
  check "…a sentence that names the file or the pack" err_has "$n" '^metafas: .*(\.faces|pk)'
  check "…without a panic" no_panic "$n"
done
check "no run is left that claims the good data" bash -c "[ ! -e '$W/noise/scores/results.json' ]"
rm "$W/pk/000000.faces"
run again "$METAFAS" train "${TINY[@]}" "${SOURCE[@]}" --out "$W/again"
check "without the file: the faces are cut again" is_rc again 0
check "…and the run is the same" cmp "$W/good/metrics.jsonl" "$W/again/metrics.jsonl"
