#!/usr/bin/env bash
# KIND    Provenance of numbers
# HIT     After training a label in the manifest is changed, or a test picture is replaced by another under the same name; then evaluate.
# SHOULD  Told that the data are not those of the run; results carry another fingerprint.
. "$(dirname "$0")/../../reliability/lib.sh"
python3 - "$W" <<'P'
import os,sys
from PIL import Image
w=sys.argv[1]; os.makedirs(w+'/p'); rows=[]
k=0
for part,n in (('train',10),('dev',4),('test',4)):
    for lab in ('live','spoof'):
        for i in range(n):
            Image.effect_noise((64,64),20+7*k%90).convert('RGB').save(f'{w}/p/{k:02}.png'); rows.append((f'p/{k:02}.png',lab,str(k),part)); k+=1
open(w+'/m.csv','w').write('path,label,subject,split\n'+''.join(','.join(r)+'\n' for r in rows))
P
[ -d "$W/p" ] || could_not_run "Python has no pillow"
O=(--preset demo --set data.source=manifest --set data.crop=plain --set "data.root=$W/m.csv" --set pretrain.iterations=4 --iterations 2 --set detector.iterations=4 --set bilevel.m=2 --set bilevel.n=1 --set detector.batch=4 --threads 1)
run train "$METAFAS" train "${O[@]}" --out "$W/s"; check "trains" is_rc train 0
fp() { python3 -c "import json;print(json.load(open('$W/s/scores/results.json'))['fingerprint'])"; }
A=$(fp); cp "$W/m.csv" "$W/m0.csv"; sed -i '/,test$/{s/,live,/,spoof,/;:a;n;ba}' "$W/m.csv"
run ev1 timeout 100 "$METAFAS" evaluate "$W/s"; check "changed label: told, or refused" bash -c "[ $(rc ev1) = 2 ] || cat '$W/ev1.err' '$W/ev1.out' | grep -qiE 'not (the|those)|differ|other (faces|data)|changed'"
[ $(rc ev1) = 2 ] || check "changed label: another fingerprint" [ "$(fp)" != "$A" ]
cp "$W/m0.csv" "$W/m.csv"; T=$(grep ',test$' "$W/m.csv" | head -1 | cut -d, -f1); python3 -c "
from PIL import Image; Image.new('RGB',(64,64),(200,10,10)).save('$W/$T')"
run ev2 timeout 100 "$METAFAS" evaluate "$W/s"; check "replaced picture: told, or refused" bash -c "[ $(rc ev2) = 2 ] || cat '$W/ev2.err' '$W/ev2.out' | grep -qiE 'not (the|those)|differ|other (faces|data)|changed'"
[ $(rc ev2) = 2 ] || check "replaced picture: another fingerprint" [ "$(fp)" != "$A" ]
run paper "$METAFAS" table "$W/s" --kind results --paper --format md; check "own data are not called by a benchmark's protocol" bash -c "! cat '$W/paper.out' | grep -qiE 'casia|oulu'"
