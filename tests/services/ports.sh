# Sourced by the services: free ports on loopback, and waiting until one answers.

# Does somebody listen on port $1?
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints a port that nobody listens on, below those that the kernel hands out by itself.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    answers "$port" || { echo "$port"; return; }
  done
  echo "no free port between 20000 and 32000" >&2
  return 1
}

# Waits at most ten seconds for port $1.
wait_for_port() {
  for _ in $(seq 200); do
    ! answers "$1" || return 0
    sleep 0.05
  done
  echo "nobody answers on 127.0.0.1:$1 after ten seconds" >&2
  return 1
}
