#!/usr/bin/env bash
# KIND    Harm to the user's machine
# HIT     A file of a pack is a link that leads outside, or the pack's index is a link.
# SHOULD  Reading it does not crash; making the pack anew does not write through the link.
. "$(dirname "$0")/../../reliability/lib.sh"
needs ffmpeg; videos "$W/v"; "$METAFAS" data pack "$W/v/m.csv" --preset plain --out "$W/pk" --frames 2 --threads 1 >"$W/p.out" 2>&1 || could_not_run "no pack could be made: $(tail -1 "$W/p.out")"
ls "$W/pk" | tr '\n' ' '; echo
for f in $(ls "$W/pk"); do [ -f "$W/pk/$f" ] || continue
  rm -rf "$W/q"; cp -r "$W/pk" "$W/q"; mv "$W/q/$f" "$W/mine"; printf 'precious' >"$W/mine"; ln -s "$W/mine" "$W/q/$f"
  run loader timeout 60 "$METAFAS" bench loader "$W/q" --seconds 0.05; check "$f: no crash" no_panic loader
  run again timeout 100 "$METAFAS" data pack "$W/v/m.csv" --preset plain --out "$W/q" --frames 3 --threads 1
  check "$f: what the link leads to is as it was" [ "$(cat "$W/mine")" = precious ]
done
