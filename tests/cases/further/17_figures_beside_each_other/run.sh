#!/usr/bin/env bash
# KIND    Writes
# HIT     Two kinds of figure are written under one stem; a figure is written where a folder, a read-only file or somebody else's file lies.
# SHOULD  Each side-car tells of its own figure; a file that is not ours is kept or its replacement said.
. "$(dirname "$0")/../../reliability/lib.sh"
base "$W/s"; "$METAFAS" figure "$W/s" --kind curves --out "$W/x.svg" >/dev/null 2>&1; "$METAFAS" figure "$W/s" --kind roc --out "$W/x.png" --dpi 72 >/dev/null 2>&1
check "x.json still tells of the curves, or each has its own" bash -c "grep -qi curves '$W/x.json' || grep -qi curves '$W/x.svg.json'"
mkdir "$W/y.svg"; run d "$METAFAS" figure "$W/s" --kind roc --out "$W/y.svg"; check "a folder in its place: exit 2 or 1 with a sentence" bash -c "[ $(rc d) != 0 ] && grep -q 'metafas: ' '$W/d.err'"
printf '{"mine": 1}\n' >"$W/z.json"; run z "$METAFAS" figure "$W/s" --kind roc --out "$W/z.svg"; check "somebody else's z.json is kept" grep -q mine "$W/z.json"
ls -a "$W" | grep -E '\.new$|\.tmp' >"$W/left"; check "no debris" [ ! -s "$W/left" ]
