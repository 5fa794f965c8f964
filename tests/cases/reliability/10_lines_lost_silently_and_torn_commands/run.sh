#!/usr/bin/env bash
# HIT     A damaged row in the middle of metrics.jsonl vanished at the next resume, nothing said; half a line of commands.jsonl made the
#         session impossible to resume.
# SHOULD  Damaged rows are counted, told and left in the file; half a line is removed and told; only live settings are obeyed at replay.
. "$(dirname "$0")/../lib.sh"
reference "$W/a"; cp -r "$W/a" "$W/b"; cp -r "$W/a" "$W/c"
sed -i '51s/"iteration"/"iterat/' "$W/a/metrics.jsonl"; rm "$W"/a/checkpoints/00016*; sed -i 's/"finished"/"running"/' "$W/a/status.json"
run row "$METAFAS" resume "$W/a"
check "a damaged row: exit 0" is_rc row 0
check "…told with its number" err_has row 'lacks 1 of [0-9]+ rows'
check "…and left in the file" grep -q '"iterat:' "$W/a/metrics.jsonl"
check "…among all the others" [ "$(wc -l <"$W/a/metrics.jsonl")" = 160 ]
printf '{"iteration":70,"phase":0,"key":"bilevel.gamma","value":"0.9"}\n{"iteration":75,"pha' >"$W/b/commands.jsonl"
run torn "$METAFAS" resume "$W/b"
check "half a line of commands.jsonl: exit 0" is_rc torn 0
check "…told" err_has torn 'half a line'
check "…and removed" [ "$(wc -l <"$W/b/commands.jsonl")" = 1 ]
printf '{"iteration":70,"phase":0,"key":"data.size","value":"64"}\n' >"$W/c/commands.jsonl"; rm "$W"/c/checkpoints/00016*; sed -i 's/"finished"/"running"/' "$W/c/status.json"
run key "$METAFAS" resume "$W/c"
check "a setting that is not live: exit 0" is_rc key 0
check "…ignored and told" err_has key 'data.size'
