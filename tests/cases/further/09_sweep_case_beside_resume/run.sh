#!/usr/bin/env bash
# KIND    A session has no owner
# HIT     A case of a sweep is resumed by hand while the sweep runs it; two evaluations of one session at once.
# SHOULD  The second is refused with exit 2 and names the process.
. "$(dirname "$0")/../../reliability/lib.sh"
sweep "$W/sw"; F="$W/sw/$(python3 -c "import json;print(json.loads(open('$W/sw/cases.jsonl').readline())['folder'])")"
"$METAFAS" sweep case "$W/sw" 0 --threads 1 >/dev/null 2>&1; check "the case is finished" grep -q finished "$F/status.json"
long "$F" 60000; sleep 5
run again timeout 60 "$METAFAS" resume "$F" --iterations 60000; check "second resume refused, exit 2" is_rc again 2
run case timeout 60 "$METAFAS" sweep case "$W/sw" 0 --threads 1; check "sweep case beside it is refused or leaves it alone" bash -c "[ $(rc case) != 0 ] || grep -qi 'alone\|another process\|being' '$W/case.err' '$W/case.out'"
check "the first is alive" kill -0 $BG; kill -INT $BG; wait $BG
run third timeout 100 "$METAFAS" resume "$F" --iterations 4; say "    afterwards: rc $(rc third)"
base "$W/e"; ("$METAFAS" evaluate "$W/e" >/dev/null 2>"$W/x.err"; echo $? >"$W/x.rc") & X=$!; ("$METAFAS" evaluate "$W/e" >/dev/null 2>"$W/y.err"; echo $? >"$W/y.rc") & Y=$!; wait $X $Y
check "of two evaluations at once each ends with 0 or 2" bash -c "for r in $(rc x) $(rc y); do [ \$r = 0 ] || [ \$r = 2 ] || exit 1; done; [ $(rc x) = 0 ] || [ $(rc y) = 0 ]"
check "results are whole" python3 -c "import json;json.load(open('$W/e/scores/results.json'))"
