#!/usr/bin/env bash
# What clients notice of what is done to balancers and servers: the lab tests that count, in their long forms, and the table of what they counted. At least 100,000 requests each where none may fail.
# Usage: bench/load-balancing/counts.sh [filter]    as root on Linux, about half an hour; the filter is one of dotnet test, such as FullyQualifiedName~DrainTests
# Environment: CONFIGURATION (Release).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
configuration=${CONFIGURATION:-Release} filter="Counts=yes${1:+&$1}"
dotnet build tests/Lab -c "$configuration" --nologo -v quiet
table=$(mktemp)
trap 'rm -f "$table"' EXIT
code=0
PRODOPS_FULL_TESTS=1 PRODOPS_COUNTS=$table dotnet test tests/Lab -c "$configuration" --no-build --nologo --filter "$filter" || code=$?
printf '| what | requests | failed | lost | replayed | longest gap | |\n| --- | ---: | ---: | ---: | ---: | ---: | --- |\n'
cat "$table"
exit $code
