#!/bin/sh
# Measures logs side by side; the options are those of `logs compare` in README.md here.
# Usage: bench/logging/run.sh [FOLDER] [--size 4GB] [options]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
[ -x /usr/bin/time ] || { echo "GNU time is missing: apt install time" >&2; exit 2; }
command -v rg > /dev/null || { echo "ripgrep is missing: apt install ripgrep" >&2; exit 2; }
case "${1-}" in ''|--*) set -- /var/tmp/prodops-bench/logs "$@" ;; esac
dotnet build "$root/bench/ProdOps.Benchmarks" -c Release --nologo -v q
if [ -d "$root/src/ProdOps.Host" ]; then dotnet build "$root/src/ProdOps.Host" -c Release --nologo -v q; fi
exec "$root/bench/ProdOps.Benchmarks/bin/Release/net10.0/ProdOps.Benchmarks" logs compare "$@" \
    --prodops "$root/src/ProdOps.Host/bin/Release/net10.0/prodops" --module "$root/artifacts/ProdOps/ProdOps.psd1"
