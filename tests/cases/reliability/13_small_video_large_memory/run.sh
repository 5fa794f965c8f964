#!/usr/bin/env bash
# A small video of very large pictures.
# SHOULD  Refused with a sentence before its pictures are decoded; the program stays below 1,000 MB.
. "$(dirname "$0")/../lib.sh"
command -v ffmpeg >/dev/null || { say "needs ffmpeg"; exit 0; }
ffmpeg -v error -y -f lavfi -i "color=black:s=16000x16000:r=1" -frames:v 2 -c:v png "$W/big.avi"; cp "$W/big.avi" "$W/big2.avi"
printf 'path,label,subject,split\nbig.avi,live,a,train\nbig2.avi,spoof,b,train\n' >"$W/m.csv"
cat >"$W/peak.py" <<'P'
import os, subprocess, sys, time
p = subprocess.Popen(sys.argv[2:], stdout=open(os.devnull, 'w'), stderr=open(sys.argv[1], 'w'))
peak = 0
while p.poll() is None:
    total = 0
    for d in filter(str.isdigit, os.listdir('/proc')):
        try:
            s = open(f'/proc/{d}/stat').read().rsplit(')', 1)[1].split()
        except OSError:
            continue
        if int(s[1]) == p.pid or int(d) == p.pid:
            total += int(s[21]) * 4096
    peak = max(peak, total >> 20)
    time.sleep(.02)
print(peak)
P
PEAK=$(python3 "$W/peak.py" "$W/pack.err" "$METAFAS" data pack "$W/m.csv" --out "$W/pk" --frames 2 --threads 1); say "peak $PEAK MB; $(tail -1 "$W/pack.err")"
check "below 1,000 MB" [ "$PEAK" -lt 1000 ]
check "a sentence says why" grep -q 'million pixels' "$W/pack.err"
