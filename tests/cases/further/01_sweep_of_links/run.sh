#!/usr/bin/env bash
# KIND    Harm to the user's machine
# HIT     A sweep from elsewhere has a case folder that is a link; running the case fills and cleans the folder that the link names.
# SHOULD  Refused with a sentence; nothing behind the link changes.
. "$(dirname "$0")/../../reliability/lib.sh"
sweep "$W/sw"; mkdir -p "$W/home/maps"; echo mine >"$W/home/maps/keep.txt"
F=$(python3 -c "import json;print(json.loads(open('$W/sw/cases.jsonl').readline())['folder'])"); mkdir -p "$(dirname "$W/sw/$F")"; rm -rf "$W/sw/$F"; ln -s "$W/home" "$W/sw/$F"
run go timeout 120 "$METAFAS" sweep case "$W/sw" 0 --threads 1
check "the folder behind the link is as it was" [ "$(cat "$W/home/maps/keep.txt" 2>/dev/null)" = mine ]
check "nothing was written there" [ "$(find "$W/home" -type f | wc -l)" = 1 ]
check "refused with a sentence" bash -c "[ $(rc go) != 0 ] && grep -q 'metafas: ' '$W/go.err'"
