#!/usr/bin/env bash
# KIND    Print
# HIT     A run whose loss is constant or not a number; species in Chinese; a table with quotes in LaTeX.
# SHOULD  Readable axes; missing letters told; nothing that LaTeX's default encoding lacks.
. "$(dirname "$0")/../../reliability/lib.sh"
base "$W/s"; python3 - "$W/s/metrics.jsonl" <<'P'
import json,sys; p=sys.argv[1]; R=[json.loads(l) for l in open(p)]
for i,r in enumerate(R):
    for k in r:
        if isinstance(r[k],float): r[k]=r[k]*10.0**(i*12) if 'loss' in k or k in('l_v','l_t') else 1e-300
open(p,'w').write(''.join(json.dumps(r)+'\n' for r in R))
P
run c "$METAFAS" figure "$W/s" --kind curves --out "$W/c.svg"; check "curves of 1e200: drawn" is_rc c 0
check "no label of more than 12 digits" bash -c "! grep -oE '>[0-9]{13,}[^<]*<' '$W/c.svg' | head -1 | grep -q ."
base "$W/t"; sed -i 's/print/打印"攻击/g; s/replay/a"b\\&%/g' "$W/t/scores/test.csv" 2>/dev/null; sed -i 's/"print/"打印/g' "$W/t/scores/results.json"
run f "$METAFAS" figure "$W/t" --kind roc --out "$W/f.svg"; run tb "$METAFAS" table "$W/t" --kind species --format latex
check "letters that the typeface lacks are told, or refused" bash -c "[ $(rc f) != 0 ] || ! grep -q '打' '$W/f.svg' || cat '$W/f.err' '$W/f.out' | grep -qi 'letter\|typeface\|character'"
check "no \\textquotedbl" bash -c "! grep -q 'textquotedbl' '$W/tb.out'"
