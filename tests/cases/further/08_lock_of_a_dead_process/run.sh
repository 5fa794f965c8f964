#!/usr/bin/env bash
# KIND    A session has no owner
# HIT     A lock file is left by a process that was killed, by a file copied with the session, or belongs to a run that goes on elsewhere.
# SHOULD  It does not block: resume works.
. "$(dirname "$0")/../../reliability/lib.sh"
base "$W/s"; long "$W/s" 60000; sleep 4; kill -9 $BG; wait $BG 2>/dev/null
run res timeout 15 "$METAFAS" resume "$W/s" --iterations 60000; check "resume after a kill trains again" bash -c "[ $(rc res) = 124 ] || [ $(rc res) = 143 ] || [ $(rc res) = 0 ]"
cp -r "$W/s" "$W/copy"; run copy timeout 15 "$METAFAS" resume "$W/copy" --iterations 60000; check "a copy with all files can be resumed" bash -c "[ $(rc copy) = 124 ] || [ $(rc copy) = 143 ] || [ $(rc copy) = 0 ]"
long "$W/s" 60000; sleep 4; cp -r "$W/s" "$W/while"; run cp2 timeout 15 "$METAFAS" resume "$W/while" --iterations 60000; check "a copy of a run that goes on is free" bash -c "[ $(rc cp2) = 124 ] || [ $(rc cp2) = 143 ] || [ $(rc cp2) = 0 ]"
run fig timeout 100 "$METAFAS" figure "$W/s" --kind maps --out "$W/a.svg"; check "reading beside a trainer is allowed" is_rc fig 0
kill -INT $BG; wait $BG
