#!/bin/sh
# Measures backups side by side; the options are those of `run` in README.md here.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
[ -x /usr/bin/time ] || { echo "GNU time is missing: apt install time" >&2; exit 2; }
dotnet build "$root/bench/ProdOps.Benchmarks" -c Release --nologo -v q
if [ -d "$root/src/ProdOps.Host" ]; then dotnet build "$root/src/ProdOps.Host" -c Release --nologo -v q; fi
exec "$root/bench/ProdOps.Benchmarks/bin/Release/net10.0/ProdOps.Benchmarks" run \
    --prodops "$root/src/ProdOps.Host/bin/Release/net10.0/prodops" "$@"
