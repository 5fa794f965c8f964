#!/usr/bin/env bash
# KIND    One bad file
# HIT     A damaged line in the middle of commands.jsonl and of metrics.jsonl, zero bytes at the end, a bad map among good ones.
# SHOULD  Dropped and told with their number; nothing vanishes in silence.
. "$(dirname "$0")/../../reliability/lib.sh"
rm -rf "$W/s"; base "$W/s"; printf '{"iteration":11,"phase":0,"key":"bilevel.gamma","value":"0.9"}\n{"iter\n{"iteration":12,"phase":0,"key":"bilevel.gamma","value":"0.99"}\n' >"$W/s/commands.jsonl"
run c timeout 100 "$METAFAS" resume "$W/s" --iterations 6; check "damaged line in commands.jsonl: told" err_has c 'commands.jsonl'
rm -rf "$W/s"; base "$W/s"; sed -i '5s/"iteration"/"iterat/' "$W/s/metrics.jsonl"; rm "$W/s/checkpoints/$(ls "$W/s/checkpoints" | tail -1)"; run m timeout 100 "$METAFAS" resume "$W/s"; check "damaged row: told, or made anew" bash -c "grep -qi 'row\|line' '$W/m.err' || [ $(wc -l <"$W/s/metrics.jsonl") = 24 ]"
rm -rf "$W/s"; base "$W/s"; head -c 300 /dev/zero >>"$W/s/metrics.jsonl"; run z timeout 100 "$METAFAS" resume "$W/s" --iterations 6; check "zero bytes after a crash: goes on" is_rc z 0; check "…without zero bytes in the file" bash -c "! grep -qP '\\x00' '$W/s/metrics.jsonl'"
rm -rf "$W/s"; base "$W/s"; F=$(ls "$W/s/maps"/0* | head -1); head -c 100 /dev/urandom >"$F"; run f timeout 100 "$METAFAS" figure "$W/s" --kind maps --out "$W/f.svg"; check "one bad map file: the figure of the others is drawn" is_rc f 0
