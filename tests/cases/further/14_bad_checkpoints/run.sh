#!/usr/bin/env bash
# KIND    One bad file
# HIT     A folder, an unreadable file or a text lies in the place of the newest checkpoint; an older one is damaged.
# SHOULD  The newest whole one is used and the other named.
. "$(dirname "$0")/../../reliability/lib.sh"
for k in folder text old; do rm -rf "$W/s"; base "$W/s"; L=$(ls "$W/s/checkpoints" | tail -1); O=$(ls "$W/s/checkpoints" | head -1)
  case $k in folder) rm "$W/s/checkpoints/$L"; mkdir "$W/s/checkpoints/$L";; text) echo "<html>404</html>" >"$W/s/checkpoints/$L";; old) : >"$W/s/checkpoints/$O";; esac
  sed -i 's/"finished"/"running"/' "$W/s/status.json"; run $k timeout 100 "$METAFAS" resume "$W/s"; check "$k: resume ends with 0" is_rc $k 0
  [ $k = old ] || check "$k: the bad checkpoint is named" err_has $k "$L"; done
