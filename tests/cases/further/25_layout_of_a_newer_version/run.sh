#!/usr/bin/env bash
# KIND    Silence taken for consent
# HIT     The window meets a layout file of a newer version, and one that holds itself, where it keeps them.
# SHOULD  It opens, says so, and overwrites neither.
. "$(dirname "$0")/../../reliability/lib.sh"
command -v xdotool >/dev/null || could_not_run "`xdotool` is not installed"
. "$HERE/lib_gui.sh"
base "$W/s"; screen; export METAFAS_CACHE="$W/cache" METAFAS_CONFIG="$W/config"; mkdir -p "$W/cache" "$W/config"
printf '{"version": 99, "from_the_future": 1}' | tee "$W/config/window.json" >"$W/cache/window.json"
gui "$W/s"; check "opens with a newer layout" alive; check "says so" sees 'newer version'; leave
check "the newer file is kept" bash -c "grep -l from_the_future '$W'/config/* '$W'/cache/* >/dev/null"
check "the layout is not kept in the cache" bash -c "! ls '$W/cache' | grep -q window.json || grep -q from_the_future '$W/cache/window.json'"
