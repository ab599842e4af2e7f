#!/usr/bin/env bash
# PuTTY's psftp; FileZilla is built on the same code. Debian package: putty-tools.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/putty.sh"

lacks_times='psftp does not keep times'

batch() {
  local commands
  commands=$(mktemp commands.XXXXXX)
  cat > "$commands"
  psftp -batch -P "$PORT" -i "$KEY.ppk" "${host_keys[@]}" -b "$commands" "$LOGIN@$HOST"
}
put() { batch <<< "put \"$1\" \"$2\""; }
get() { batch <<< "get \"$1\" \"$2\""; }

do_resume() {
  put resume.half inbox/resume.xml
  batch <<< 'reput resume.xml inbox/resume.xml'
}
do_rename() {
  printf '%s\n' 'put rename.xml inbox/rename.xml.part' 'mv inbox/rename.xml.part inbox/rename.xml' | batch
}
do_list() { batch <<< 'ls inbox' | grep -w 'put\.xml'; }
do_many() { printf '%s\n' 'cd inbox' 'mput many/*.xml' | batch; }

all_operations
