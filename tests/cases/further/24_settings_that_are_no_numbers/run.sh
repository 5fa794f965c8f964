#!/usr/bin/env bash
# KIND    Silence taken for consent
# HIT     Numbers with commas, full-width digits or units; a key twice; unknown keys in run.toml and sweeps; seeds beyond 2^63.
# SHOULD  Refused with key, value and what is expected, or taken exactly.
. "$(dirname "$0")/../../reliability/lib.sh"
for v in "0,5" "1e" "５" "0.9x" "" "1_000,5"; do run v "$METAFAS" train "${TINY[@]}" --set "bilevel.gamma=$v" --out "$W/v"; check "gamma '$v': exit 2, key and value named" bash -c "[ $(rc v) = 2 ] && grep -q gamma '$W/v.err'"; check "…no folder" [ ! -e "$W/v" ]; done
run big "$METAFAS" train "${TINY[@]}" --seed 18446744073709551614 --out "$W/big"; check "seed 2^64-2 works, or its range is told" bash -c "[ $(rc big) = 0 ] || { [ $(rc big) = 2 ] && grep -qE '2\^63|9223372036854775807|at most|range|up to' '$W/big.err'; }"
[ "$(rc big)" = 0 ] && { run bigr "$METAFAS" resume "$W/big" --iterations 5; check "…and its session opens again" is_rc bigr 0; }
base "$W/s"; echo 'gama = 3' >"$W/extra.toml"; run unk "$METAFAS" train --config "$W/extra.toml" --out "$W/x"; check "unknown key in a config: exit 2, named" bash -c "[ $(rc unk) = 2 ] && grep -q gama '$W/unk.err'"
