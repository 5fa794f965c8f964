#!/usr/bin/env bash
# window.json with a container that holds itself.
# SHOULD  The window opens with the delivered arrangement.
. "$(dirname "$0")/../lib.sh"
[ -n "${DISPLAY:-}" ] || { say "needs a display"; exit 0; }
base "$W/s"; mkdir "$W/cache"; cp "$(dirname "$0")/window.json" "$W/cache/window.json"
python3 - "$W/cache/window.json" <<'P'
import json, sys
w = json.load(open(sys.argv[1]))
w['tree']['tiles']['tiles']['18']['Container']['Linear']['children'] = [16, 17, 19]
json.dump(w, open(sys.argv[1], 'w'))
P
METAFAS_CACHE="$W/cache" timeout -k 1 15 "$METAFAS" gui "$W/s" >"$W/gui.out" 2>"$W/gui.err"; R=$?
check "the window stays open (ended by timeout)" bash -c "[ $R = 124 ] || [ $R = 143 ] || [ $R = 0 ]"
