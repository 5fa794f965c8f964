#!/usr/bin/env bash
# KIND    Death
# HIT     Pictures and folders of a data set have names that are not UTF-8, or hold line breaks and escape sequences.
# SHOULD  Read, or left out and named; the terminal gets no control characters.
. "$(dirname "$0")/../../reliability/lib.sh"
python3 - "$W" <<'P'
import os,sys
from PIL import Image
w=sys.argv[1].encode()
for part,n in ((b'train',8),(b'dev',4),(b'test',4)):
    for cls in (b'live',b'spoof/pr\xefnt'):
        d=w+b'/f/'+part+b'/'+cls; os.makedirs(d)
        for i in range(n): Image.effect_noise((64,64),30+i).convert('RGB').save(open(d+b'/'+(b'n\xff%d'%i if i%2 else b'a\x1b[31m\nb%d'%i)+b'.png','wb'),'PNG')
P
[ -d "$W/f" ] || could_not_run "Python has no pillow"
run import "$METAFAS" data import "$W/f" --json; check "import --json: no crash" no_panic import
run words "$METAFAS" data import "$W/f" --out "$W/m.csv"; check "import: no crash" no_panic words
run train timeout 200 "$METAFAS" train --preset demo --set data.source=folder --set "data.root=$W/f" --set pretrain.iterations=1 --iterations 1 --set detector.iterations=1 --set bilevel.m=2 --set bilevel.n=1 --set detector.batch=4 --threads 1 --out "$W/s" --json
check "train: a result or a sentence" bash -c "[ $(rc train) = 0 ] || [ $(rc train) = 2 ]"
check "no escape sequence reaches the terminal" bash -c "! cat '$W'/*.err '$W'/words.out | grep -q \$'\\x1b'"
[ "$(rc train)" = 0 ] && { run faces "$METAFAS" figure "$W/s" --kind faces --out "$W/f.svg"; check "figure: no crash" no_panic faces; }
