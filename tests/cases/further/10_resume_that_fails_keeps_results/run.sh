#!/usr/bin/env bash
# KIND    Destruction before work
# HIT     A finished run is resumed, or evaluated, while its data or the disk are gone; the command fails.
# SHOULD  Old scores, results and checkpoints are as they were.
. "$(dirname "$0")/../../reliability/lib.sh"
python3 - "$W" <<'P'
import os,sys
from PIL import Image
for part,n in (('train',10),('dev',4),('test',4)):
    for cls in ('live','spoof/print'):
        d=f'{sys.argv[1]}/f/{part}/{cls}'; os.makedirs(d)
        for i in range(n): Image.effect_noise((64,64),20+i*9+len(cls)).convert('RGB').save(f'{d}/{part}{i}.png')
P
[ -d "$W/f" ] || could_not_run "Python has no pillow"
O=(--preset demo --set data.source=folder --set "data.root=$W/f" --set pretrain.iterations=4 --iterations 2 --set detector.iterations=4 --set bilevel.m=2 --set bilevel.n=1 --set detector.batch=4 --threads 1)
run train "$METAFAS" train "${O[@]}" --out "$W/s"; check "trains" is_rc train 0
cp -r "$W/s" "$W/k"; mv "$W/f" "$W/gone"
for c in "evaluate $W/s" "resume $W/s --iterations 4" "resume $W/s"; do n=$(echo $c | tr -dc 'a-z0-9' | cut -c1-8)$RANDOM; run $n timeout 60 "$METAFAS" $c
  check "after '$(echo $c | cut -d' ' -f1,3-)' scores are as they were" diff -r "$W/k/scores" "$W/s/scores"; check "…and checkpoints" diff -r "$W/k/checkpoints" "$W/s/checkpoints"; check "…and rows" cmp "$W/k/metrics.jsonl" "$W/s/metrics.jsonl"; done
