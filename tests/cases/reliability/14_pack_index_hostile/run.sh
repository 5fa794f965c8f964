#!/usr/bin/env bash
# Lines of a pack's index that are signed (16 digits of SHA-256, no key) and wrong: a length that is too short, places beyond
# the file, numbers that overflow, a side of 4 billion pixels. One sentence and exit 2, or the clip is cut again.
. "$(dirname "$0")/../lib.sh"
python3 "$(dirname "$0")/../clips.py" "$W/d" 72
run pack "$METAFAS" data pack "$W/d/m.csv" --preset plain --out "$W/pk" --threads 1
check "packed" is_rc pack 0
# wound NAME CODE: a copy of the pack in which CODE changed every stored clip `s` (a dict) of the index, lines signed anew
wound() { cp -r "$W/pk" "$W/$1"; python3 - "$W/$1/index.jsonl" "$2" <<'PY'
import hashlib, json, sys
path, code = sys.argv[1:]
lines = []
for line in open(path):
    entry = json.loads(line.split(' ', 1)[1])
    s = entry['outcome'].get('cut')
    if s is not None: exec(code)
    text = json.dumps(entry, separators=(',', ':'))
    lines.append(hashlib.sha256(text.encode()).hexdigest()[:16] + ' ' + text + '\n')
open(path, 'w').writelines(lines)
PY
}
wound short "s['length'] = 100"
wound none "s['length'] = 0"
wound beyond "s['at'] = 1 << 40"
wound overflow "s['at'] = (1 << 64) - 10"
wound long "s['length'] = (1 << 64) - 1"
wound segment "s['segment'] = 4294967295"
wound faces "s['faces'] = s['faces'] * 1000"
wound depth "[f.__setitem__('depth', True) for f in s['faces']]"
cp -r "$W/pk" "$W/side"; python3 -c "import json,sys; p=sys.argv[1]; h=json.load(open(p)); h['side']=4294967295; json.dump(h,open(p,'w'))" "$W/side/pack.json"
for n in short none beyond overflow long segment faces depth side; do
  run load timeout 120 "$METAFAS" bench loader "$W/$n" --seconds 0.05
  check "$n: bench loader: exit 1 or 2 and one sentence" bash -c "{ [ $(rc load) = 1 ] || [ $(rc load) = 2 ]; } && [ \$(grep -c '^metafas: ' '$W/load.err') = 1 ]"
  check "…no panic" bash -c "! grep -qi 'panicked\|fault of the program' '$W/load.err'"
  run train timeout 300 "$METAFAS" train "${TINY[@]}" --set data.source=manifest --set data.root="$W/d/m.csv" --set data.crop=plain --set data.pack="$W/$n" --out "$W/s-$n"
  check "$n: train: cut again (0), or a sentence (1 or 2)" bash -c "[ $(rc train) = 0 ] || { { [ $(rc train) = 1 ] || [ $(rc train) = 2 ]; } && grep -q '^metafas: ' '$W/train.err'; }"
  check "…no panic" bash -c "! grep -qi 'panicked\|fault of the program\|no session folder' '$W/train.err'"
done
