# What psftp.sh and pscp.sh share: keys of PuTTY's own format, and the host key by its fingerprint.
for key in "$KEY" "$WRONG_KEY"; do
  puttygen "$key" -O private -o "$key.ppk" --ppk-param version=3 >/dev/null || exit 1
done
# PuTTY keeps host keys and settings in the home folder.
export HOME=$PWD
host_keys=()
while read -r _ fingerprint _; do
  host_keys+=(-hostkey "$fingerprint")
done < <(ssh-keyscan -p "$PORT" "$HOST" 2>/dev/null | ssh-keygen -lf -)
