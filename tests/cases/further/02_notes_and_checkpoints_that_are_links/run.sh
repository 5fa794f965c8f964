#!/usr/bin/env bash
# KIND    Harm to the user's machine
# HIT     A session from elsewhere has links in the place of commands.jsonl, metrics.jsonl and a checkpoint that is written next.
# SHOULD  resume refuses, or writes none of what the links name.
. "$(dirname "$0")/../../reliability/lib.sh"
try() { # try FILE-OF-THE-SESSION: it is a link to a file elsewhere; resume must leave that file as it is
  rm -rf "$W/s"; base "$W/s"; if [ -e "$W/s/$1" ]; then mv "$W/s/$1" "$W/mine"; else : >"$W/mine"; fi
  cp "$W/mine" "$W/mine0"; ln -s "$W/mine" "$W/s/$1"; run res timeout 120 "$METAFAS" resume "$W/s" --iterations 8
  check "the file that $1 leads to is as it was" cmp "$W/mine" "$W/mine0"
}
for f in commands.jsonl metrics.jsonl timing.jsonl run.toml checkpoints/000026.safetensors status.json.new scores/test.csv; do try $f; done
