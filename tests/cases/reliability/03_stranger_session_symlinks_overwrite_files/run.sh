#!/usr/bin/env bash
# A session or sweep from somebody else holds symbolic links in the place of its files and folders.
# SHOULD  No file outside changes. Where a part of the session is a link, a writer refuses it: one sentence, exit 2.
. "$(dirname "$0")/../lib.sh"
mkdir "$W/home" "$W/else" "$W/maps"
for f in home/.bashrc home/notes.txt home/log.txt home/keys else/test.csv else/results.json maps/000999.safetensors; do echo precious >"$W/$f"; done
whole() { [ "$(cat "$W"/home/.bashrc "$W"/home/notes.txt "$W"/home/log.txt "$W"/home/keys "$W"/else/* "$W"/maps/000999.safetensors | grep -cx precious)" = 7 ]; }
base "$W/a"; ln -s "$W/home/.bashrc" "$W/a/status.json.new"; ln -s "$W/home/notes.txt" "$W/a/metrics.jsonl.new"
run aside "$METAFAS" resume "$W/a" --iterations 6
check "links in the place of files aside: resumed" is_rc aside 0
check "...and nothing outside changed" whole
check "...and no file of the session is a link" bash -c "[ -z \"\$(find '$W/a' -type l)\" ]"
for part in timing.jsonl scores maps checkpoints; do
  base "$W/$part.s"; rm -r "$W/$part.s/$part"
  case $part in timing.jsonl) ln -s "$W/home/log.txt" "$W/$part.s/$part";; scores) ln -s "$W/else" "$W/$part.s/$part";; *) ln -s "$W/maps" "$W/$part.s/$part";; esac
  for what in resume evaluate; do
    run link "$METAFAS" $what "$W/$part.s"
    check "$part is a link: $what is refused, exit 2" is_rc link 2
    check "$part is a link: $what says so in one sentence" bash -c "grep -q 'symbolic link' '$W/link.err' && [ \$(grep -c '^metafas: ' '$W/link.err') = 1 ]"
  done
done
check "nothing outside changed" whole
printf 'name = "s"\npreset = "demo"\n[grid]\nseed = [0]\n' >"$W/s.toml"; "$METAFAS" sweep plan "$W/s.toml" --out "$W/sw" >/dev/null 2>&1
mkdir -p "$W/sw/work"; ln -s "$W/home/keys" "$W/sw/work/0000.lock"
run lock timeout 60 "$METAFAS" sweep case "$W/sw" 0 --threads 1
check "the lock of a case is a link: not done" bash -c "[ $(rc lock) != 0 ]"
check "...and nothing outside changed" whole
