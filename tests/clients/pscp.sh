#!/usr/bin/env bash
# PuTTY's pscp over SFTP. Debian package: putty-tools.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/putty.sh"

lacks_resume='pscp begins anew'
lacks_rename='pscp cannot rename'

copy() { pscp -sftp -q -batch -P "$PORT" -i "$KEY.ppk" "${host_keys[@]}" "$@"; }
put() { copy "$1" "$LOGIN@$HOST:$2"; }
get() { copy "$LOGIN@$HOST:$1" "$2"; }

do_times() { copy -p times.xml "$LOGIN@$HOST:inbox/times.xml"; }
do_list() { copy -ls "$LOGIN@$HOST:inbox" | grep -w 'put\.xml'; }
do_many() { copy many/*.xml "$LOGIN@$HOST:inbox/"; }

all_operations
