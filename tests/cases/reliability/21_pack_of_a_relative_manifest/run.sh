#!/usr/bin/env bash
# HIT     The same manifest given as m.csv and as /full/path/m.csv made other stamps where its rows hold absolute paths: the pack was "stale".
# SHOULD  It is the same manifest: nothing is cut again.
. "$(dirname "$0")/../lib.sh"
python3 "$(dirname "$0")/../clips.py" "$W/d" 12
python3 - "$W/d/m.csv" <<'P'
import os,sys
p=sys.argv[1]; lines=open(p).read().splitlines(); d=os.path.dirname(p)
open(p,'w').write('\n'.join([lines[0]]+[os.path.join(d,l) for l in lines[1:]])+'\n')
P
cd "$W/d" || exit 3
run relative "$METAFAS" data pack m.csv --preset plain --out "$W/pk" --threads 1; check "packed by its relative name" is_rc relative 0
SUM=$(cat "$W"/pk/*.faces | sha256sum)
run absolute "$METAFAS" data pack "$PWD/m.csv" --preset plain --out "$W/pk" --threads 1; check "by its absolute name: taken as it is" is_rc absolute 0
check "…not one byte is cut again" [ "$SUM" = "$(cat "$W"/pk/*.faces | sha256sum)" ]
