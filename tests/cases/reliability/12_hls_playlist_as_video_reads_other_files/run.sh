#!/usr/bin/env bash
# A playlist (HLS, concat) with a video's name has ffmpeg read files outside the data set.
# SHOULD  It is not opened; the clip is reported.
. "$(dirname "$0")/../lib.sh"
needs ffmpeg strace
mkdir "$W/outside"; ffmpeg -v error -y -f lavfi -i "testsrc=s=96x96:r=5" -frames:v 6 "$W/outside/secret.mp4"; cp "$W/outside/secret.mp4" "$W/b.mp4"
printf '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://%s\n#EXT-X-ENDLIST\n' "$W/outside/secret.mp4" >"$W/a.mp4"
printf 'ffconcat version 1.0\nfile %s\n' "outside/secret.mp4" >"$W/c.mp4"
printf 'path,label,subject,split\na.mp4,live,a,train\nc.mp4,live,c,train\nb.mp4,spoof,b,train\n' >"$W/m.csv"
run pack strace -f -qq -o "$W/tr" -e trace=open,openat "$METAFAS" data pack "$W/m.csv" --out "$W/pk" --frames 2 --threads 1
check "the other file is not opened" bash -c "! grep -q secret.mp4 '$W/tr'"
check "the clip is reported" bash -c "cat '$W/pack.out' '$W/pack.err' | grep -q 'list of other files'"
