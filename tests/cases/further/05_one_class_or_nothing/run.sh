#!/usr/bin/env bash
# KIND    Death
# HIT     A manifest whose train part has no attack, or no live face; one that is empty; one face in all.
# SHOULD  A sentence (exit 2) before any work, or a result; never a dead process.
. "$(dirname "$0")/../../reliability/lib.sh"
python3 - "$W" <<'P'
import os,sys
from PIL import Image
w=sys.argv[1]; os.makedirs(w+'/p')
for i in range(24): Image.effect_noise((64,64),30+i).convert('RGB').save(f'{w}/p/{i:02}.png')
def m(name,rows): open(f'{w}/{name}.csv','w').write('path,label,subject,split\n'+''.join(f'p/{i:02}.png,{l},{i},{s}\n' for i,l,s in rows))
m('live_only',[(i,'live',('train','dev','test')[i//8]) for i in range(24)])
m('attacks_only',[(i,'spoof',('train','dev','test')[i//8]) for i in range(24)])
m('test_only',[(i,('live','spoof')[i%2],'test') for i in range(24)])
m('one',[(0,'live','train')]); m('empty',[])
P
[ -d "$W/p" ] || could_not_run "Python has no pillow"
for m in live_only attacks_only test_only one empty; do
  run $m timeout 200 "$METAFAS" train --preset demo --set data.source=manifest --set data.crop=plain --set "data.root=$W/$m.csv" --set pretrain.iterations=1 --iterations 1 --set detector.iterations=1 --set bilevel.m=2 --set bilevel.n=1 --set detector.batch=4 --threads 1 --out "$W/s_$m"
  check "$m: a result or a sentence" bash -c "[ $(rc $m) = 0 ] || { [ $(rc $m) = 2 ] && grep -q 'metafas: ' '$W/$m.err'; }"
  check "$m: no folder is left by a refusal" bash -c "[ $(rc $m) = 0 ] || [ ! -e '$W/s_$m' ]"
done
