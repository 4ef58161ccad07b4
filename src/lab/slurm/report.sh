
set -e
"$program" lab status "$results"
"$program" lab collect "$results" --csv
"$program" lab report "$results"
# Whole or not at all.
"$program" lab report "$results" --format md >"$results/report.md.unfinished"
mv "$results/report.md.unfinished" "$results/report.md"
