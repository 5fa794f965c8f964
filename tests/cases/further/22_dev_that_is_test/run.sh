#!/usr/bin/env bash
# KIND    Scores
# HIT     The dev file holds a part of the test rows in other order and other digits; 4 columns; spoof_high read as live_high.
# SHOULD  Called an oracle, or warned of, in text and JSON.
. "$(dirname "$0")/../../reliability/lib.sh"
python3 - "$W" <<'P'
import random,sys
w=sys.argv[1]; r=random.Random(1); rows=[]
for i in range(60): rows.append((f'c{i}',f'v{i}','bonafide' if i%2 else 'print',round(r.gauss(1.2 if i%2 else 0,1),6)))
def bob(p,R,f='%.6f'): open(p,'w').write('claimed_id,test_label,attack_type,score\n'+''.join(f'{a},{b},{"" if c=="bonafide" else c},{f%s}\n' for a,b,c,s in R))
def four(p,R): open(p,'w').write(''.join(f'{a} {a if c=="bonafide" else c} {b} {s}\n' for a,b,c,s in R))
test=rows; sub=rows[:40]; r.shuffle(sub); four(w+'/test.txt',test); four(w+'/sub.txt',[(a,b,c,'%.6e'%s) for a,b,c,s in sub])
four(w+'/rev.txt',[(a,b,c,-s) for a,b,c,s in test]); four(w+'/own.txt',[(a+'d',b+'d',c,r.gauss(1.2 if c=='bonafide' else 0,1)) for a,b,c,s in test]); four(w+'/big.txt',[(a+'d',b+'d',c,100*s) for a,b,c,s in test])
P
w() { python3 -c "import json,sys;d=json.load(open('$W/$1.out'));print('   ',d.get('oracle'),d.get('warnings'));sys.exit(not d['warnings'])"; }
run sub "$METAFAS" metrics --test "$W/test.txt" --dev "$W/sub.txt" --threshold dev_eer --draws 0 --json; check "dev is a part of test: warned" w sub
run rev "$METAFAS" metrics --test "$W/rev.txt" --threshold test_eer --draws 0 --json; check "reversed polarity: warned" w rev
run big "$METAFAS" metrics --test "$W/test.txt" --dev "$W/big.txt" --threshold dev_eer --draws 0 --json; check "dev on another scale: warned" w big
run own "$METAFAS" metrics --test "$W/test.txt" --dev "$W/own.txt" --threshold dev_eer --draws 0 --json; check "an honest dev: no warning" bash -c "! python3 -c \"import json,sys;sys.exit(not json.load(open('$W/own.out'))['warnings'])\""
run text "$METAFAS" metrics --test "$W/rev.txt" --threshold test_eer --draws 0; check "reversed polarity: said in words too" bash -c "cat '$W/text.out' '$W/text.err' | grep -qi 'polarity\|reversed\|other way'"
