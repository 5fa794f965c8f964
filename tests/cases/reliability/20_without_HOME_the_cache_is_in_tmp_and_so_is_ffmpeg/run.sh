#!/usr/bin/env bash
# No HOME, XDG_CACHE_HOME or METAFAS_CACHE: a program that somebody else put into the shared temporary folder.
# SHOULD  It is not run.
. "$(dirname "$0")/../lib.sh"
for place in metafas "metafas-$(id -u)"; do
  mkdir -p "$W/tmp/$place/ffmpeg"; [ "$place" = metafas ] || chmod o+w "$W/tmp/$place"
  printf '#!/bin/sh\nPATH=/usr/bin:/bin\ntouch %s/pwned\necho "ffmpeg version 6.0 x"\n' "$W" >"$W/tmp/$place/ffmpeg/ffmpeg"; chmod +x "$W/tmp/$place/ffmpeg/ffmpeg"
done
printf "no video" >"$W/b.mp4"; cp "$W/b.mp4" "$W/c.mp4"; printf 'path,label,subject,split\nb.mp4,live,a,train\nc.mp4,spoof,b,train\n' >"$W/m.csv"
run pack env -i TMPDIR="$W/tmp" PATH=/nonexistent "$METAFAS" data pack "$W/m.csv" --out "$W/pk" --frames 2 --threads 1
check "it is not run" [ ! -e "$W/pwned" ]
check "a sentence, no crash" no_panic pack
