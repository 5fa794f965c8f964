#!/usr/bin/env bash
# HIT     Where threads could not be made (1024 of them in 4 GB) the engine waited for ever, and TERM and INT changed nothing.
# SHOULD  It ends by itself with a sentence, or the second signal ends it at once.
. "$(dirname "$0")/../lib.sh"
(ulimit -v 4194304; exec python3 -c "import os,signal,sys; signal.signal(2,signal.SIG_DFL); os.execvp(sys.argv[1],sys.argv[1:])" "$METAFAS" train "${TINY[@]}" --set compute.threads=1024 --out "$W/th" >"$W/th.out" 2>"$W/th.err") & P=$!; PIDS+=($P)
for _ in $(seq 20); do kill -0 $P 2>/dev/null || break; sleep 1; done
if kill -0 $P 2>/dev/null; then
  say "    it still runs after 20 s; TERM, then INT"
  kill -TERM $P; sleep 3; kill -INT $P 2>/dev/null; sleep 3
  check "two signals end it" bash -c "! kill -0 $P 2>/dev/null"
  kill -9 $P 2>/dev/null; wait $P 2>/dev/null
else
  wait $P; R=$?; say "    it ended by itself: rc=$R"; tail -n 2 "$W/th.err"
  check "exit code 0, 1 or 2, with a sentence where it is not 0" bash -c "[ $R = 0 ] || { [ $R -le 2 ] && grep -q '^metafas: ' '$W/th.err'; }"
fi
