#!/usr/bin/env bash
# Folders and pictures whose names are not UTF-8: the work is done, and JSON shows U+FFFD in place of the byte.
. "$(dirname "$0")/../lib.sh"
D="$W/"$'n\xff8'; mkdir "$D"
valid() { python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$W/$1.out"; }
run train "$METAFAS" train "${TINY[@]}" --out "$D/s" --json; check "train --json: exit 0" is_rc train 0; check "…valid JSON" valid train
run resume "$METAFAS" resume "$D/s" --json; check "resume --json: exit 0" is_rc resume 0; check "…valid JSON" valid resume
run evaluate "$METAFAS" evaluate "$D/s" --json; check "evaluate --json: exit 0" is_rc evaluate 0
run figure "$METAFAS" figure "$D/s" --kind maps --out "$D/x.svg"; check "figure: exit 0" is_rc figure 0
run roc "$METAFAS" figure "$D/s" --kind roc --out "$D/y.svg"; check "figure of scores: exit 0" is_rc roc 0
run table "$METAFAS" table "$D/s" --kind results --format csv; check "table: exit 0" is_rc table 0
run plan "$METAFAS" sweep plan mt_fas_fig7 --seeds 1 --set data.benchmark=tiny --out "$D/w"; check "sweep plan: exit 0" is_rc plan 0
run status "$METAFAS" sweep status "$D/w" --json; check "sweep status --json: exit 0" is_rc status 0; check "…valid JSON" valid status
# A list's pictures, and a folder of them.
mkdir -p "$D/p/live" "$D/p/spoof"; python3 - "$D/p" <<'PY'
import os, struct, sys, zlib
root = os.fsencode(sys.argv[1])
def png(path, shade):
    rows = b''.join(b'\0' + bytes([shade, x % 256, 90]) * 64 for x in range(64))
    chunk = lambda kind, data: struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    open(path, 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 64, 64, 8, 2, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
for i in range(4):
    png(root + b'/live/l\xe4%d.png' % i, i * 20)
    png(root + b'/spoof/s\xe4%d.png' % i, 200 - i * 20)
PY
for c in "data import" "data inspect" "bench loader"; do
  run look "$METAFAS" $c "$D/p" --json; check "$c --json: an answer or a sentence" bash -c "[ $(rc look) = 0 ] || { [ $(rc look) = 2 ] && grep -q '^metafas: ' '$W/look.err'; }"
done
check "nothing panicked" bash -c "! cat '$W'/*.err | grep -qi 'panicked\|fault of the program'"
