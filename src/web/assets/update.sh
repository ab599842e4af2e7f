#!/bin/sh
# Fetches govuk-frontend and compiles web.scss: run by hand after a change, never by the build.
# Needs node and npm. Commit what it changes.
set -eu

govuk_version=6.6.0
sass_version=1.108.2

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
    "govuk-frontend@$govuk_version" "sass@$sass_version"

node_modules/.bin/sass --style=compressed --no-source-map --quiet-deps --load-path=node_modules \
    "$here/web.scss" "$scratch/web.css"
sed 's,//# sourceMappingURL=.*,,' \
    node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js >"$scratch/govuk-frontend.min.js"

# What only services on gov.uk domains may show.
if grep -Eil 'gds[ -]?transport|crown|crest|@font-face' web.css govuk-frontend.min.js; then
    echo "update.sh: the files above name the GDS Transport font, the crown or the royal arms" >&2
    exit 1
fi

cp web.css govuk-frontend.min.js "$here/"
