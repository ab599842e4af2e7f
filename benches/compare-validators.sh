#!/usr/bin/env bash
# ecocd's judging beside libxml2, Java's validator, the crate xsd-schema, and the bare
# tokenizer: the same documents, in interleaved rounds, by the time of the processor.
#
#   benches/compare-validators.sh [--rounds N] [--slice MILLISECONDS] [--only NAME] [--no-hostile]
#
# Everything is passed on to `cargo bench --bench check`. Java is left out, loudly, where there is no JDK.
# Debian packages: gcc, libxml2-dev, pkg-config; default-jdk-headless for Java.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in -h | --help) sed -n '2,8p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;; esac

made=target/validators schema=config/schema/ivi-2.0-uk.xsd
mkdir -p "$made"
pkg-config --exists libxml-2.0 || { echo "libxml2-dev is missing" >&2; exit 1; }
# shellcheck disable=SC2046 # several words are meant
cc -O2 -Wall -Wextra -o "$made/libxml2" benches/validators/libxml2.c $(pkg-config --cflags --libs libxml-2.0)

# "libxml2 stream" can be added in the same way; libxml2 2.9.14 crashed in it now and then on invalid documents.
beside=(--beside "libxml2 tree=$made/libxml2 tree $schema")
if command -v javac >/dev/null; then
  javac -d "$made" benches/validators/Validators.java
  beside+=(--beside "Java=java -Xmx512m -XX:+UseSerialGC -cp $made Validators $schema")
else
  echo "NOT MEASURED: Java's validator, because there is no JDK" >&2
fi
echo "libxml2 $(pkg-config --modversion libxml-2.0); $(java -version 2>&1 | head -n 1)" >&2
cargo bench --quiet --locked --bench check -- "${beside[@]}" "$@"
