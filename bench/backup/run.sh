#!/bin/sh
# Measures backups side by side; the options are those of `run` in README.md here.
set -eu
cd "$(dirname "$0")/../.."
[ -x /usr/bin/time ] || { echo "GNU time is missing: apt install time" >&2; exit 2; }
dotnet build bench/ProdOps.Benchmarks -c Release --nologo -v q
if [ -d src/ProdOps.Host ]; then dotnet build src/ProdOps.Host -c Release --nologo -v q; fi
exec bench/ProdOps.Benchmarks/bin/Release/net10.0/ProdOps.Benchmarks run "$@"
