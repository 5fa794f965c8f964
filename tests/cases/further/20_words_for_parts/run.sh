#!/usr/bin/env bash
# KIND    Data
# HIT     Folders called training/validation/testing, train/devel/test, and a manifest with Validation and EVAL.
# SHOULD  Taken for train, dev and test everywhere.
. "$(dirname "$0")/../../reliability/lib.sh"
python3 - "$W" <<'P'
import os,sys
from PIL import Image
w=sys.argv[1]
for name,parts in (('long',('training','validation','testing')),('idiap',('train','devel','test'))):
    for j,part in enumerate(parts):
        for cls in ('live','spoof'):
            d=f'{w}/{name}/{part}/{cls}'; os.makedirs(d)
            for i in range((8,4,6)[j]): Image.effect_noise((64,64),20+i*5+j).convert('RGB').save(f'{d}/{name}{j}{cls}{i}.png')
rows=[]
for j,part in enumerate(('Train','Validation','EVAL')):
    for cls in ('live','spoof'):
        rows+= [f'long/{("training","validation","testing")[j]}/{cls}/long{j}{cls}{i}.png,{cls},{part}' for i in range((8,4,6)[j])]
open(w+'/m.csv','w').write('path,label,split\n'+'\n'.join(rows)+'\n')
P
[ -d "$W/long" ] || could_not_run "Python has no pillow"
for d in long idiap m.csv; do run "i$d" "$METAFAS" data import "$W/$d" --json; check "$d: 16 train, 8 dev, 12 test" python3 -c "
import json,sys;d=json.load(open('$W/i$d.out'));s={x['split']:sum(x['clips']) for x in d['splits']};print(s);sys.exit(s!={'train':16,'dev':8,'test':12})"; done
for d in long idiap; do run "t$d" timeout 200 "$METAFAS" train --preset demo --set data.source=folder --set "data.root=$W/$d" --set pretrain.iterations=1 --iterations 1 --set detector.iterations=1 --set bilevel.m=2 --set bilevel.n=1 --set detector.batch=4 --threads 1 --out "$W/s$d"; check "$d as a folder: trains" is_rc "t$d" 0; check "$d as a folder: 12 test faces" bash -c "[ \$(tail -n +2 '$W/s$d/scores/test.csv' | wc -l) = 12 ]"; done
