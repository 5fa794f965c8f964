#!/usr/bin/env bash
# KIND    Provenance of numbers
# HIT     A copy of a session under another name, and the same session by another path, are given beside it as if they were seeds.
# SHOULD  Counted once, or told; no interval of zero width as if over two seeds.
. "$(dirname "$0")/../../reliability/lib.sh"
base "$W/a"; cp -r "$W/a" "$W/b"; mkdir "$W/d"; ln -s "$W/a" "$W/d/c"
run t "$METAFAS" table "$W/a" "$W/b" --kind results --format md; check "a copy is told or counted once" bash -c "cat '$W/t.out' '$W/t.err' | grep -qiE 'copy|copies|same (run|seed|session)|twice|identical' || ! grep -qE '± 0\.00' '$W/t.out'"
run l "$METAFAS" table "$W/a" "$W/d/c" --kind results --format md; check "the same folder by a link is told or counted once" bash -c "cat '$W/l.out' '$W/l.err' | grep -qiE 'copy|copies|same (run|seed|session)|twice|identical' || ! grep -qE '± 0\.00' '$W/l.out'"
sed -i '/^\[bilevel\]/,/^\[/s/^gamma = .*/gamma = 0.5/' "$W/b/run.toml"; run r "$METAFAS" resume "$W/b" --iterations 6; check "a setting edited in run.toml is told at resume" err_has r 'gamma'
python3 - "$W/a/scores/test.csv" <<'P'
import sys,re; p=sys.argv[1]; L=open(p).read().splitlines(True); h=L[0].strip().split(','); i=h.index('score')
for k in range(1,len(L)): c=L[k].rstrip('\n').split(','); c[i]=str(-float(c[i])); L[k]=','.join(c)+'\n'
open(p,'w').write(''.join(L))
P
run roc "$METAFAS" figure "$W/a" --kind roc --out "$W/r.svg"; check "scores edited by hand beside an old summary are told" bash -c "[ $(rc roc) != 0 ] || cat '$W/roc.out' '$W/roc.err' | grep -qiE 'belong|fingerprint|match|not those'"
