#!/usr/bin/env bash
# KIND    Harm to the user's machine
# HIT     A stranger's data set holds a list of files for ffmpeg (ffconcat, SDP) under the name of a video.
# SHOULD  Neither the listed file is read nor a connection made; the clip is named as unreadable.
. "$(dirname "$0")/../../reliability/lib.sh"
needs ffmpeg strace; videos "$W/v"; mkdir "$W/outside"; cp "$W/v/vid/b.mp4" "$W/outside/secret.mp4"
printf 'ffconcat version 1.0\nfile %s\n' "$W/outside/secret.mp4" >"$W/v/vid/c.mov"
printf 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n' >"$W/v/vid/d.mp4"
printf 'path,label,subject,split\nvid/b.mp4,live,b,train\nvid/a.avi,spoof,a,train\nvid/c.mov,live,c,train\nvid/d.mp4,spoof,d,train\n' >"$W/v/m.csv"
run pack timeout 100 strace -f -qq -o "$W/trace" -e trace=openat,connect,bind,socket "$METAFAS" data pack "$W/v/m.csv" --preset plain --out "$W/pk" --frames 1 --threads 1
check "the listed file is not opened" bash -c "! grep -q 'secret.mp4' '$W/trace'"
check "no network socket is made" bash -c "! grep -q 'AF_INET' '$W/trace'"
check "the list is named as unreadable" bash -c "cat '$W/pack.out' '$W/pack.err' | grep -q 'c.mov'"
check "ends in time" bash -c "[ $(rc pack) != 124 ]"
