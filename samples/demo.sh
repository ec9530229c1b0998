#!/usr/bin/env bash
# The main job on real orders, in the embedded engine: upload, wait, look, export.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }
trap 'merchant-sales local stop' EXIT

say "Start the embedded engine and deploy the stack in it"
merchant-sales local start

say "Upload a year of supermarket orders: 75,000 lines of 293 stores"
merchant-sales --local upload --prefix complete_journey/ --wait samples/complete_journey/*.csv.gz

say "Upload 44 months of a city's card payments: 185,909 lines of 15,854 merchants"
merchant-sales --local upload --prefix birmingham_pcard/ --wait samples/birmingham_pcard/*.csv.gz

say "The merchants with the highest net sales"
merchant-sales --local top -n 10

say "The line of the supermarket orders that was not counted, and why"
merchant-sales --local rejects complete_journey/complete_journey_transactions_sample.csv.gz

say "Every merchant's totals"
merchant-sales --local export demo-export.csv

say "Where to look next"
cat <<'NEXT'
  source .venv/bin/activate              then the command is merchant-sales
  merchant-sales local start             the engine comes back with all of this in it
  merchant-sales --local runs            every order file and what became of its lines
  merchant-sales --local sales 367       one merchant by currency, month and file
  merchant-sales --local dashboard       the same in a browser
  merchant-sales --local upload FILE --wait     your own orders; their columns go into formats/
  demo-export.csv                        the totals, exact to the last digit
NEXT
say "Stop the engine"
