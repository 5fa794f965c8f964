#!/usr/bin/env bash
# KIND    Scores
# HIT     Species that differ in no-break blanks and case; a perfect detector on five faces; one doubled video; a constant dev.
# SHOULD  One species; intervals that are not of zero width; told.
. "$(dirname "$0")/../../reliability/lib.sh"
python3 "$(dirname "$0")/make.py" "$W"
run sp "$METAFAS" metrics --test "$W/species.csv" --threshold fixed:0.5 --draws 0 --json; check "one species by any spelling: APCER 2 of 20" python3 -c "
import json,sys;d=json.load(open('$W/sp.out'));print('   ',d['apcer'],d['apcer_max'],d['warnings']);sys.exit(not(len(d['apcer'])==1 and abs(d['apcer_max']-0.1)<1e-9 or d['warnings']))"
run five "$METAFAS" metrics --test "$W/five.csv" --threshold test_eer --json; check "no interval of zero width at 0 or 1" python3 -c "
import json,sys;d=json.load(open('$W/five.out'));z=[k for k,v in d['ci'].items() if isinstance(v,list) and v[0] is not None and v[0]==v[1]];print('   ',z);sys.exit(bool(z))"
run con "$METAFAS" metrics --test "$W/five.csv" --dev "$W/const.csv" --threshold dev_eer --draws 0 --json; check "constant dev: warned" python3 -c "
import json,sys;sys.exit(not json.load(open('$W/con.out'))['warnings'])"
